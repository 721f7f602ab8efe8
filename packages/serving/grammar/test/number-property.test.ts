/** Numbers within bounds: everything generated is within them, and everything within can be generated. */

import { HadalError } from '@hadal/base'
import { jsonSchemaToGbnf } from '@hadal/grammar'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { readGbnf } from './gbnf-reader.ts'
import { isText, Sampler, seededRandom } from './sample-gbnf.ts'

const numRuns = Number(process.env.HADAL_GRAMMAR_RUNS ?? runs(60, 200))

const bound = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e30, max: 1e30, noNaN: true }),
  fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 0, -0),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -25, max: 25 })).map(([m, e]) => m * 10 ** e),
  fc.maxSafeInteger(),
)
const bounds = fc.record(
  { minimum: bound, maximum: bound, exclusiveMinimum: bound, exclusiveMaximum: bound },
  { requiredKeys: [] },
)

function isWithin(
  value: number,
  { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Record<string, number | undefined>,
) {
  const no = Number.POSITIVE_INFINITY
  return (
    value >= (minimum ?? -no) &&
    value <= (maximum ?? no) &&
    value > (exclusiveMinimum ?? -no) &&
    value < (exclusiveMaximum ?? no)
  )
}

/** Decimals one digit off a bound, also beyond double precision, which are easily parsed as the bound. */
function textsNextTo(limit: number, random: () => number): string[] {
  if (Math.abs(limit) >= 1e21) return []
  const places = Math.floor(random() * 60)
  const units = BigInt(limit.toFixed(places).replace('.', ''))
  return [units - 1n, units, units + 1n].map((near) => {
    const digits = String(near < 0n ? -near : near).padStart(places + 1, '0')
    const point = digits.length - places
    const decimals = places === 0 ? '' : `.${digits.slice(point)}`
    return `${near < 0n ? '-' : ''}${digits.slice(0, point)}${decimals}`
  })
}

describe('numbers within bounds', () => {
  it.each([
    [{ minimum: 1e-7, exclusiveMaximum: 0.5 }, '0.499999999999999999999'],
    [{ exclusiveMinimum: -0.25, maximum: -0.000_02 }, '-0.2499999999999999999'],
  ])('%j: not %s, which is read as the bound', (limits, text) => {
    expect(isWithin(JSON.parse(text), limits)).toBe(false)
    expect(isText(readGbnf(jsonSchemaToGbnf({ type: 'number', ...limits })), text)).toBe(false)
  })

  it.each([
    { exclusiveMinimum: Number.MAX_VALUE },
    { exclusiveMaximum: -Number.MAX_VALUE },
    { minimum: 5, exclusiveMaximum: -Number.MAX_VALUE },
  ])('%j: none lie beyond the largest double', (limits) => {
    for (const type of ['number', 'integer'])
      expect(() => jsonSchemaToGbnf({ type, ...limits })).toThrow('no value satisfies')
  })

  it('are all that is written, and can all be written', () => {
    fc.assert(
      fc.property(
        bounds,
        fc.constantFrom('number', 'integer'),
        fc.nat(),
        bound,
        (limits, type, seed, value) => {
          const fits = isWithin(value, limits) && (type === 'number' || Number.isInteger(value))
          const text = JSON.stringify(value)
          const isShort =
            /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) && text.replace(/[-.]|^-?0\.0*/g, '').length <= 15
          let gbnf: string
          try {
            gbnf = jsonSchemaToGbnf({ type, ...limits })
          } catch (thrown) {
            if (!(thrown instanceof HadalError)) throw thrown
            if (
              /too large/.test(thrown.message) &&
              Object.values(limits).some((limit) => Math.abs(limit) > 1e40)
            )
              return
            expect(thrown.message).toContain('no value satisfies')
            expect(fits && isShort).toBe(false)
            return
          }
          const grammar = readGbnf(gbnf)
          const sampler = new Sampler(grammar)
          const random = seededRandom(seed)
          for (let i = 0; i < 10; i++) {
            const written = sampler.sample(random, 200)
            const read: unknown = JSON.parse(written)
            expect(isWithin(read as number, limits), written).toBe(true)
            if (type === 'integer') expect(Number.isInteger(read), written).toBe(true)
          }
          for (const text of Object.values(limits).flatMap((limit) => textsNextTo(limit, random)))
            if (isText(grammar, text)) expect(isWithin(JSON.parse(text), limits), text).toBe(true)
          if (isShort && text !== '-0') expect(isText(grammar, text), text).toBe(fits)
        },
      ),
      { numRuns },
    )
  })
})
