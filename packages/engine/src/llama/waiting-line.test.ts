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
  it('lets in so many, keeps so many, and turns the others away', () => {
    const { sent, waiting, enter } = line()
    expect(enter('a', 'b', 'c', 'd', 'e')).toEqual([undefined, undefined, undefined, undefined, 'queue_full'])
    expect(sent).toEqual(['a', 'b'])
    waiting.served('b')
    waiting.dispatch()
    expect([sent, waiting.running, waiting.waiting]).toEqual([['a', 'b', 'c'], 2, 1])
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
})
