import { describe, expect, it } from 'vitest'
import { ManualClock, systemClock } from './clock.ts'

describe('ManualClock', () => {
  it('wakes sleepers in the order they are due, and only those', async () => {
    const clock = new ManualClock()
    const woken: string[] = []
    const sleep = (name: string, millis: number) => clock.sleep(millis).then(() => woken.push(name))
    const all = [sleep('late', 20), sleep('early', 10), sleep('never', 100)]
    clock.advance(20)
    await Promise.all(all.slice(0, 2))
    expect(woken).toEqual(['early', 'late'])
    expect(clock.now()).toBe(20)
  })
})

describe.each([
  ['systemClock', systemClock],
  ['ManualClock', new ManualClock()],
])('%s', (_name, clock) => {
  it('gives up sleeping when the signal aborts, before or after', async () => {
    const controller = new AbortController()
    const sleeping = clock.sleep(60_000, controller.signal)
    controller.abort(new Error('stop'))
    await expect(sleeping).rejects.toThrow('stop')
    await expect(clock.sleep(60_000, controller.signal)).rejects.toThrow('stop')
  })
})
