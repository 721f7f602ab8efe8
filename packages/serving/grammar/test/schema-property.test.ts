/** Everything a grammar generates satisfies its schema, and everything that satisfies the schema can be generated. */

import { HadalError } from '@hadal/base'
import { jsonSchemaToGbnf } from '@hadal/grammar'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { readGbnf } from './gbnf-reader.ts'
import { textsOf } from './member-orders.ts'
import { loosened, names, schemaDocument, stated } from './random-schema.ts'
import { isText, Sampler, seededRandom } from './sample-gbnf.ts'
import { ajv } from './validator.ts'

const numRuns = Number(process.env.HADAL_GRAMMAR_RUNS ?? runs(50, 150))
const textsEach = 8

/** Undefined if rejected; any other error is a bug. */
function compiled(schema: unknown, spaces: 'loose' | 'compact' = 'loose'): string | HadalError {
  try {
    return jsonSchemaToGbnf(schema as never, { spaces })
  } catch (thrown) {
    if (thrown instanceof HadalError && /^schema_/.test(thrown.code)) return thrown
    throw thrown
  }
}

describe('a schema and its grammar', () => {
  it('writes only what satisfies the schema', { timeout: 3_600_000 }, () => {
    let written = 0
    fc.assert(
      fc.property(schemaDocument, fc.nat(), (schema, seed) => {
        const gbnf = compiled(schema)
        if (typeof gbnf !== 'string') return
        written += 1
        const sampler = new Sampler(readGbnf(gbnf))
        const validate = ajv.compile(schema)
        const random = seededRandom(seed)
        for (let i = 0; i < textsEach; i++) {
          const text = sampler.sample(random, 200)
          const value: unknown = JSON.parse(text)
          if (!validate(value)) expect.fail(`${text} does not satisfy it: ${ajv.errorsText(validate.errors)}`)
        }
      }),
      { numRuns },
    )
    expect(written).toBeGreaterThan(numRuns / 4)
  })

  it('can write what satisfies the schema', { timeout: 3_600_000 }, () => {
    let satisfied = 0
    fc.assert(
      fc.property(schemaDocument, fc.nat(), (document, seed) => {
        const random = seededRandom(seed)
        const schema = stated(document, () => random() < 0.5) as object
        const gbnf = compiled(schema, 'compact')
        const isRefused = typeof gbnf !== 'string'
        if (isRefused && !/no value satisfies/.test(gbnf.message)) return
        const looser = compiled(
          loosened(schema, () => random() < 0.3),
          'compact',
        )
        if (typeof looser !== 'string') return
        const grammar = isRefused ? undefined : readGbnf(gbnf)
        const sampler = new Sampler(readGbnf(looser))
        const validate = ajv.compile(schema)
        for (let i = 0; i < textsEach; i++) {
          const value: unknown = JSON.parse(sampler.sample(random, 60))
          const text = JSON.stringify(value)
          // Doubles are generated in one notation, with up to 15 digits; multiples of hundredths with up to 13 before the point.
          if (!validate(value) || /[\d.]{14}|\de[+-]?\d/.test(text)) continue
          satisfied += 1
          if (grammar === undefined) expect.fail(`${text} satisfies it, and it is said that nothing does`)
          if (!textsOf(value, names).some((each) => isText(grammar, each)))
            expect.fail(`${text} satisfies it and cannot be written`)
        }
      }),
      { numRuns },
    )
    expect(satisfied).toBeGreaterThan(numRuns)
  })
})
