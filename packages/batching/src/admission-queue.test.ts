import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AdmissionQueue } from './admission-queue.ts'

const drain = <T>(queue: AdmissionQueue<T>): T[] => {
  const items: T[] = []
  for (let next = queue.take(); next !== undefined; next = queue.take()) items.push(next.item)
  return items
}

describe('AdmissionQueue', () => {
  it('serves in order of arrival whatever comes, leaves and is turned away', () => {
    const action = fc.oneof(
      fc.constant('offer' as const),
      fc.constant('take' as const),
      fc.record({ remove: fc.nat(30) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(action), (maxQueue, actions) => {
        const queue = new AdmissionQueue<number>(maxQueue)
        let model: number[] = []
        for (const [at, action] of actions.entries()) {
          if (action === 'offer') {
            expect(queue.offer(at, at)).toBe(model.length < maxQueue)
            if (model.length < maxQueue) model.push(at)
          } else if (action === 'take') {
            const first = model.shift()
            expect(queue.peek()?.item).toBe(first)
            expect(queue.take()?.item).toBe(first)
          } else {
            expect(queue.remove(action.remove)).toBe(model.includes(action.remove))
            model = model.filter((item) => item !== action.remove)
          }
          expect(queue.size).toBe(model.length)
        }
        expect(queue.clear()).toEqual(model)
        expect(queue.size).toBe(0)
      }),
    )
  })

  it('does not count those for whom there is a place', () => {
    const queue = new AdmissionQueue<string>(0)
    expect(queue.offer('a', 0)).toBe(false)
    expect(queue.offer('a', 0, 1)).toBe(true)
    expect(queue.offer('b', 0, 1)).toBe(false)
  })

  it('takes any other order as a comparator; equals stay in order of arrival', () => {
    const queue = new AdmissionQueue<{ name: string; priority: number }>(
      10,
      (a, b) => b.item.priority - a.item.priority,
    )
    for (const [name, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', 5],
      ['d', 1],
    ] as const)
      queue.offer({ name, priority }, 0)
    expect(drain(queue).map((item) => item.name)).toEqual(['b', 'c', 'd', 'a'])
  })
})
