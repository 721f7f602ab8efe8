import fc from 'fast-check'
import { expect, test } from 'vitest'
import { articleFor, fill, joinList, plural, sentence } from './english.ts'

test('the article follows the sound, not the letter', () => {
  const words = [
    'apple',
    'dog',
    'hour',
    'honest man',
    'university',
    'uniform',
    'umbrella',
    'uncle',
    'one',
    'onion',
  ]
  expect(words.map(articleFor)).toEqual(['an', 'a', 'an', 'an', 'a', 'a', 'an', 'an', 'a', 'an'])
  expect(['European', 'eagle', 'user', 'uninteresting thing', 'unit', 'useful tool'].map(articleFor)).toEqual(
    ['a', 'an', 'a', 'an', 'a', 'a'],
  )
})

test('plurals, regular and not', () => {
  expect(['dog', 'box', 'baby', 'day', 'child', 'knife', 'potato', 'piano'].map(plural)).toEqual([
    'dogs',
    'boxes',
    'babies',
    'days',
    'children',
    'knives',
    'potatoes',
    'pianos',
  ])
})

test('lists and sentences are punctuated', () => {
  expect(joinList(['a', 'b', 'c'])).toBe('a, b and c')
  expect(joinList(['a', 'b'], 'or')).toBe('a or b')
  expect(joinList(['a'])).toBe('a')
  expect(sentence('  the dog   barked')).toBe('The dog barked.')
  expect(sentence('who is it?')).toBe('Who is it?')
})

test('templates are filled, with a capital where the hole has one, and never left open', () => {
  expect(fill('{Name} saw {aFriend}. {AFriend}?', { name: 'tom', aFriend: 'an owl' })).toBe(
    'Tom saw an owl. An owl?',
  )
  expect(() => fill('{nobody}', {})).toThrow('{nobody}')
})

test('a filled template shows its value and no hole', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,12}$/), (word) => {
      const text = fill('What does {w} mean?', { w: word })
      expect(text).toBe(`What does ${word} mean?`)
    }),
  )
})
