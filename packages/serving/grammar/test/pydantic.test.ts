/** Schemas that pydantic 2.13 emits for all kinds of fields: each is enforced or rejected by name. */

import { readFileSync } from 'node:fs'
import { jsonSchemaToGbnf } from '@hadal/grammar'
import { describe, expect, it } from 'vitest'
import { readGbnf } from './gbnf-reader.ts'
import { Sampler, seededRandom } from './sample-gbnf.ts'
import { ajv } from './validator.ts'

const recorded: Record<string, object> = JSON.parse(
  readFileSync(new URL('recorded/pydantic-2.13.json', import.meta.url), 'utf8'),
)

describe("what pydantic's JSON Schema writes satisfies it", () => {
  for (const [name, schema] of Object.entries(recorded))
    it(name, () => {
      const sampler = new Sampler(readGbnf(jsonSchemaToGbnf(schema as never)))
      const validate = ajv.compile(schema)
      const random = seededRandom(1)
      for (let i = 0; i < 100; i++) {
        const text = sampler.sample(random, 300)
        if (!validate(JSON.parse(text))) expect.fail(`${text}: ${ajv.errorsText(validate.errors)}`)
      }
    })
})
