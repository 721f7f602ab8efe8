import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Slots, type Wanted } from './slots.ts'

const want = (prompt: readonly number[], more: Partial<Wanted> = {}): Wanted => ({
  prompt,
  group: '',
  owner: '',
  reuse: true,
  ...more,
})
const count = (from: number, length: number): number[] => Array.from({ length }, (_, at) => from + at)

/** Assigns a slot to a prompt and computes `computed` more of its tokens; all by default. */
function fill(slots: Slots, wanted: Wanted, computed = wanted.prompt.length): number {
  const { slot, cached } = slots.place(wanted, 0)!
  slots.take(wanted, slot, cached)
  slots.append(slot, wanted.prompt.slice(cached, cached + computed), true)
  return slot
}

describe('Slots', () => {
  it('gives neighbours to sequences at work', () => {
    const slots = new Slots({ working: 5, copyCost: 4, alwaysComputed: 2 })
    expect([0, 100, 200].map((from) => fill(slots, want(count(from, 5))))).toEqual([0, 1, 2])
    slots.release(0, false, 0)
    slots.release(1, false, 0)
    expect(slots.place(want([9]), 0)).toMatchObject({ slot: 1 })
    expect(slots.busyTokens).toBe(5)
    for (const from of [300, 400, 500, 600]) fill(slots, want(count(from, 5)))
    expect(() => slots.place(want([1]), 0)).toThrow('no slot')
  })

  it('overwrites what was used least, when none is at work', () => {
    const slots = new Slots({ working: 3, copyCost: 4, alwaysComputed: 2 })
    fill(slots, want(count(0, 10)))
    fill(slots, want(count(100, 5)))
    slots.release(0, true, 0)
    slots.release(1, true, 0)
    expect(slots.place(want(count(200, 10)), 0)).toEqual({ slot: 2, from: 2, cached: 0 })
  })

  it('goes on where a prompt’s beginning is, all but two tokens', () => {
    const slots = new Slots({ working: 2, copyCost: 4, alwaysComputed: 2 })
    fill(slots, want(count(0, 10)))
    slots.release(0, true, 0)
    expect(slots.place(want(count(0, 12)), 0)).toEqual({ slot: 0, from: 0, cached: 10 })
    expect(slots.place(want(count(0, 10)), 0)).toEqual({ slot: 0, from: 0, cached: 8 })
  })

  it('copies from sequences at work, and from ended ones that hold more than is needed', () => {
    const slots = new Slots({ working: 3, copyCost: 4, alwaysComputed: 2 })
    fill(slots, want(count(0, 10)))
    expect(slots.place(want([...count(0, 8), 77, 78]), 0)).toEqual({ slot: 1, from: 0, cached: 8 })
    slots.append(0, count(10, 40), true)
    slots.release(0, true, 0)
    expect(slots.place(want([...count(0, 8), 77, 78]), 0)).toEqual({ slot: 1, from: 0, cached: 8 })
  })

  it('copies nothing that is computed as fast', () => {
    const slots = new Slots({ working: 2, copyCost: 9, alwaysComputed: 2 })
    fill(slots, want(count(0, 10)))
    expect(slots.place(want(count(0, 11)), 0)).toEqual({ slot: 1, from: 1, cached: 0 })
    const never = new Slots({ working: 2, copyCost: Number.POSITIVE_INFINITY, alwaysComputed: 2 })
    fill(never, want(count(0, 1000)))
    expect(never.place(want(count(0, 1000)), 0)).toEqual({ slot: 1, from: 1, cached: 0 })
  })

  it('waits for a beginning that is being computed, no longer than that', () => {
    const slots = new Slots({ working: 2, copyCost: 4, alwaysComputed: 2 })
    const slot = fill(slots, want(count(0, 20)), 3)
    expect(slots.place(want(count(0, 20)), 0)).toBeUndefined()
    slots.append(slot, count(3, 11), true)
    expect(slots.place(want(count(0, 20)), 0)).toEqual({ slot: 1, from: 0, cached: 14 })
    const gone = new Slots({ working: 2, copyCost: 4, alwaysComputed: 2 })
    gone.release(fill(gone, want(count(0, 20)), 3), false, 0)
    expect(gone.place(want(count(0, 20)), 0)).toEqual({ slot: 0, from: 0, cached: 0 })
  })

  it('shares within a group and with the same owner only, and not with who wants nothing of others', () => {
    const slots = new Slots({ working: 3, copyCost: 4, alwaysComputed: 2 })
    const own = { group: 'a', owner: 'x' }
    fill(slots, want(count(0, 20), own))
    fill(slots, want(count(0, 20), own), 0)
    const unshared = { slot: 2, from: 2, cached: 0 }
    expect(slots.place(want(count(0, 20), { ...own, group: 'b' }), 0)).toEqual(unshared)
    expect(slots.place(want(count(0, 20), { ...own, owner: 'y' }), 0)).toEqual(unshared)
    expect(slots.place(want(count(0, 20), { ...own, reuse: false }), 0)).toEqual(unshared)
    expect(slots.place(want(count(0, 20), own), 0)).toEqual({ slot: 2, from: 0, cached: 18 })
  })

  it('keeps groups apart, and each together', () => {
    const order = fc.shuffledSubarray([...'aaaaaabbbbbb'], { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(order, (groups) => {
        const slots = new Slots({ working: 12, copyCost: 4, alwaysComputed: 2 })
        const taken = groups.map((group, at) => ({ group, slot: fill(slots, want([at], { group })) }))
        for (const group of ['a', 'b']) {
          const own = taken.filter((each) => each.group === group).map(({ slot }) => slot)
          expect(Math.max(...own) - Math.min(...own)).toBe(5)
        }
      }),
    )
  })

  it('offers nothing from the first token on that may not serve others', () => {
    const slots = new Slots({ working: 1, copyCost: 4, alwaysComputed: 2 })
    const slot = fill(slots, want([1, 2]))
    slots.append(slot, [3], false)
    slots.append(slot, [4], true)
    slots.release(slot, true, 0)
    expect(slots.place(want([1, 2, 3, 4, 5, 6]), 0)).toEqual({ slot: 0, from: 0, cached: 2 })
  })

  const arrival = fc.record({
    prompt: fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.nat(2), fc.nat(10))
      .map(([common, kind, own]) => [...count(0, common), ...count(1000 + kind * 100, own)]),
    group: fc.constantFrom('a', 'b'),
    owner: fc.constantFrom('x', 'y'),
    reuse: fc.boolean(),
    steps: fc.nat(12),
  })

  it('gives each prompt its own tokens, from its own group and owner, and starves none', () => {
    fc.assert(
      fc.property(
        fc.array(arrival, { maxLength: 20 }),
        fc.nat(8),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 2 }),
        (line, cost, places, alwaysComputed) => {
          const slots = new Slots({ working: places, copyCost: cost, alwaysComputed: alwaysComputed })
          /** The actual contents of each slot, with the group they were computed in. */
          const held = Array.from({ length: places }, () => [] as string[])
          const running = new Map<number, { wanted: Wanted; stepsLeft: number }>()
          const waiting = [...line]
          for (let step = 0; waiting.length + running.size > 0; step += 1) {
            for (const wanted of [...waiting]) {
              if (running.size === places) break
              const placement = slots.place(wanted, 0)
              if (placement === undefined) continue
              const { slot, from, cached } = placement
              expect(running.has(slot)).toBe(false)
              expect(cached === 0 || cached <= wanted.prompt.length - alwaysComputed).toBe(true)
              held[slot] = held[from as number]!.slice(0, cached)
              expect(held[slot]).toEqual(
                wanted.prompt.slice(0, cached).map((token) => `${wanted.group}${wanted.owner}${token}`),
              )
              slots.take(wanted, slot, cached)
              running.set(slot, { wanted, stepsLeft: wanted.steps })
              waiting.splice(waiting.indexOf(wanted), 1)
            }
            for (const [slot, { wanted, stepsLeft }] of running) {
              const tokens = wanted.prompt.slice(slots.length(slot), slots.length(slot) + 4)
              slots.append(slot, tokens, true)
              held[slot]!.push(...tokens.map((token) => `${wanted.group}${wanted.owner}${token}`))
              running.set(slot, { wanted, stepsLeft: stepsLeft - 1 })
              if (stepsLeft > 0) continue
              slots.release(slot, true, 0)
              running.delete(slot)
            }
            expect(step).toBeLessThan(line.length * 13 + 1)
          }
        },
      ),
    )
  })
})
