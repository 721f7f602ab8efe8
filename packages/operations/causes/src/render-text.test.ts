import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createText, placeholdersOf } from './render-text.ts'

test.each([
  ['at {host}', { host: 'a' }, 'at a'],
  ['at {host}', {}, 'at '],
  ['at {host:HOST}', { host: '' }, 'at HOST'],
  ['{one:{other:neither}}', { other: 'b' }, 'b'],
  ['listens{port? on {port}}.', { port: '80' }, 'listens on 80.'],
  ['listens{port? on {port}}.', {}, 'listens.'],
  ['listens{host? at {host}{port?:{port}}}', { host: 'a', port: '80' }, 'listens at a:80'],
  ['listens{host? at {host}{port?:{port}}}', { port: '80' }, 'listens'],
  ['{!file?nothing}{file?{file}}', {}, 'nothing'],
  ['{key=v?a pointer}{!key=v?damaged}', { key: 'v' }, 'a pointer'],
  ['{key=v?a pointer}{!key=v?damaged}', {}, 'damaged'],
  ['{size|bytes:much}', { size: '2048' }, '2.0 KiB'],
  ['{size|bytes:much}', {}, 'much'],
  ['{rate|half? (to {rate|half})}', { rate: 'none' }, ''],
  ['{rate|half? (to {rate|half})}', { rate: '0.02' }, ' (to 0.01)'],
  ['{a|no_such_format:else}', { a: '1' }, 'else'],
  ['taint {{taint:gpu}}', {}, 'taint {gpu}'],
  [
    'jsonpath="{.spec.containers[*].image}" {} { a }',
    { a: '1' },
    'jsonpath="{.spec.containers[*].image}" {} { a }',
  ],
  ['{a}', { a: '{b}', b: '$& {a}' }, '{b}'],
  ['', {}, ''],
])('%s with %j', (source, figures, text) => {
  expect(createText(source)(figures)).toBe(text)
})

describe('a brace that is not closed', () => {
  test.each(['{a?', '{a?x{b:y}', '{!a?{b}'])('%s is an error at the first use', (source) => {
    expect(() => createText(source)({})).toThrow(RangeError)
  })
})

test('placeholders are found at every depth', () => {
  expect(placeholdersOf('x {a:{b|bytes}} {!c=v?{d}}').map(({ figure, format }) => [figure, format])).toEqual([
    ['a', undefined],
    ['b', 'bytes'],
    ['c', undefined],
    ['d', undefined],
  ])
})

test('a text without figures stays as it is, and figures are never read as templates', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(createText('<{a}>')({ a: text })).toBe(`<${text}>`)
      if (!text.includes('{')) expect(createText(text)({})).toBe(text)
    }),
  )
})
