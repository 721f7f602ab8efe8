import { describe, expect, it } from 'vitest'
import { Slots } from './slots.ts'

const fill = (slots: Slots, prompt: readonly number[]): number => {
  const { slot, shared } = slots.take(prompt)
  slots.truncate(slot, shared)
  slots.append(slot, prompt.slice(shared), true)
  return slot
}

describe('Slots', () => {
  it('gives the lowest free slot, so that running sequences stay neighbours', () => {
    const slots = new Slots(3)
    expect([fill(slots, [1, 2]), fill(slots, [3, 4]), fill(slots, [5, 6])]).toEqual([0, 1, 2])
    slots.release(1)
    slots.release(2)
    expect(slots.take([9, 9, 9])).toEqual({ slot: 1, shared: 0 })
    expect(slots.busyTokens).toBe(4)
    expect(() => {
      slots.take([1])
      slots.take([1])
    }).toThrow('no slot')
  })

  it('finds the slot that holds most of a prompt, when that is half of it', () => {
    const slots = new Slots(3)
    fill(slots, [7, 8])
    fill(slots, [1, 2, 3, 4])
    slots.release(0)
    slots.release(1)
    expect(slots.take([1, 2, 3, 5, 6])).toEqual({ slot: 1, shared: 3 })
    slots.release(1)
    expect(slots.take([1, 2, 3, 4, 0, 0, 0, 0, 0])).toEqual({ slot: 0, shared: 0 })
  })

  it('offers nothing from the first token on that may not serve others', () => {
    const slots = new Slots(1)
    const slot = fill(slots, [1, 2])
    slots.append(slot, [3], false)
    slots.append(slot, [4], true)
    slots.release(slot)
    expect(slots.take([1, 2, 3, 4])).toEqual({ slot: 0, shared: 2 })
  })

  it('forgets what was dropped', () => {
    const slots = new Slots(1)
    const slot = fill(slots, [1, 2, 3])
    slots.truncate(slot, 1)
    expect(slots.length(slot)).toBe(1)
    slots.release(slot)
    expect(slots.take([1, 2, 3])).toEqual({ slot: 0, shared: 1 })
  })
})
