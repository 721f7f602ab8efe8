import { readFileSync } from 'node:fs'
import { scope, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockwiseArray, fromBlocks, makeCodebook, toBlocks } from './blockwise.ts'
import { boundariesOf, codeLookup, countBelow, dynamicMap, lookupOffset } from './dynamic-map.ts'

interface Reference {
  readonly map: readonly number[]
  readonly scales: readonly number[]
  readonly codes: readonly number[]
}

const { blockwise } = JSON.parse(
  readFileSync(new URL('../../test/reference/optimizers.json', import.meta.url), 'utf8'),
) as { blockwise: Record<'signed' | 'unsigned', Reference> }

/** Half the widest gap: 0.9 in 64 parts, or in 128; and a little for fp32. */
const bound = { signed: 0.9 / 128 + 1e-6, unsigned: 0.9 / 256 + 1e-6 }

describe.each(['signed', 'unsigned'] as const)('the %s dynamic type', (kind) => {
  const signed = kind === 'signed'
  const reference = blockwise[kind]

  it('has the 256 values of the reference, ascending', () => {
    const map = dynamicMap(signed)
    expect(map).toHaveLength(256)
    map.forEach((value, i) => {
      expect(Math.abs(value - reference.map[i]!)).toBeLessThanOrEqual(1e-6 * Math.abs(value))
      if (i > 0) expect(value).toBeGreaterThan(map[i - 1]!)
    })
  })

  it('is looked up with the result of a search, also at and next to every boundary', () => {
    const boundaries = boundariesOf(dynamicMap(signed))
    const { codes, thresholds } = codeLookup(boundaries)
    const bits = new Int32Array(1)
    const value = new Float32Array(bits.buffer)
    const check = (): void => {
      const place = (bits[0]! >> 15) + lookupOffset
      const code = codes[place]! + (value[0]! > thresholds[place]! ? 1 : 0)
      expect(code).toBe(countBelow(boundaries, value[0]!))
    }
    for (const boundary of boundaries)
      for (const step of [-1, 0, 1]) {
        value[0] = boundary
        bits[0]! += step
        check()
      }
    fc.assert(
      fc.property(fc.float({ min: signed ? -1 : 0, max: 1, noNaN: true }), (any) => {
        value[0] = any
        check()
      }),
      { numRuns: 2000 },
    )
  })

  it('gives the codes and scales of the reference, two blocks of which one is not full', () => {
    scope(() => {
      const values = Float32Array.from({ length: 300 }, (_, i) => {
        const value = Math.sin(1.3 * i + 0.2) * 10 ** (3 * Math.sin(0.7 * i))
        return signed ? value : Math.abs(value)
      })
      const array = new BlockwiseArray(300, makeCodebook(signed))
      array.write(toBlocks(torch.tensor(values)))
      const scales = [...(array.scales_n1.toTypedArray() as Float32Array)]
      scales.forEach((scale, i) => {
        expect(scale / reference.scales[i]!).toBeCloseTo(1, 6)
      })
      expect([...array.codes_nk.toTypedArray()]).toEqual(reference.codes)
    })
  })

  it('is off by a small share of the largest of a block, and exact at zero', () => {
    const size = fc
      .double({ min: signed ? -1e3 : 0, max: 1e3, noNaN: true })
      .map((value) => (Math.abs(value) < 1e-30 ? 0 : value))
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 700 }), (list) => {
        scope(() => {
          const values = torch.tensor(Float32Array.from(list))
          const array = new BlockwiseArray(list.length, makeCodebook(signed))
          array.write(toBlocks(values))
          const back = fromBlocks(array.read(), [list.length])
          const error = toBlocks(back.sub(values)).abs().amax(1).toTypedArray() as Float32Array
          const scales = array.scales_n1.toTypedArray() as Float32Array
          error.forEach((most, block) => {
            expect(most).toBeLessThanOrEqual(bound[kind] * scales[block]!)
          })
          const [before, after] = [values, back].map((tensor) => tensor.toTypedArray() as Float32Array)
          before!.forEach((value, i) => {
            if (value === 0) expect(Math.abs(after![i]!)).toBe(0)
          })
        })
      }),
      { numRuns: 50 },
    )
  })
})

it('is zero at first, and stays so when zeros are written', () => {
  scope(() => {
    const array = new BlockwiseArray(10, makeCodebook(true))
    expect(array.read().abs().amax().item()).toBe(0)
    array.write(torch.zeros([1, 256]))
    expect(array.read().abs().amax().item()).toBe(0)
  })
})
