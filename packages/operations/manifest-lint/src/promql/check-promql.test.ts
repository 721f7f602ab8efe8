import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkPromql, promqlType } from './check-promql.ts'

const said = (text: string): string[] =>
  checkPromql(text).map(({ kind, from, to, message }) => `${kind} ${from}-${to} ${message}`)

test('an error has its position and the unexpected text', () => {
  expect(said('sum(rate(foo[5m])')).toEqual([
    'syntax 17-17 unexpected end of the expression; expected an argument or )',
  ])
  expect(said('sum by job (foo)')).toEqual(['syntax 7-10 unexpected "job"; expected label names, then )'])
  expect(said('foo{job="a}')).toEqual(['syntax 8-11 a string without its closing quote'])
  expect(said('histogram_quantle(0.9, x)')).toEqual([
    'syntax 0-17 unknown function histogram_quantle; did you mean histogram_quantile?',
  ])
})

test('all type errors are reported at once, with their positions', () => {
  expect(said('rate(foo) + topk(bar, 5)')).toEqual([
    'type 5-8 expected a range vector in the call of rate, got an instant vector',
    'type 17-20 expected a scalar in topk(...), got an instant vector',
    'type 22-23 expected an instant vector in topk(...), got a scalar',
  ])
})

test('offset, @ and ranges belong to the operand before them, not to the whole before it', () => {
  expect(said('foo - foo offset 1h')).toEqual([])
  expect(said('foo / -foo offset 5m > 2')).toEqual([])
  expect(said('foo * 100 [1h:5m]')).toEqual([
    'type 6-17 a subquery of a scalar; it needs an instant vector',
    'type 6-9 a range vector as an operand of *, which needs scalars and instant vectors',
  ])
})

test('syntax that needs a newer Prometheus or a feature flag is reported separately', () => {
  const kinds = (text: string) => checkPromql(text).map(({ kind }) => kind)
  for (const newer of [
    'foo[300]',
    'first_over_time(x[5m])',
    'limitk(2, x)',
    'sum by ("a.b") (x)',
    'foo * 5m',
  ])
    expect(kinds(newer), newer).toEqual(['version'])
  expect(kinds('foo[5m] anchored')).toEqual(['version'])
  expect(kinds('sort_by_label(foo, "a")')).toEqual(['experimental'])
})

test('an expression has a type only if it has no errors', () => {
  expect(promqlType('1 + 1')).toBe('scalar')
  expect(promqlType('up > 1')).toBe('instant vector')
  expect(promqlType('up[5m]')).toBe('range vector')
  expect(promqlType('"text"')).toBe('string')
  expect(promqlType('rate(up)')).toBeUndefined()
})

test('very long and very deep expressions are refused and end nothing', () => {
  expect(said('x'.repeat(60_000))).toEqual([
    'syntax 0-60000 an expression of 60000 characters; the limit is 20000',
  ])
  const nested = (depth: number) => checkPromql(`${'('.repeat(depth)}x${')'.repeat(depth)}`)
  expect(nested(1200).map(({ message }) => message)).toEqual(['nested more than 1000 deep'])
  expect(nested(900)).toEqual([])
  expect(checkPromql(`${'('.repeat(20_000)}x`)).not.toEqual([])
})

test('error positions lie within the text, for any text', () => {
  const alphabet = fc.constantFrom(
    ...'ab_:(){}[],+-*=!~"\'`\\ 5m#@\n$é'.split(''),
    'sum',
    'rate(',
    ' by ',
    'offset ',
  )
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      for (const { from, to } of checkPromql(text)) {
        expect(from).toBeLessThanOrEqual(to)
        expect(to).toBeLessThanOrEqual(text.length)
      }
    }),
    { numRuns: 500 },
  )
})
