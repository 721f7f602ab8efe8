import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SharedCells } from './shared-cells.ts'

describe('SharedCells', () => {
  it('counts a cell of several sequences once, until the last one lets go', () => {
    const cells = new SharedCells(3)
    cells.append(0, 10)
    cells.copy(0, 1, 8)
    cells.append(1, 3)
    cells.copy(1, 2, 9)
    expect(cells.used).toBe(13)
    cells.clear(0)
    expect(cells.used).toBe(11)
    cells.clear(1)
    expect(cells.used).toBe(9)
    cells.clear(2)
    expect(cells.used).toBe(0)
  })

  it('counts those that several sequences at work hold', () => {
    const cells = new SharedCells(4, 3)
    cells.append(0, 10)
    cells.copy(0, 1, 6)
    cells.copy(0, 2, 4)
    cells.copy(0, 3, 10)
    expect(cells.sharedAtWork).toBe(6)
    cells.clear(2)
    expect(cells.sharedAtWork).toBe(6)
    cells.trim(1, 5)
    expect(cells.sharedAtWork).toBe(5)
    cells.clear(0)
    expect([cells.sharedAtWork, cells.atWork]).toEqual([0, 5])
  })

  it('counts those of sequences at work, and lets go of ends', () => {
    const cells = new SharedCells(3, 1)
    cells.append(0, 10)
    cells.copy(0, 2, 6)
    expect([cells.used, cells.atWork]).toEqual([10, 10])
    cells.trim(0, 4)
    expect([cells.used, cells.atWork]).toEqual([6, 4])
    cells.clear(0)
    expect([cells.used, cells.atWork]).toEqual([6, 0])
    cells.trim(2, 5)
    cells.copy(2, 0, 5)
    expect([cells.used, cells.atWork]).toEqual([5, 5])
  })

  it('agrees with sets of cells, whatever happens', () => {
    const change = fc.record({
      kind: fc.constantFrom('append', 'copy', 'clear'),
      slot: fc.nat(3),
      from: fc.nat(3),
      tokens: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const cells = new SharedCells(4)
        const held: symbol[][] = [[], [], [], []]
        for (const { kind, slot, from, tokens } of changes) {
          if (kind === 'append') {
            cells.append(slot, tokens)
            held[slot]!.push(...Array.from({ length: tokens }, () => Symbol()))
          } else if (kind === 'clear' || from === slot) {
            cells.clear(slot)
            held[slot] = []
          } else {
            cells.clear(slot)
            cells.copy(from, slot, tokens)
            held[slot] = held[from]!.slice(0, tokens)
          }
          expect(cells.used).toBe(new Set(held.flat()).size)
        }
      }),
    )
  })
})
