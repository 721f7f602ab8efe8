import { ManualClock } from '@hadal/base'
import { type BatchFunction, type BatchOptions, batch } from '@hadal/batching'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'

/** Resolves when everything due by now has run. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A batch function whose calls the test resolves manually. */
function byHand(options: BatchOptions<string> = {}) {
  const clock = new ManualClock()
  const calls: {
    readonly items: readonly string[]
    readonly signal: AbortSignal
    readonly resolve: (results: readonly (string | Error)[]) => void
    readonly reject: (reason: unknown) => void
  }[] = []
  const fn: BatchFunction<string, string> = (items, { signal }) =>
    new Promise((resolve, reject) => calls.push({ items, signal, resolve, reject }))
  const run = batch(fn, { maxBatchSize: 3, clock, ...options })
  const answer = (at: number): void => calls[at]!.resolve(calls[at]!.items.map((item) => item.toUpperCase()))
  const requested = () => calls.map(({ items }) => items.join(''))
  return { clock, calls, run, answer, requested }
}

afterEach(() => vi.restoreAllMocks())

describe('batch', () => {
  it('gives each caller its own result, of one call', async () => {
    const sizes: number[] = []
    const square = batch(async (numbers: readonly number[]) => {
      sizes.push(numbers.length)
      return numbers.map((each) => each * each)
    })
    expect(await Promise.all([1, 2, 3].map((each) => square(each)))).toEqual([1, 4, 9])
    expect(sizes).toEqual([3])
  })

  it('gathers while the function is busy, as many calls at a time as it may', async () => {
    const { run, answer, requested } = byHand({ concurrency: 2 })
    const results = [...'abcdefgh'].map((item) => run(item))
    await settled()
    expect(requested()).toEqual(['abc', 'def'])
    expect(run.stats).toMatchObject({ waiting: 2, running: 2, batches: 2, items: 6 })
    answer(1)
    await settled()
    expect(requested()).toEqual(['abc', 'def', 'gh'])
    answer(0)
    answer(2)
    expect((await Promise.all(results)).join('')).toBe('ABCDEFGH')
    expect(run.stats).toMatchObject({ waiting: 0, running: 0, batches: 3, items: 8 })
  })

  it('waits for more items up to its timeout, and no longer than until a batch is full', async () => {
    const { clock, run, requested } = byHand({ timeoutMicros: 5000, concurrency: 2 })
    void run('a')
    await settled()
    clock.advance(4)
    void run('b')
    await settled()
    expect(requested()).toEqual([])
    clock.advance(1)
    await settled()
    expect(requested()).toEqual(['ab'])
    for (const item of 'cde') void run(item)
    await settled()
    expect(requested()).toEqual(['ab', 'cde'])
    expect(run.stats.waitedMillis).toBe(6)
  })

  it('rejects all with what the function throws, at once or later, and one with an Error among results', async () => {
    const { run, calls } = byHand()
    const fails = [run('a'), run('b')]
    await settled()
    calls[0]!.reject('broken')
    for (const each of fails) await expect(each).rejects.toBe('broken')
    const [good, bad] = [run('c'), run('d')]
    await settled()
    calls[1]!.resolve(['C', new Error('bad input')])
    expect(await good).toBe('C')
    await expect(bad).rejects.toThrow('bad input')

    const atOnce = batch((): string[] => {
      throw new Error('at once')
    })
    await expect(Promise.allSettled([atOnce('a'), atOnce('b')])).resolves.toMatchObject([
      { reason: { message: 'at once' } },
      { reason: { message: 'at once' } },
    ])
  })

  it.each([
    [['A'], 'given 2 items and returned 1'],
    [['A', 'B', 'C'], 'given 2 items and returned 3'],
    [undefined, 'given 2 items and returned undefined'],
    ['AB', 'given 2 items and returned string'],
  ])('rejects all when it returns %j', async (results, message) => {
    const { run, calls } = byHand()
    const both = [run('a'), run('b')]
    await settled()
    calls[0]!.resolve(results as string[])
    for (const each of both)
      await expect(each).rejects.toMatchObject({
        code: 'batch_result_count',
        message: expect.stringContaining(message),
      })
  })

  it('removes aborted items from the queue, and aborts the function when none is left', async () => {
    const { run, calls, answer, requested } = byHand({ maxBatchSize: 2 })
    const leaving = new AbortController()
    const [first, second] = [run('a', { signal: leaving.signal }), run('b')]
    const third = run('c', { signal: leaving.signal })
    const fourth = run('d')
    await settled()
    leaving.abort('gone')
    await expect(first).rejects.toBe('gone')
    await expect(third).rejects.toBe('gone')
    expect(calls[0]!.signal.aborted).toBe(false)
    answer(0)
    expect(await second).toBe('B')
    await settled()
    expect(requested()).toEqual(['ab', 'd'])
    answer(1)
    expect(await fourth).toBe('D')
    expect(run.stats).toMatchObject({ cancelled: 1, items: 3 })

    const alone = new AbortController()
    const last = run('e', { signal: alone.signal })
    await settled()
    alone.abort('gone, too')
    await expect(last).rejects.toBe('gone, too')
    expect(calls[2]!.signal.aborted).toBe(true)
    await expect(run('f', { signal: alone.signal })).rejects.toBe('gone, too')
  })

  it('listens to a signal that many share once', async () => {
    const { run } = byHand()
    const warned = vi.spyOn(process, 'emitWarning')
    const leaving = new AbortController()
    const all = Array.from({ length: 40 }, (_, at) => run(`${at}`, { signal: leaving.signal }))
    leaving.abort('all of you')
    for (const end of await Promise.allSettled(all)) expect(end).toMatchObject({ reason: 'all of you' })
    expect(warned).not.toHaveBeenCalled()
  })

  it('refuses who finds no room, with when to come back, and does not refuse whom it can serve at once', async () => {
    const { clock, run, answer } = byHand({ queuePolicy: { maxQueueSize: 2 } })
    const first = run('a')
    await settled()
    clock.advance(3000)
    answer(0)
    await first
    // Two go at once, so there is room for two more.
    const served = ['b', 'c', 'd', 'e'].map((item) => run(item))
    await expect(run('f')).rejects.toMatchObject({
      code: 'batch_queue_full',
      status: 429,
      retryAfterSeconds: 3,
      message: 'the queue is full: 2 items of priority 1 are waiting',
    })
    expect(run.stats).toMatchObject({ refused: 1, running: 1, waiting: 2 })
    await settled()
    answer(1)
    await settled()
    answer(2)
    expect(await Promise.all(served)).toEqual(['B', 'C', 'D', 'E'])
  })

  it('refuses who waited too long, while the function is busy', async () => {
    const { clock, run, answer } = byHand({ maxBatchSize: 1, queuePolicy: { defaultTimeoutMicros: 50_000 } })
    const [first, second, third] = [run('a'), run('b'), run('c', { timeoutMicros: 20_000 })]
    await settled()
    clock.advance(20)
    await expect(third).rejects.toMatchObject({ code: 'batch_timeout', status: 503 })
    clock.advance(30)
    await expect(second).rejects.toMatchObject({ message: 'the item was not batched within 50 ms' })
    answer(0)
    expect(await first).toBe('A')
    expect(run.stats).toMatchObject({ timedOut: 2, waiting: 0, running: 0 })
  })

  it('wakes for a later item with a shorter timeout', async () => {
    const { clock, run } = byHand({ timeoutMicros: 50_000 })
    void run('a')
    await settled()
    const hasty = run('b', { timeoutMicros: 10_000 })
    await settled()
    clock.advance(10)
    await expect(hasty).rejects.toMatchObject({ code: 'batch_timeout' })
  })

  it('sleeps no longer than timers can', async () => {
    const { clock, run } = byHand({ queuePolicy: { defaultTimeoutMicros: 1e13 } })
    const sleep = vi.spyOn(clock, 'sleep')
    void run('a')
    void run('b')
    await settled()
    void run('c')
    await settled()
    expect(sleep.mock.calls.map(([millis]) => millis)).toEqual([2 ** 31 - 1])
  })

  it('hears a signal that aborts while its item enters', async () => {
    const leaving = new AbortController()
    const { run, requested } = byHand({
      tokensOf: () => {
        leaving.abort('just now')
        return 1
      },
    })
    await expect(run('a', { signal: leaving.signal })).rejects.toBe('just now')
    await settled()
    expect(requested()).toEqual([])
  })

  it('serves by priority', async () => {
    const { run, answer, requested } = byHand({ maxBatchSize: 1, priorityLevels: 2, defaultPriorityLevel: 2 })
    const all = [run('a'), run('b'), run('c', { priority: 1 })]
    await settled()
    for (const at of [0, 1, 2]) {
      answer(at)
      await settled()
    }
    expect(requested()).toEqual(['c', 'a', 'b'])
    await Promise.all(all)
    await expect(run('d', { priority: 3 })).rejects.toMatchObject({ code: 'batch_option_invalid' })
  })

  it('counts tokens padded, and what is padding', async () => {
    const { run, answer, requested } = byHand({ maxBatchTokens: 12, tokensOf: (item) => item.length })
    const all = ['aaaa', 'bbbbbb', 'cccc', 'dddd'].map((item) => run(item))
    await settled()
    answer(0)
    await settled()
    answer(1)
    await Promise.all(all)
    expect(requested()).toEqual(['aaaaccccdddd', 'bbbbbb'])
    expect(run.stats).toMatchObject({ tokens: 18, paddedTokens: 18 })
  })

  it('closes when all have their results, and takes no more', async () => {
    const { run, answer, requested } = byHand({ maxBatchSize: 2, timeoutMicros: 1_000_000 })
    const all = ['a', 'b', 'c'].map((item) => run(item))
    const closed = vi.fn()
    const closing = run.close().then(closed)
    await expect(run('d')).rejects.toMatchObject({ code: 'batch_closed' })
    await settled()
    answer(0)
    await settled()
    // No further items can come, so there is no wait for them.
    expect(requested()).toEqual(['ab', 'c'])
    expect(closed).not.toHaveBeenCalled()
    answer(1)
    await closing
    expect(await Promise.all(all)).toEqual(['A', 'B', 'C'])
    await run.close()
  })

  it('is disposed of at the end of a scope', async () => {
    const done: string[] = []
    {
      await using run = batch(
        async (items: readonly string[]) => {
          done.push(...items)
          return items
        },
        { timeoutMicros: 60_000_000 },
      )
      void run('a')
    }
    expect(done).toEqual(['a'])
  })

  it.each([
    [{ concurrency: 0 }, 'concurrency is 0'],
    [{ maxBatchTokens: 100 }, 'tokensOf is undefined'],
    [{ maxBatchSize: 0 }, 'maxBatchSize is 0'],
  ])('refuses %j', (options, message) => {
    expect(() => byHand(options)).toThrow(
      expect.objectContaining({ code: 'batch_option_invalid', message: expect.stringContaining(message) }),
    )
  })

  it('refuses an item of no length, alone', async () => {
    const { run, answer } = byHand({ tokensOf: (item) => (item === 'b' ? Number.NaN : 1) })
    const good = run('a')
    await expect(run('b')).rejects.toMatchObject({ code: 'batch_option_invalid' })
    await settled()
    answer(0)
    expect(await good).toBe('A')
  })
})

describe('batch, whatever happens', () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('call' as const), at: fc.nat(2), tokens: fc.nat(9) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), millis: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(30) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('answer' as const),
        which: fc.nat(5),
        how: fc.constantFrom('results', 'throws', 'too few', 'one error'),
      }),
    },
  )

  it('settles every promise exactly once, computes no item twice, and ends empty', async () => {
    const options = fc.record({
      maxBatchSize: fc.integer({ min: 1, max: 4 }),
      concurrency: fc.integer({ min: 1, max: 2 }),
      timeoutMicros: fc.integer({ min: 0, max: 5000 }),
      queuePolicy: fc.record({
        maxQueueSize: fc.integer({ min: 0, max: 6 }),
        defaultTimeoutMicros: fc.integer({ min: 0, max: 8000 }),
        timeoutAction: fc.constantFrom('reject' as const, 'delay' as const),
      }),
    })
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { maxLength: 40 }), async (given, steps) => {
        const { clock, calls, run } = byHand({
          ...given,
          priorityLevels: 3,
          defaultPriorityLevel: 2,
          tokensOf: (item) => Number(item.split(':')[1]),
        })
        const ends: string[][] = []
        const leavers: AbortController[] = []
        const unanswered = () => calls.filter((_, at) => !answered.has(at))
        const answered = new Set<number>()
        for (const each of steps) {
          if (each.kind === 'call') {
            const [id, leaver] = [ends.length, new AbortController()]
            const end: string[] = []
            ends.push(end)
            leavers.push(leaver)
            run(`${id}:${each.tokens}`, { priority: each.at + 1, signal: leaver.signal }).then(
              (result) => end.push(result),
              (reason) => end.push(String(reason)),
            )
          } else if (each.kind === 'wait') clock.advance(each.millis)
          else if (each.kind === 'leave') leavers[each.who]?.abort('left')
          else {
            const open = unanswered()
            const call = open[each.which % Math.max(1, open.length)]
            if (call !== undefined) {
              answered.add(calls.indexOf(call))
              const results: (string | Error)[] = call.items.map((item) => item.toUpperCase())
              if (each.how === 'throws') call.reject('thrown')
              else if (each.how === 'too few') call.resolve(results.slice(1))
              else if (each.how === 'one error') call.resolve([new Error('one'), ...results.slice(1)])
              else call.resolve(results)
            }
          }
          await settled()
          expect(unanswered().length).toBeLessThanOrEqual(given.concurrency)
        }
        const closing = run.close()
        for (let turn = 0; unanswered().length > 0; turn += 1) {
          expect(turn).toBeLessThan(100)
          for (const [at, call] of calls.entries()) {
            answered.add(at)
            call.resolve(call.items)
          }
          await settled()
        }
        await closing
        await settled()
        for (const end of ends) expect(end).toHaveLength(1)
        const computed = calls.flatMap(({ items }) => items)
        expect(new Set(computed).size).toBe(computed.length)
        const { items, refused, timedOut, cancelled, waiting, running } = run.stats
        expect([waiting, running]).toEqual([0, 0])
        expect(items).toBe(computed.length)
        expect(items + refused + timedOut + cancelled).toBe(ends.length)
      }),
      { numRuns: 60 },
    )
  })
})
