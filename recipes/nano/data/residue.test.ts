import { expect, test } from 'vitest'
import { residueIn } from './residue.ts'

test.each([
  ['A {kind} is here.', 'template hole'],
  ['It is undefined.', 'missing value'],
  ['Two  spaces.', 'double space'],
  ['A stop .', 'space before punctuation'],
  ['A comma,, twice.', 'doubled punctuation'],
  ["In Rome's ``Forum''.", 'dictionary quotes'],
  ['An open (bracket.', 'unbalanced bracket'],
  ['This is a apple.', 'wrong article'],
  ['This is an dog.', 'wrong article'],
  ['a_word', 'underscore'],
  [' Indented.', 'blank at an edge'],
])('%s contains residue', (text, fault) => {
  expect(residueIn(text)).toBe(fault)
  expect(residueIn(`A clean line.\n${text}`)).toBe(fault)
})

test('clean English passes', () => {
  expect(residueIn('An apple (a fruit) costs 3.50, and "why not?" she asked...')).toBeUndefined()
})
