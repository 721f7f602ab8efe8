import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reservations } from './reservations.ts'

const sequences = fc.array(
  fc.record({
    prompt: fc.integer({ min: 1, max: 400 }),
    more: fc.integer({ min: 1, max: 400 }),
    generated: fc.nat(400),
  }),
  { minLength: 1, maxLength: 8 },
)

describe('Reservations with preemption', () => {
  it('keep 16 cells free for each sequence that has used its reservation', () => {
    const reservations = new Reservations<number>(true)
    reservations.begin(0, 100, 500)
    expect(reservations.outstanding(() => 164)).toBe(16)
    expect(reservations.outstanding(() => 300)).toBe(16)
    reservations.begin(1, 10, 500)
    expect(reservations.outstanding(() => 300)).toBe(32)
    reservations.end(0)
    expect(reservations.outstanding(() => 300)).toBe(16)
    reservations.end(1)
    expect(reservations.outstanding(() => 300)).toBe(0)
  })

  it('promise what is left of 64 new tokens, or of fewer where fewer may follow', () => {
    const reservations = new Reservations<number>(true)
    expect(reservations.cellsFor(100, 500)).toBe(164)
    expect(reservations.cellsFor(100, 64)).toBe(164)
    expect(reservations.cellsFor(100, 63)).toBe(163)
    reservations.begin(0, 100, 500)
    expect(reservations.outstanding(() => 0)).toBe(164 + 16)
    expect(reservations.outstanding(() => 110)).toBe(54 + 16)
  })

  it('let every sequence generate 16 more tokens than it reserved before cells run short', () => {
    fc.assert(
      fc.property(sequences, (running) => {
        const reservations = new Reservations<number>(true)
        for (const [slot, { prompt, more }] of running.entries()) reservations.begin(slot, prompt, more)
        const lengths = running.map(({ prompt, generated }) => prompt + generated)
        const promised = reservations.outstanding((slot) => lengths[slot]!)
        const growth = running.map(({ prompt, more }, slot) => {
          const reserved = reservations.cellsFor(prompt, more)
          return Math.max(lengths[slot]!, reserved) + 16 - lengths[slot]!
        })
        expect(promised).toBe(growth.reduce((sum, cells) => sum + cells, 0))
      }),
    )
  })
})

describe('Reservations without preemption', () => {
  it('cover every token that a sequence may generate, and keep no headroom', () => {
    const reservations = new Reservations<number>(false)
    expect(reservations.cellsFor(100, 500)).toBe(600)
    reservations.begin(0, 100, 500)
    expect(reservations.outstanding(() => 100)).toBe(500)
    expect(reservations.outstanding(() => 600)).toBe(0)
  })
})
