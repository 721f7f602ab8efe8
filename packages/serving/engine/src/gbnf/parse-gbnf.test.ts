import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMillis } from '../../../../kernel/base/test/cpu-millis.ts'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { GrammarAutomaton } from './grammar-automaton.ts'
import { parseGbnf } from './parse-gbnf.ts'

const parse = (gbnf: string) =>
  parseGbnf(gbnf, (token) => (token === '<known>' || token === 3 ? 3 : undefined))

describe('parseGbnf', () => {
  it.each([
    ['', 'no rule named root'],
    ['a ::= "x"', 'no rule named root'],
    ['root ::= a', 'the rule a is used and not defined'],
    ['root ::= | "x"\nother ::= root', undefined],
    ['root = "x"', 'line 1: expected ::='],
    ['root ::= "x"\n\nb ::= "y', 'line 3: unexpected end'],
    ['root ::= "\\q"', 'unknown escape \\q'],
    ['root ::= "\\u12"', 'expected 4 hex digits'],
    ['root ::= [a', 'unexpected end'],
    ['root ::= []', 'no characters'],
    ['root ::= [z-a]', 'ends before it begins'],
    ['root ::= [a-]', undefined],
    ['root ::= ("x"', 'expected )'],
    ['root ::= "x")', 'expected the end of the rule'],
    ['root ::= *', 'nothing to repeat'],
    ['root ::= "x"{', 'expected a number'],
    ['root ::= "x"{3,2}', 'the most is less than the least'],
    ['root ::= "x"{2,', 'expected }'],
    ['root ::= "x"{99999999}', 'more than 100000 elements'],
    ['root ::= "x"{0,999999999}', 'more than 100000 elements'],
    ['root ::= (((("x"{999}){999}){999}){999})', undefined],
    ['root ::= <known> !<[3]>', undefined],
    ['root ::= <unknown>', '<unknown> is no token'],
    ['root ::= <[4]>', '<[4]> is no token'],
    ['root ::= <known', 'expected a token'],
    [`root ::= <${'a'.repeat(500_000)}>`, 'the name of a token has 500002 characters'],
    ['root ::= root "x" | "y"', 'the rule root begins with itself'],
    ['root ::= a\na ::= e b "x" | "y"\nb ::= a\ne ::= |"q"', 'begins with itself'],
    ['root ::= e root "x" | "y"\ne ::= f f\nf ::= ""', 'begins with itself'],
    [`root ::= ${'('.repeat(501)}"x"${')'.repeat(501)}`, 'nested more than 500 deep'],
    [`root ::= ${'('.repeat(100_000)}`, 'nested more than 500 deep'],
    [
      `root ::= r0\n${Array.from({ length: 2000 }, (_, at) => `r${at} ::= r${at + 1} "x"`).join('\n')}\nr2000 ::= "y"`,
      'more than 1000 deep',
    ],
    ['x'.repeat(2 ** 20 + 1), 'at most 1048576 are read'],
  ])('judges grammar %#', (gbnf, issue) => {
    if (issue === undefined) parse(gbnf)
    else
      expect(() => parse(gbnf)).toThrow(
        expect.objectContaining({ code: 'invalid_grammar', message: expect.stringContaining(issue) }),
      )
  })

  it('takes the later of two rules with one name', () => {
    const grammar = new GrammarAutomaton(parse('root ::= "a"\nroot ::= "b"'))
    expect(grammar.run(grammar.start(), Buffer.from('a'))).toBeUndefined()
  })

  it('is quick with rules that may all be empty', () => {
    const rules = Array.from({ length: 20_000 }, (_, at) => `r${at} ::= | "x"`)
    const gbnf = `root ::= ${rules.map((_, at) => `r${at}`).join(' ')}\n${rules.join('\n')}`
    expect(cpuMillis(() => new GrammarAutomaton(parse(gbnf)))).toBeLessThan(5000)
  })

  it.each([
    ['nothing that is repeated', 'root ::= "a" ""{999999999} ""{1,999999999}'],
    // Each group and each repetition becomes a separate rule.
    ['rules of a rule with a long name', `${'n'.repeat(300_000)} ::= ${'"a"? '.repeat(4000)}\nroot ::= "a"`],
  ])('is quick with %s', (_, gbnf) => {
    let grammar: GrammarAutomaton | undefined
    const millis = cpuMillis(() => {
      grammar = new GrammarAutomaton(parse(gbnf))
    })
    expect(millis).toBeLessThan(5000)
    expect(grammar!.run(grammar!.start(), Buffer.from('a'))?.complete).toBe(true)
  })

  it('either refuses a grammar with its own error or makes one that runs', () => {
    const piece = fc.constantFrom(
      'root',
      'a',
      'b',
      '::=',
      '"x"',
      '"\\n"',
      '[a-c]',
      '[^',
      ']',
      '(',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{',
      '}',
      '2',
      ',',
      '\n',
      ' ',
      '#',
      '.',
      '"',
      '\\',
      '-',
      'é',
      '<',
      '!',
      '>',
    )
    const garbage = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc
        .array(piece, { maxLength: 20 })
        .map((pieces) => `root ::= ${pieces.join(' ')}\na ::= "1" b\nb ::= a | root |`),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(garbage, fc.uint8Array({ maxLength: 12 }), (gbnf, bytes) => {
        try {
          const grammar = new GrammarAutomaton(parse(gbnf))
          grammar.run(grammar.start(), bytes)
          grammar.run(grammar.start(), Buffer.from('1xxabc'))
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid_grammar' })
        }
      }),
      { numRuns: runs(600, 2000) },
    )
  })
})
