import { expect, test } from 'vitest'
import { documentsFrom, readsEasily } from './prose.ts'

test.each([
  ['We ask for peace and for work.', true],
  ['Too short.', false],
  [
    'Constitutional considerations notwithstanding, administrative reorganization necessitates appropriations.',
    false,
  ],
  ['He shouted STOP IT NOW and then he left the room.', false],
  ['She said "yes and went home with the dog.', false],
  ['It was a long, , broken line of text.', false],
])('%s: easy is %s', (line, easy) => {
  expect(readsEasily(line)).toBe(easy)
})

test('documents are runs of easy sentences, dashes and odd quotes made plain', () => {
  const hard = 'Constitutional considerations notwithstanding, reorganization necessitates appropriations.'
  const text = `We came home—all of us. It was late. ${hard} The dog was glad. “Come in,” said my mother. She had made soup.`
  expect(documentsFrom(text)).toEqual([
    'We came home, all of us. It was late.',
    'The dog was glad. "Come in," said my mother. She had made soup.',
  ])
})
