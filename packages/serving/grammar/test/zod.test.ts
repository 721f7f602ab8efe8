/** zod schemas: everything generated must satisfy zod. */

import { jsonSchemaToGbnf } from '@hadal/grammar'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readGbnf } from './gbnf-reader.ts'
import { Sampler, seededRandom } from './sample-gbnf.ts'

const Category = z.object({
  name: z.string().min(1).max(40),
  get children() {
    return z.array(Category).max(3)
  },
})

const schemas: Readonly<Record<string, z.ZodType>> = {
  string: z.string().min(2).max(5),
  length: z.string().length(4),
  'long string': z.string().max(5000),
  regex: z.string().regex(/^[A-Z]{2}-\d{3}$/),
  'regex and length': z.string().regex(/^\S+$/).min(3).max(2000),
  'starts with': z.string().startsWith('id_'),
  'ends with': z.string().endsWith('.ts'),
  includes: z.string().includes('@@'),
  lowercase: z.string().lowercase(),
  uppercase: z.string().uppercase(),
  email: z.email(),
  'html email': z.email({ pattern: z.regexes.html5Email }),
  url: z.url(),
  uuid: z.uuid(),
  uuidv4: z.uuidv4(),
  uuidv7: z.uuidv7(),
  guid: z.guid(),
  nanoid: z.nanoid(),
  cuid: z.cuid(),
  cuid2: z.cuid2(),
  ulid: z.ulid(),
  xid: z.xid(),
  ksuid: z.ksuid(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidrv4: z.cidrv4(),
  mac: z.mac(),
  base64: z.base64(),
  base64url: z.base64url(),
  e164: z.e164(),
  hostname: z.hostname(),
  hex: z.hex(),
  emoji: z.emoji(),
  date: z.iso.date(),
  time: z.iso.time(),
  datetime: z.iso.datetime(),
  'datetime with offset': z.iso.datetime({ offset: true }),
  'local datetime': z.iso.datetime({ local: true, precision: 3 }),
  duration: z.iso.duration(),
  'template literal': z.templateLiteral(['v', z.int().min(0), '-', z.enum(['a', 'b'])]),
  number: z.number(),
  int: z.int(),
  int32: z.int32(),
  uint32: z.uint32(),
  float32: z.float32(),
  range: z.number().gt(-2.5).lte(17),
  positive: z.number().positive(),
  'even numbers': z.int().multipleOf(2).min(-10).max(1000),
  cents: z.number().multipleOf(0.25).min(0).max(100),
  literals: z.literal(['a', 1, true, null]),
  enum: z.enum(['red', 'green', 'a "quoted" one']),
  nullable: z.string().nullable(),
  optional: z.object({ a: z.string().optional(), b: z.int().optional(), c: z.boolean() }),
  defaults: z.object({ a: z.string().default('x'), b: z.array(z.int()).default([]) }),
  strict: z.strictObject({ a: z.literal(1) }),
  loose: z.looseObject({ a: z.literal(1) }),
  catchall: z.object({ a: z.string() }).catchall(z.number()),
  record: z.record(z.string(), z.int()),
  'record of keys': z.record(z.enum(['x', 'y']), z.boolean()),
  'partial record': z.partialRecord(z.enum(['x', 'y']), z.boolean()),
  'record of patterns': z.record(z.string().regex(/^[a-z]+$/), z.number()),
  tuple: z.tuple([z.string(), z.number()]),
  'tuple with rest': z.tuple([z.string()], z.boolean()),
  array: z
    .array(z.object({ id: z.int() }))
    .min(1)
    .max(3),
  union: z.union([z.string(), z.number(), z.array(z.null())]),
  'discriminated union': z.discriminatedUnion('type', [
    z.object({ type: z.literal('circle'), radius: z.number().positive() }),
    z.object({ type: z.literal('square'), side: z.number().positive() }),
    z.object({ type: z.enum(['text', 'title']), value: z.string() }),
  ]),
  intersection: z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() })),
  recursive: Category,
  any: z.any(),
  json: z.json(),
}

describe("what zod's JSON Schema writes satisfies zod", () => {
  for (const [name, schema] of Object.entries(schemas))
    for (const io of ['input', 'output'] as const)
      it(`${name} (${io})`, () => {
        const gbnf = jsonSchemaToGbnf(z.toJSONSchema(schema, { io }) as never)
        const sampler = new Sampler(readGbnf(gbnf))
        const random = seededRandom(name.length)
        for (let i = 0; i < 60; i++) {
          const text = sampler.sample(random, 120)
          const parsed = schema.safeParse(JSON.parse(text))
          if (!parsed.success) expect.fail(`${text}: ${parsed.error.message}`)
        }
      })

  it('refuses what JSON cannot hold apart: sets of any items', () => {
    const schema = { type: 'array', items: { type: 'string' }, uniqueItems: true }
    expect(() => jsonSchemaToGbnf(schema)).toThrow('/uniqueItems')
  })
})
