import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SavedState, SavedStates } from './saved-states.ts'

const state = (size: number, root = 'r', pinned = false): SavedState => ({
  root,
  bytes: new Uint8Array(size),
  pinned,
})

describe('SavedStates', () => {
  it('lets what is least worth for its bytes go', () => {
    const gone: SavedState[] = []
    const worth = new Map<SavedState, number>()
    const states = new SavedStates(
      100,
      (each) => worth.get(each)!,
      (each) => gone.push(each),
    )
    const [cheap, dear] = [state(50), state(50)]
    worth.set(cheap, 10)
    worth.set(dear, 90)
    expect([states.add(cheap, 10), states.add(dear, 90)]).toEqual([true, true])
    expect(states.add(state(20), 1)).toBe(false)
    const better = state(30)
    worth.set(better, 20)
    expect(states.add(better, 20)).toBe(true)
    expect(gone).toEqual([cheap])
    expect(states.usedBytes).toBe(80)
  })

  it('keeps preempted sequences, whatever is added', () => {
    const states = new SavedStates(
      100,
      () => 1,
      () => expect.unreachable('it went'),
    )
    const aside = state(80, '')
    expect(states.add(aside, Number.POSITIVE_INFINITY)).toBe(true)
    expect(states.add(state(60), 1000)).toBe(false)
    expect(states.remove(aside)).toBe(true)
    expect(states.remove(aside)).toBe(false)
    expect(states.add(state(60), 1)).toBe(true)
  })

  it('pins no more than half', () => {
    const states = new SavedStates(
      100,
      ({ pinned }) => (pinned ? 10_000 : 1),
      () => {},
    )
    expect(states.add(state(40, 'r', true), 1)).toBe(true)
    expect(states.add(state(20, 'r', true), 1000)).toBe(false)
    expect(states.add(state(60), 1)).toBe(true)
    // The pinned one is not evicted.
    expect(states.add(state(70), 1_000_000)).toBe(false)
  })

  it('lets a pinned one make way for a pinned one that is worth more', () => {
    const worth = new Map<SavedState, number>()
    const gone: SavedState[] = []
    const states = new SavedStates(
      100,
      (each) => worth.get(each) ?? 0,
      (each) => gone.push(each),
    )
    const [stale, loose] = [state(40, 'r', true), state(60)]
    worth.set(stale, 40)
    worth.set(loose, 1000)
    expect([states.add(stale, 40), states.add(loose, 1000)]).toEqual([true, true])
    expect(states.add(state(40, 'r', true), 39)).toBe(false)
    worth.set(stale, 5)
    expect(states.hasRoomFor(40, 39, true)).toBe(true)
    expect(states.add(state(40, 'r', true), 39)).toBe(true)
    expect(gone).toEqual([stale])
    expect(states.usedBytes).toBe(100)
  })

  it('never holds more than it may, and knows how much it holds', () => {
    const change = fc.record({
      size: fc.integer({ min: 0, max: 60 }),
      worth: fc.nat(50),
      remove: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const held = new Map<SavedState, number>()
        const states = new SavedStates(
          100,
          (each) => held.get(each)!,
          (each) => held.delete(each),
        )
        for (const { size, worth, remove } of changes) {
          const [first] = held.keys()
          if (remove && first !== undefined) {
            states.remove(first)
            held.delete(first)
          } else {
            const added = state(size)
            const before = held.size
            if (states.add(added, worth)) held.set(added, worth)
            else expect(held.size).toBe(before)
          }
          const sum = [...held.keys()].reduce((total, { bytes }) => total + bytes.length, 0)
          expect(states.usedBytes).toBe(sum)
          expect(sum).toBeLessThanOrEqual(100)
          expect(states.size).toBe(held.size)
        }
      }),
    )
  })
})
