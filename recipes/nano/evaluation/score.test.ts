import { expect, it } from 'vitest'
import { type HeldOutConversation, score } from './score.ts'

const conversation = (
  kind: string,
  question: string,
  answer?: string,
  heldOut: 'phrasing' | 'fact' = 'phrasing',
): HeldOutConversation => ({
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: 'What training would have said.' },
  ],
  kind,
  heldOut,
  ...(answer !== undefined && { answer }),
})
const reply = (text: string) => ({ text, ended: true })

it('counts answers that are contained letter for letter, by kind and by what was held out', () => {
  const { kinds, total } = score(
    [
      conversation('capital', 'What is the capital of France?', 'Paris'),
      conversation('capital', 'And of Italy?', 'Rome'),
      conversation('add', '2 + 2?', 'is 4.', 'fact'),
      conversation('joke', 'A joke!'),
    ],
    [reply('The capital of France is Paris.'), reply('rome.'), reply('2 plus 2 is 4.'), reply('No end')],
  )
  expect(Object.keys(kinds)).toEqual(['add', 'capital', 'joke'])
  expect(kinds.capital).toEqual({ phrasing: { asked: 2, checked: 2, right: 1, wellFormed: 2 } })
  expect(kinds.add).toEqual({ fact: { asked: 1, checked: 1, right: 1, wellFormed: 1 } })
  expect(kinds.joke).toEqual({ phrasing: { asked: 1, checked: 0, right: 0, wellFormed: 0 } })
  expect(total.phrasing).toEqual({ asked: 3, checked: 2, right: 1, wellFormed: 2 })
})

it('keeps the first mistake of each kind and counts form issues', () => {
  const { mistakes, formFaults } = score(
    [conversation('add', '2 + 2?', 'is 4.'), conversation('add', '3 + 3?', 'is 6.')],
    [reply('2 plus 2 is 5.'), reply('3 plus 3')],
  )
  expect(mistakes).toEqual([
    { kind: 'add', heldOut: 'phrasing', questions: ['2 + 2?'], answer: 'is 4.', reply: '2 plus 2 is 5.' },
  ])
  expect(formFaults).toEqual({ 'no ending': 1 })
})
