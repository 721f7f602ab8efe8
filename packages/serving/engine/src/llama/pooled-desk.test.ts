import { HadalError, ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import type { Scheduling } from '../engine.ts'
import { engineCrashed, invalidToken } from '../errors.ts'
import type { PooledWork } from './messages.ts'
import { PooledDesk, type PooledDeskOptions } from './pooled-desk.ts'

/** Concurrent requests in the process: enough for two passes. */
function desk(options: Partial<PooledDeskOptions> = {}) {
  const started: PooledWork[] = []
  const cancelled: number[] = []
  const clock = new ManualClock()
  const pooled = new PooledDesk({
    maxBatchSize: 1,
    maxBatchTokens: 100,
    maxQueue: 1,
    timeoutMicros: 0,
    clock,
    process: () => ({
      startPooled: (work) => started.push(work),
      cancelPooled: (key) => cancelled.push(key),
    }),
    onChange: () => {},
    ...options,
  })
  const run = (inputs: readonly string[], scheduling: Scheduling = {}, signal?: AbortSignal) =>
    pooled.run({ kind: 'embed', inputs }, scheduling, signal)
  const embed = (signal?: AbortSignal) => run(['a'], {}, signal)
  const keys = () => started.map(({ key }) => key)
  return { pooled, started, cancelled, clock, run, embed, keys }
}
const vectors = (key: number) => ({ key, vectors: [''], tokens: [1] })

describe('PooledDesk', () => {
  it('gives each its own result or error, and the next its place', async () => {
    const { pooled, embed, keys } = desk()
    const [first, second, third] = [embed(), embed(), embed()]
    await expect(embed()).rejects.toMatchObject({ code: 'queue_full' })
    expect(keys()).toEqual([1, 2])
    pooled.receive([vectors(1)])
    expect(await first).toEqual(vectors(1))
    expect(keys()).toEqual([1, 2, 3])
    pooled.receive([{ key: 2, error: invalidToken(9, 5).toJSON() }, vectors(3)])
    await expect(second).rejects.toMatchObject({ code: 'invalid_token' })
    expect(await third).toEqual(vectors(3))
    expect([pooled.running, pooled.waiting, pooled.isOwed]).toEqual([0, 0, false])
  })

  it('waits for company while nothing is computed, and not once there is enough for a pass', async () => {
    const waits = { maxBatchSize: 3, maxQueue: 8, timeoutMicros: 5000 }
    const enough = (...requests: string[][]) => {
      const { run, keys } = desk(waits)
      return requests.map((inputs) => {
        void run(inputs)
        return keys().length
      })
    }
    const text = 'of some length, '.repeat(13)
    expect(enough(['a'], ['b'], ['c'])).toEqual([0, 0, 3])
    expect(enough(['a', 'b', 'c'])).toEqual([1])
    expect(enough(['a'], ['b', 'c'])).toEqual([0, 2])
    expect(enough([text], [text])).toEqual([0, 2])

    const { clock, run, keys } = desk(waits)
    void run(['a'])
    clock.advance(5)
    await new Promise((resolve) => setImmediate(resolve))
    expect(keys()).toEqual([1])
    void run(['b'])
    expect(keys()).toEqual([1, 2])
  })

  it('counts only who is there: one that left makes no company', async () => {
    const { run, keys } = desk({ maxBatchSize: 2, maxQueue: 8, timeoutMicros: 5000 })
    const leaving = new AbortController()
    const left = run(['a'], {}, leaving.signal)
    leaving.abort('gone')
    await expect(left).rejects.toBe('gone')
    void run(['b'])
    expect(keys()).toEqual([])
    void run(['c'])
    expect(keys()).toEqual([2, 3])
  })

  it('lets the more urgent go first, and refuses who would come too late', async () => {
    const { pooled, clock, run, embed, keys } = desk({ maxQueue: 8 })
    const running = [embed(), embed()]
    const [, urgent] = [run(['low']), run(['high'], { priority: -1 })]
    clock.advance(400)
    pooled.receive([vectors(1)])
    await running[0]
    expect(keys()).toEqual([1, 2, 4])
    await expect(run(['soon'], { deadlineMillis: 50 })).rejects.toMatchObject({ code: 'deadline_unmet' })
    pooled.receive([vectors(4)])
    expect(await urgent).toEqual(vectors(4))
  })

  it('drops what is cancelled, wherever it is, and waits for the process to have heard it', async () => {
    const { pooled, started, cancelled, embed } = desk()
    const [first, second] = [new AbortController(), new AbortController()]
    const [running, beside] = [embed(first.signal), embed(first.signal)]
    const waiting = embed(second.signal)
    second.abort('gone')
    await expect(waiting).rejects.toBe('gone')
    expect(pooled.waiting).toBe(0)
    first.abort('gone, too')
    await expect(running).rejects.toBe('gone, too')
    await expect(beside).rejects.toBe('gone, too')
    expect([started.length, cancelled, pooled.running, pooled.isOwed]).toEqual([2, [1, 2], 0, true])
    // A pass was running.
    pooled.receive([vectors(1)])
    expect(pooled.isOwed).toBe(false)
    await expect(embed(AbortSignal.abort('before'))).rejects.toBe('before')
  })

  it('fails the requests in a crashed process, and keeps the queued ones', async () => {
    const { pooled, embed, keys } = desk()
    const [running, beside, waiting] = [embed(), embed(), embed()]
    pooled.failRunning(() => engineCrashed('SIGKILL'))
    await expect(running).rejects.toBeInstanceOf(HadalError)
    await expect(beside).rejects.toBeInstanceOf(HadalError)
    pooled.dispatch()
    expect(keys()).toEqual([1, 2, 3])
    const [sent, late] = [embed(), embed()]
    pooled.failWaiting(engineCrashed('for good'))
    await expect(late).rejects.toMatchObject({ code: 'engine_crashed' })
    pooled.receive([vectors(3), vectors(4)])
    expect(await waiting).toEqual(vectors(3))
    expect(await sent).toEqual(vectors(4))
  })
})
