import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GrammarAutomaton } from './grammar-automaton.ts'
import { parseGbnf } from './parse-gbnf.ts'
import { has, TokenTrie } from './token-trie.ts'

describe('TokenTrie', () => {
  it('finds exactly the tokens that lead on, wherever the text stands', () => {
    const gbnf = fc.constantFrom(
      'root ::= [a-c]* "é" | "ab" root',
      'root ::= ("a" | "abc" | "bc"){2,4} [^a]',
      'root ::= "(" root ")" | [é-ü]+',
    )
    const letter = fc.constantFrom(...Buffer.from('abc()é'))
    const text = fc.array(letter, { maxLength: 4 }).map((bytes) => Uint8Array.from(bytes))
    fc.assert(
      fc.property(gbnf, fc.array(text, { maxLength: 60 }), text, (gbnf, texts, before) => {
        const grammar = new GrammarAutomaton(parseGbnf(gbnf, () => undefined))
        const position = grammar.run(grammar.start(), before)
        if (position === undefined) return
        const set = new TokenTrie(texts).allowed(grammar, position)
        for (const [token, each] of texts.entries())
          expect(has(set, token)).toBe(each.length > 0 && grammar.run(position, each) !== undefined)
      }),
      { numRuns: 300 },
    )
  })
})
