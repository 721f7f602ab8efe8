import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kindFinder } from './kinds.ts'
import { readWordNet } from './wordnet.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wordnet-'))
  const header = '  1 This line is part of the licence.\n'
  const files: Record<string, string> = {
    'data.noun': [
      '00000010 03 n 02 animal 0 beast 0 000 | a living thing that moves; "the animal ran"  ',
      '00000020 05 n 01 house_dog 0 001 @ 00000010 n 0000 | a dog kept in a house  ',
    ].join('\n'),
    'data.adj': [
      '00000030 00 a 01 good 0 001 ! 00000040 a 0101 | pleasing  ',
      '00000040 00 s 01 bad(p) 0 001 ! 00000030 a 0101 | not good  ',
    ].join('\n'),
    'data.verb': '',
    'data.adv': '',
    'index.noun': 'animal n 1 1 ~ 1 1 00000010  \nhouse_dog n 1 1 @ 1 0 00000020  \n',
    'index.adj': 'good a 1 1 ! 1 1 00000030  \nbad a 1 1 ! 1 1 00000040  \n',
    'index.verb': '',
    'index.adv': '',
    'index.sense':
      'animal%1:03:00:: 00000010 1 7\ngood%3:00:01:: 00000030 1 5\ngood%5:00:02:: 00000030 2 4\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), header + text)
})

afterAll(() => rmSync(folder, { recursive: true }))

test('synsets, senses and counts are read', () => {
  const wordNet = readWordNet(folder)
  const [animal] = wordNet.senses('animal', 'noun')
  expect(animal).toMatchObject({
    words: ['animal', 'beast'],
    field: 3,
    gloss: 'a living thing that moves; "the animal ran"',
  })
  expect(wordNet.senses('house dog', 'noun')[0]?.words).toEqual(['house dog'])
  expect([...wordNet.lemmas('noun')]).toEqual(['animal', 'house dog'])
  expect([
    wordNet.uses('animal', 'noun'),
    wordNet.uses('good', 'adjective'),
    wordNet.uses('bad', 'adjective'),
  ]).toEqual([7, 9, 0])
})

test('pointers lead to words, satellites and marked adjectives included', () => {
  const wordNet = readWordNet(folder)
  const [good] = wordNet.senses('good', 'adjective')
  const pointer = good!.pointers[0]!
  expect(wordNet.synsets.get(pointer.target)?.words[pointer.to - 1]).toBe('bad')
})

test('the kind is found above, never the word itself', () => {
  const wordNet = readWordNet(folder)
  const kindOf = kindFinder(wordNet)
  expect(kindOf(wordNet.senses('house dog', 'noun')[0]!)).toEqual({ one: 'animal', many: 'animals' })
  expect(kindOf(wordNet.senses('animal', 'noun')[0]!)).toBeUndefined()
})
