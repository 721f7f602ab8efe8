import { expect, test } from 'vitest'
import { isWholeSentence, readGloss } from './gloss.ts'

test('a gloss gives one plain meaning and its whole sentences', () => {
  const gloss =
    'a metal pot (often of copper) for boiling water; any pot; "the kettle was boiling"; "a black kettle"'
  expect(readGloss(gloss, 12)).toEqual({
    meaning: 'a metal pot for boiling water',
    sentences: ['The kettle was boiling.'],
  })
})

test.each([
  'used of persons; "x"',
  'a genus of plants',
  'an offensive term for somebody',
  'type of',
  "a kind of `quoted' thing",
  'a word that goes on and on and on and on and on and on far beyond what fits',
])('not plain enough: %s', (gloss) => {
  const { meaning } = readGloss(gloss, 12)
  if (gloss.startsWith('used')) expect(meaning).toBe('used of persons')
  else expect(meaning).toBeUndefined()
})

test.each([
  ['he ran down the road', true],
  ['the director moved the papers', true],
  ['a cat was on the mat', true],
  ['what a nice day it is', true],
  ['the flow of thought', false],
  ['a man actuated by unworthy desires', false],
  ['an exquisite gilded rococo mirror', false],
  ['a train of thought', false],
  ['tax evasion', false],
])('%s: whole sentence is %s', (text, whole) => {
  expect(isWholeSentence(text)).toBe(whole)
})
