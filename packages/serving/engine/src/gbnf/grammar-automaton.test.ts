import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { GrammarAutomaton } from './grammar-automaton.ts'
import { parseGbnf } from './parse-gbnf.ts'

const automaton = (gbnf: string) => new GrammarAutomaton(parseGbnf(gbnf, () => undefined))

/** Whether the text matches the grammar, is a prefix of a match, or neither. */
function read(grammar: GrammarAutomaton, text: string): 'complete' | 'open' | 'refused' {
  const position = grammar.run(grammar.start(), Buffer.from(text))
  if (position === undefined) return 'refused'
  return position.complete ? 'complete' : 'open'
}
const reads = (gbnf: string, text: string) => read(automaton(gbnf), text)

const json = `
root   ::= object
value  ::= object | array | string | number | "true" | "false" | "null"
object ::= "{" ws ( string ":" ws value ("," ws string ":" ws value)* )? "}" ws
array  ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::= "\\"" ([^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4}))* "\\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]*)) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,15})? ws
ws     ::= | " " | "\\n" [ \\t]{0,20}
`

describe('GrammarAutomaton', () => {
  it.each([
    ['root ::= "a" | "bc"', ['a', 'bc'], ['b'], ['x', 'bd', 'ab']],
    ['root ::= [a-c]+ "!"?', ['a', 'abc!', 'cc'], [''], ['!', 'd', 'a!!']],
    ['root ::= ("ab"){2,3}', ['abab', 'ababab'], ['ab', 'aba', 'ababa'], ['abababab']],
    ['root ::= "x"{0}', [''], [], ['x']],
    ['root ::= "x"{2,}', ['xx', 'xxxxx'], ['x'], ['y']],
    ['root ::= [^a-z]', ['A', 'é', '🙂', '\n'], [], ['a', 'AA']],
    ['root ::= .', ['a', '\u{10ffff}', '\n'], [], ['aa']],
    ['root ::= [é-ü🙂]', ['é', 'ö', '🙂'], [], ['e', '🙃', 'ý']],
    ['root ::= "\\x41\\u00e9\\U0001F642\\n"', ['Aé🙂\n'], ['A'], ['a']],
    ['root ::= ("x"?)*', ['', 'x', 'xxx'], [], ['y']],
    ['root ::= (("x"?)* "y"?)+', ['', 'xxyxy', 'yy'], [], ['z']],
    ['root ::= a\na ::= b | "(" a ")"\n\n# note\nb ::= "1"', ['1', '((1))'], ['((1)'], [')', '(1))']],
    ['root ::= "a"*{2}', ['', 'aaa'], [], ['b']],
    ['root ::= a "x"\na ::= a | "b"', ['bx'], ['b'], ['x']],
  ])('reads %s', (gbnf, complete, open, refused) => {
    for (const text of complete) expect([text, reads(gbnf, text)]).toEqual([text, 'complete'])
    for (const text of open) expect([text, reads(gbnf, text)]).toEqual([text, 'open'])
    for (const text of refused) expect([text, reads(gbnf, text)]).toEqual([text, 'refused'])
  })

  it('reads characters byte by byte, and no byte that begins none of them', () => {
    const grammar = automaton('root ::= [é-ü]')
    const position = grammar.step(grammar.start(), 0xc3)!
    expect(position.complete).toBe(false)
    expect(grammar.step(position, 0xa9)!.complete).toBe(true)
    expect(grammar.step(position, 0x80)).toBeUndefined()
    expect(grammar.step(grammar.start(), 0xed)).toBeUndefined()
  })

  it('knows no surrogates and no overlong characters', () => {
    const any = automaton('root ::= .*')
    for (const bytes of [[0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90], [0x80], [0xff]])
      expect(any.run(any.start(), Uint8Array.from(bytes))).toBeUndefined()
  })

  it('reads any JSON object, and what is none only as far as it looks like one', () => {
    const grammar = automaton(json)
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value).replace(/[\x7f]|[eE]\+?\d+|-0\b/g, '1')
        JSON.parse(text)
        expect(read(grammar, text)).toBe('complete')
        expect(read(grammar, `${text}x`)).toBe('refused')
      }),
    )
  })

  it('agrees with regular expressions', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '[ab]',
      '(a|bb)',
      '(ab?)*',
      '(a*b)?',
      '(b|)',
      '(a|ab|c)+',
      '(a?){1,3}',
    )
    const parts = fc.array(part, { minLength: 1, maxLength: 5 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(parts, fc.array(text, { maxLength: 10 }), (parts, texts) => {
        const gbnf = parts.map((each) =>
          each.replace(/(\[ab\])|[abc]+/g, (run, range) => range ?? [...run].map((c) => `"${c}"`).join(' ')),
        )
        const grammar = automaton(`root ::= ${gbnf.join(' ')}`)
        const pattern = new RegExp(`^(?:${parts.join('')})$`)
        for (const each of texts) expect(read(grammar, each) === 'complete').toBe(pattern.test(each))
      }),
      { numRuns: runs(50, 200) },
    )
  })

  it('stays quick where one text can be read in very many ways', () => {
    const grammar = automaton('root ::= "a" root "b" | "a" root "c" | a+ ("x" | "")\na ::= "a" | "a"')
    expect(read(grammar, 'a'.repeat(500))).toBe('complete')
    expect(read(grammar, `${'a'.repeat(300)}x${'bc'.repeat(100)}`)).toBe('complete')
    expect(read(automaton(`root ::= ${'"a"? '.repeat(300)}`), 'a'.repeat(300))).toBe('complete')
  })

  it('gives up where the readings are too many to follow', () => {
    const grammar = automaton('root ::= "a" root "b" | a+\na ::= "a" | "a"')
    const run = () => {
      let position = grammar.start()
      for (let length = 0; length < 10_000; length += 1) position = grammar.step(position, 0x61)!
    }
    expect(run).toThrow(
      expect.objectContaining({ code: 'invalid_grammar', message: expect.stringContaining('ways') }),
    )
  })

  it('comes back to the same position where nothing differs', () => {
    const grammar = automaton('root ::= "\\"" [^"]* "\\""')
    const inside = grammar.run(grammar.start(), Buffer.from('"one'))!
    expect(grammar.run(inside, Buffer.from(' more é'))).toBe(inside)
  })

  it('takes named tokens as they are', () => {
    const grammar = new GrammarAutomaton(
      parseGbnf('root ::= "a" <think> !<[7]> "b"', (token) => (token === '<think>' ? 9 : Number(token))),
    )
    const a = grammar.run(grammar.start(), Buffer.from('a'))!
    expect(grammar.runToken(a, 8, Buffer.from('<think>'))).toBeUndefined()
    const thinking = grammar.runToken(a, 9, new Uint8Array())!
    expect(grammar.runToken(thinking, 7, Buffer.from('x'))).toBeUndefined()
    const other = grammar.runToken(thinking, 6, Buffer.from('anything'))!
    expect(grammar.run(other, Buffer.from('b'))!.complete).toBe(true)
  })

  it('forgets positions when they are many, and goes on', () => {
    const grammar = automaton('root ::= "(" root ")" | "x"')
    const text = `${'('.repeat(10_000)}x${')'.repeat(10_000)}`
    expect(read(grammar, text)).toBe('complete')
  })
})
