import { expect, test } from 'vitest'
import { readOutOfScope } from './chat/beyond.ts'
import { definition, kindSentence } from './entry.ts'
import { residueIn } from './residue.ts'
import { everydayWords, simpleFacts } from './tables.ts'

const words = everydayWords()

test('every table line gives a clean definition and an example that uses the word', () => {
  for (const entry of words) {
    for (const text of [definition(entry), kindSentence(entry) ?? '', ...entry.examples])
      expect(residueIn(text), text).toBeUndefined()
    expect(entry.examples[0], entry.word).toMatch(/^[A-Z].*[.!?]$/)
    expect(entry.meaning, entry.word).not.toMatch(/[.|~]/)
  }
})

test('no word is defined twice in one part of speech', () => {
  const names = words.map(({ word, part, kind }) => `${part} ${word} ${kind?.one ?? ''}`)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  const nouns = words.filter(({ part }) => part === 'noun').map(({ word }) => word)
  expect(nouns.filter((word, i) => nouns.indexOf(word) !== i)).toEqual([])
})

test('words of two parts of speech are marked, others not', () => {
  const shared = (word: string): boolean[] =>
    words.filter((entry) => entry.word === word).map((entry) => entry.shared)
  expect(shared('fly')).toEqual([true, true])
  expect(shared('kettle')).toEqual([false])
})

test('every fact has three wordings, and its reply contains its answer', () => {
  for (const { questions, reply, answer } of simpleFacts()) {
    expect(questions.length, reply).toBeGreaterThanOrEqual(3)
    expect(reply).toContain(answer)
    for (const text of [...questions, reply]) expect(text).toMatch(/^[A-Z].*[.?!]$/)
  }
})

test('every hole of an out-of-scope question has a list', () => {
  const { lists, questions } = readOutOfScope()
  for (const [question] of questions)
    for (const [, name] of question.matchAll(/\{(\w+)\}/g)) expect(lists[name!], question).toBeDefined()
})
