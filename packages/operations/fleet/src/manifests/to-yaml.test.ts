import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import type { Manifest } from '../manifest.ts'
import { toYaml, toYamlDocument } from './to-yaml.ts'

/** Words that readers take for something else, and what text makes of YAML's own signs. */
const tricky = [
  ...[
    'on',
    'No',
    'y',
    'null',
    '~',
    'NaN',
    '1e3',
    '08',
    '0o7',
    '0x1F',
    '1_000',
    '12:30',
    '.5',
    '-1',
    '+.inf',
    '=',
  ],
  ...[
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    '<<',
    '',
    ' a',
    'a ',
    '#',
    'a: b',
    '- a',
    '"',
    "'",
    '%',
    '@',
    '`',
    '&a',
    '*a',
  ],
  ...[
    'a\nb',
    'a\n',
    '\na',
    '  a\nb',
    'a\n\n',
    '\t',
    'a\tb\nc',
    '\u0085',
    '\u2028',
    '\r\n',
    '{{ a }}',
    '\ud83d\ude00',
  ],
]
const text = fc.oneof(fc.constantFrom(...tricky), fc.string(), fc.string({ unit: 'grapheme' }))
// As a key, `<<` is a merge to this reader even in quotes.
const key = text.filter((each) => each !== '<<')
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any

describe('toYaml', () => {
  it('is read as what it was, by the rules of YAML 1.1 and of 1.2', () => {
    fc.assert(
      fc.property(value, (given) => {
        const yaml = toYamlDocument({ given })
        for (const version of ['1.1', '1.2'] as const)
          expect(parse(yaml, { version, merge: false, uniqueKeys: false })).toEqual({ given })
      }),
      { numRuns: 500 },
    )
  })

  it.each(['on', 'No', 'y', '1e3', '08', '0o7', '0x1F', '1_000', '12:30', '2026-01-01', '~', '', '0.1.0'])(
    'quotes %j',
    (each) => expect(toYamlDocument({ a: each })).toBe(`a: ${JSON.stringify(each)}\n`),
  )

  it.each(['16Gi', '500m', '15s', 'hadal', '/metrics', '../../base', '--config', 'sum(up) / 8'])(
    'leaves %j as it is',
    (each) => expect(toYamlDocument({ a: each })).toBe(`a: ${each}\n`),
  )

  it('writes lines as lines, blocks as blocks, and never two objects as one', () => {
    const shared = { a: ['x'] }
    expect(toYamlDocument({ one: shared, two: shared, json: '{\n  "a": 1\n}\n' })).toBe(
      'one:\n  a:\n    - x\ntwo:\n  a:\n    - x\njson: |\n  {\n    "a": 1\n  }\n',
    )
  })

  it('separates documents, and has the comment once', () => {
    const one: Manifest = { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } }
    const yaml = toYaml([one, { ...one, kind: 'B' }], 'Two of them.\n\nReally.')
    expect(yaml.startsWith('# Two of them.\n#\n# Really.\napiVersion: v1\nkind: A\n')).toBe(true)
    expect(parseAllDocuments(yaml).map((document) => document.toJS().kind)).toEqual(['A', 'B'])
  })
})
