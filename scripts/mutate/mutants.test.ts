import { describe, expect, it } from 'vitest'
import { applyMutant, mutantsOf } from './mutants.ts'

/** The sources that the mutants of `text` make. */
const mutated = (text: string): string[] => mutantsOf(text).map((mutant) => applyMutant(text, mutant))

describe('mutantsOf', () => {
  it.each([
    ['boundaries', 'a < b', ['a <= b']],
    ['equality', 'a !== b', ['a === b']],
    ['sums', 'a + b', ['a - b']],
    ['products', 'a / b', ['a * b']],
    ['assignments', 'a += b', ['a -= b']],
    ['negations', 'f(!a)', [';', 'f((a))']],
    ['logic, with the same binding', 'x = a && b && c', ['x = (a && b || c)', 'x = (a || b) && c']],
    ['whole numbers', 'x = 16', ['x = 17', 'x = 32']],
    ['zero', 'x = 0', ['x = 1']],
    ['one', 'x = 1', ['x = 2']],
    ['fractions', 'x = 0.25', ['x = 1.25', 'x = 0.5']],
    ['booleans', 'x = true', ['x = false']],
    ['bounds', 'x = Math.min(a, b)', ['x = Math.max(a, b)']],
    ['rounding', 'x = Math.floor(a)', ['x = Math.ceil(a)']],
    ['early exits', 'if (a) return', ['if (true) return', 'if (false) return']],
    ['choices', 'x = a ? b : c', ['x = true ? b : c', 'x = false ? b : c']],
    ['loops', 'while (a) b++', ['while (false) b++']],
    ['loops without an end once', 'while (true) f', ['while (false) f']],
    ['calls', 'a.b()', [';']],
    ['awaited calls', 'await a', [';']],
  ])('mutates %s', (_, text, expected) => {
    expect(mutated(text)).toEqual(expected)
  })

  it.each([
    ['types', 'type A = 1 | true; interface B { readonly c: 2 }; let x: 3; f<4>'],
    ['imports', "import a from 'b'; export { a } from 'c'"],
    ['what is thrown', "throw new RangeError('a' + (b + 1))"],
    ['sums of texts', "x = 'a' + b; y = b + `c`; z = a + 'b' + c"],
    ['names', 'x = { 1: a }; x.min'],
    ['constructors of classes above', 'class A extends B { constructor() { super() } }'],
  ])('leaves alone %s', (_, text) => {
    expect(mutated(text)).toEqual([])
  })

  it('gives every mutant its line, and a change that is unique within it', () => {
    const mutants = mutantsOf('const a = 1\nconst b = c < 2 && d < 2\n')
    expect(mutants.map(({ line, code, change }) => [line, code, change])).toEqual([
      [1, 'const a = 1', '1 → 2'],
      [2, 'const b = c < 2 && d < 2', '&& → ||'],
      [2, 'const b = c < 2 && d < 2', '< → <='],
      [2, 'const b = c < 2 && d < 2', '2 → 3'],
      [2, 'const b = c < 2 && d < 2', '2 → 4'],
      [2, 'const b = c < 2 && d < 2', '< → <= (2)'],
      [2, 'const b = c < 2 && d < 2', '2 → 3 (2)'],
      [2, 'const b = c < 2 && d < 2', '2 → 4 (2)'],
    ])
  })
})
