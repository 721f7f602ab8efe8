import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GrammarAutomaton } from './grammar-automaton.ts'
import { parseGbnf } from './parse-gbnf.ts'
import { has, TokenTrie } from './token-trie.ts'

describe('TokenTrie', () => {
  it('finds exactly the tokens that lead on, wherever the text stands', async () => {
    const gbnf = fc.constantFrom(
      'root ::= [a-c]* "é" | "ab" root',
      'root ::= ("a" | "abc" | "bc"){2,4} [^a]',
      'root ::= "(" root ")" | [é-ü]+',
    )
    const letter = fc.constantFrom(...Buffer.from('abc()é'))
    const text = fc.array(letter, { maxLength: 4 }).map((bytes) => Uint8Array.from(bytes))
    await fc.assert(
      fc.asyncProperty(gbnf, fc.array(text, { maxLength: 60 }), text, async (gbnf, texts, before) => {
        const grammar = new GrammarAutomaton(parseGbnf(gbnf, () => undefined))
        const position = grammar.run(grammar.start(), before)
        if (position === undefined) return
        const trie = await TokenTrie.build(
          texts.length,
          (token) => texts[token]!,
          async () => {},
        )
        const set = trie.allowed(grammar, position)
        for (const [token, each] of texts.entries())
          expect(has(set, token)).toBe(each.length > 0 && grammar.run(position, each) !== undefined)
      }),
      { numRuns: 300 },
    )
  })

  it('gives up where one place takes too long', async () => {
    const every = Array.from({ length: 26 * 26 * 26 }, (_, at) =>
      [at % 26, Math.trunc(at / 26) % 26, Math.trunc(at / 676)].map((letter) => letter + 97),
    )
    const trie = await TokenTrie.build(
      every.length,
      (token) => Uint8Array.from(every[token]!),
      async () => {},
    )
    const grammar = new GrammarAutomaton(
      parseGbnf(
        `root ::= ${Array.from({ length: 1900 }, (_, at) => `[^${at % 7}]?`).join(' ')}`,
        () => undefined,
      ),
    )
    expect(() => {
      let position = grammar.start()
      for (;;) {
        trie.allowed(grammar, position)
        position = grammar.step(position, 0x61)!
      }
    }).toThrow(expect.objectContaining({ code: 'invalid_grammar' }))
  })
})
