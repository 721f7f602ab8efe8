import { expect, it } from 'vitest'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { accuracyTable, mistakeList, sampleList, summary, weakestKinds } from './answers.ts'

const evaluation: Evaluation = {
  model: 'nano',
  settings: { temperature: 0, maxTokens: 160, concurrency: 8 },
  data: { sha256: '', available: 70, asked: 70, wordedAsInTraining: 0 },
  total: {
    phrasing: { asked: 40, checked: 30, right: 27, wellFormed: 38 },
    fact: { asked: 30, checked: 30, right: 6, wellFormed: 30 },
  },
  kinds: {
    add: {
      phrasing: { asked: 30, checked: 30, right: 27, wellFormed: 30 },
      fact: { asked: 30, checked: 30, right: 6, wellFormed: 30 },
    },
    how_are_you: { phrasing: { asked: 10, checked: 0, right: 0, wellFormed: 8 } },
  },
  formFaults: { loop: 2 },
  mistakes: [
    { kind: 'add', heldOut: 'fact', questions: ['Hello', '2 | 2?'], answer: 'is 4.', reply: 'It is *5*.' },
  ],
  samples: [[{ question: 'Hi', inTraining: true, reply: 'Hello!' }]],
}

it('shows accuracy by kind, and form where there is no answer to check', () => {
  const lines = accuracyTable(evaluation).split('\n')
  expect(lines[2]).toMatch(/\| add +\| +90 % \(27\/30\) \| +20 % \(6\/30\) \| +100 % \(60\/60\) \|/)
  expect(lines[3]).toMatch(/\| how are you +\| +– \| +– \| +80 % \(8\/10\) \|/)
  expect(summary(evaluation)).toContain('90 % (27/30)')
})

it('names the kinds it mostly gets wrong', () => {
  expect(weakestKinds(evaluation)).toBe('More often wrong than right: add (new), 20 % (6/30).')
  expect(weakestKinds({ ...evaluation, kinds: {} })).toBe('')
})

it('shows what was said as it was said', () => {
  expect(sampleList(evaluation)).toBe('1. > **Hi** †<br>\n   > Hello!')
  expect(mistakeList(evaluation)).toContain('| Hello<br>2 \\| 2? ')
  expect(mistakeList(evaluation)).toContain('It is \\*5\\*.')
})
