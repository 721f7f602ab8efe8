import { ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { WaitingLine, type WaitingLineOptions } from './waiting-line.ts'

function line(options: Partial<WaitingLineOptions<string>> = {}) {
  const clock = new ManualClock()
  const sent: string[] = []
  let open = true
  const waiting = new WaitingLine<string>({
    maxBatchSize: 2,
    maxQueue: 2,
    timeoutMicros: 0,
    clock,
    isOpen: () => open,
    send: (item) => sent.push(item),
    onChange: () => {},
    ...options,
  })
  const enter = (...items: string[]) => items.map((item) => waiting.enter(item)?.code)
  const setOpen = (now: boolean): void => {
    open = now
    waiting.dispatch()
  }
  return { clock, sent, waiting, enter, setOpen }
}

describe('WaitingLine', () => {
  it('admits up to its capacity, queues up to its limit, and rejects the rest', () => {
    const { sent, waiting, enter } = line()
    expect(enter('a', 'b', 'c', 'd', 'e')).toEqual([undefined, undefined, undefined, undefined, 'queue_full'])
    expect(sent).toEqual(['a', 'b'])
    waiting.served('b')
    waiting.dispatch()
    expect([sent, waiting.running, waiting.waiting]).toEqual([['a', 'b', 'c'], 2, 1])
  })

  it('has room for a key that others keep out of a full line, and foresees its wait by its share', () => {
    const { clock, waiting } = line({ maxBatchSize: 1, maxQueue: 4 })
    for (const item of ['a', 'b', 'c', 'd', 'e']) waiting.enter(item, { key: 'flood' })
    clock.advance(8000)
    waiting.served('a')
    waiting.dispatch()
    waiting.enter('f', { key: 'flood' })
    expect(waiting.refusal({ key: 'flood' })?.code).toBe('queue_full')
    expect(waiting.refusal({ key: 'trickle' })).toBeUndefined()
    expect(waiting.refusal({ key: 'flood', withinMillis: 20_000 })?.code).toBe('deadline_unmet')
    expect(waiting.enter('trickle', { key: 'trickle', withinMillis: 20_000 })).toBeUndefined()
  })

  it('says when to come back, by what requests took', () => {
    const { clock, waiting, enter } = line({ maxBatchSize: 1, maxQueue: 1 })
    enter('a')
    clock.advance(8000)
    waiting.served('a')
    enter('b', 'c')
    expect(waiting.enter('d')).toMatchObject({ retryAfterSeconds: 16 })
  })

  it('waits while there is no process', () => {
    const { sent, enter, setOpen } = line()
    setOpen(false)
    expect(enter('a', 'b', 'c')).toEqual([undefined, undefined, 'queue_full'])
    expect(sent).toEqual([])
    setOpen(true)
    expect(sent).toEqual(['a', 'b'])
  })

  it('waits a little for company while nothing runs, and no longer once there is enough', async () => {
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const { clock, sent, waiting, enter } = line({ maxBatchSize: 3, timeoutMicros: 5000 })
    enter('a')
    await turn()
    clock.advance(4)
    await turn()
    expect(sent).toEqual([])
    clock.advance(1)
    await turn()
    expect(sent).toEqual(['a'])
    enter('b')
    expect(sent).toEqual(['a', 'b'])
    waiting.takeRunning()
    enter('c', 'd')
    expect(sent).toHaveLength(2)
    enter('e')
    expect(sent).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('forgets who leaves, and says where it was', () => {
    const { sent, waiting, enter } = line({ maxBatchSize: 1 })
    enter('a', 'b', 'c')
    expect(['b', 'a', 'x'].map((item) => waiting.leave(item))).toEqual(['line', 'process', undefined])
    waiting.dispatch()
    expect(sent).toEqual(['a', 'c'])
    expect([waiting.takeRunning(), waiting.takeWaiting()]).toEqual([['c'], []])
  })

  it('refuses at once who could not have a first result in time, and says when to come back', () => {
    const { clock, waiting, sent } = line({ maxBatchSize: 1, maxQueue: 9 })
    waiting.enter('a', { withinMillis: 1000 })
    clock.advance(100)
    waiting.gaveFirst('a')
    clock.advance(3900)
    waiting.served('a')
    waiting.dispatch()
    waiting.enter('b')
    expect(waiting.enter('c', { withinMillis: 3000 })).toMatchObject({
      code: 'deadline_unmet',
      status: 503,
      retryAfterSeconds: 4,
    })
    expect(waiting.enter('d', { withinMillis: 5000 })).toBeUndefined()
    expect([sent, waiting.waiting]).toEqual([['a', 'b'], 1])
  })

  it('admits a request at once when a slot is free, however slow recent requests were', () => {
    const late: string[] = []
    const { clock, waiting, sent } = line({ maxQueue: 9, late: (item) => late.push(item) })
    waiting.enter('slow', { withinMillis: 500 })
    clock.advance(5000)
    waiting.gaveFirst('slow')
    waiting.served('slow')
    waiting.dispatch()
    expect(['a', 'b', 'c'].map((item) => waiting.enter(item, { withinMillis: 500 })?.code)).toEqual([
      undefined,
      undefined,
      'deadline_unmet',
    ])
    expect([sent, late]).toEqual([['slow', 'a', 'b'], []])
  })

  it('takes out of the line who can no longer have it', async () => {
    const late: [string, string][] = []
    const { clock, waiting, sent } = line({
      maxBatchSize: 1,
      maxQueue: 9,
      late: (item, error) => late.push([item, error.code]),
    })
    waiting.enter('a')
    waiting.enter('b', { withinMillis: 500 })
    waiting.enter('c', { withinMillis: 800 })
    waiting.enter('d')
    clock.advance(499)
    await new Promise((resolve) => setImmediate(resolve))
    expect(late).toEqual([])
    clock.advance(1)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(300)
    await new Promise((resolve) => setImmediate(resolve))
    expect(late).toEqual([
      ['b', 'deadline_unmet'],
      ['c', 'deadline_unmet'],
    ])
    waiting.served('a')
    waiting.dispatch()
    expect(sent).toEqual(['a', 'd'])
  })

  it('admits a more urgent request alongside running ones when the process can preempt', () => {
    const { waiting, sent } = line({ maxBatchSize: 2, maxQueue: 9, canPreempt: true })
    for (const item of ['a', 'b', 'c']) waiting.enter(item, { priority: 1 })
    expect(sent).toEqual(['a', 'b'])
    waiting.enter('urgent', { priority: 0 })
    waiting.enter('also', { priority: 0 })
    waiting.enter('too many', { priority: 0 })
    expect(sent).toEqual(['a', 'b', 'urgent', 'also'])
    waiting.served('urgent')
    waiting.dispatch()
    expect(sent).toEqual(['a', 'b', 'urgent', 'also', 'too many'])
  })

  it('regression: rejects no request for which the process can preempt at once', () => {
    const { clock, waiting, sent } = line({ maxBatchSize: 1, maxQueue: 1, canPreempt: true })
    waiting.enter('slow', { priority: 1 })
    clock.advance(5000)
    waiting.served('slow')
    for (const item of ['patient', 'waiting']) waiting.enter(item, { priority: 1 })
    expect(waiting.enter('as patient', { priority: 1 })?.code).toBe('queue_full')
    expect(waiting.enter('urgent', { priority: 0, withinMillis: 100 })).toBeUndefined()
    expect(waiting.enter('another', { priority: 0 })?.code).toBe('queue_full')
    expect(sent).toEqual(['slow', 'patient', 'urgent'])
  })

  it('regression: does not wait for company for so long that who waits is late', () => {
    const { waiting, sent } = line({ timeoutMicros: 50_000 })
    waiting.enter('may wait for 20 ms', { withinMillis: 20 })
    expect(sent).toEqual(['may wait for 20 ms'])
  })

  it('lets no request overtake those of equal priority', () => {
    const { waiting, sent } = line({ maxBatchSize: 1, maxQueue: 9, canPreempt: true })
    waiting.enter('a', { priority: 0 })
    waiting.enter('b', { priority: 0 })
    expect(sent).toEqual(['a'])
  })

  it('shares places among clients by what they were served', () => {
    const { waiting, sent } = line({ maxBatchSize: 1, maxQueue: 9 })
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2']) waiting.enter(item, { key: item[0]! })
    for (const [item, tokens] of [
      ['a1', 10],
      ['b1', 100],
      ['a2', 10],
      ['a3', 10],
    ] as const) {
      waiting.correct(item, tokens)
      waiting.served(item)
      waiting.dispatch()
    }
    expect(sent).toEqual(['a1', 'b1', 'a2', 'a3', 'b2'])
  })
})
