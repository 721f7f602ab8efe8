import { expect, test } from 'vitest'
import type { CauseTable } from './cause-data.ts'
import { expandTable } from './expand-table.ts'

const table: CauseTable = {
  cause: {
    family: 'xid',
    title: '%code%: %words%',
    shows: ['code %code%\\b', '\\b%runtime%\\b', { pattern: '%words%', flags: 'i', for: 'own' }],
    says: '%means% It is %runtime|driver%.',
    source: 'manual',
  },
  kinds: { lost: { severity: 'error', means: 'Lost.', fix: { text: 'Restart.' } } },
  rows: [
    { id: 'one', code: 1, driver: 'D_1', words: 'a (b)', wording: 'own', kind: 'lost' },
    { id: 'two', code: 2, runtime: 'R2', driver: 'D_2', words: 'c', kind: 'lost', severity: 'note' },
  ],
}

test('a row and its kind complete the cause', () => {
  expect(expandTable(table)).toMatchObject([
    {
      id: 'one',
      family: 'xid',
      title: '1: a (b)',
      severity: 'error',
      says: 'Lost. It is D_1.',
      fix: { text: 'Restart.' },
      source: 'manual',
    },
    { id: 'two', severity: 'note', says: 'Lost. It is R2.' },
  ])
})

test('patterns are those that a row has the columns and the wording for, with its values escaped', () => {
  expect(expandTable(table).map(({ shows }) => shows)).toEqual([
    [{ pattern: 'code 1\\b' }, { pattern: 'a \\(b\\)', flags: 'i' }],
    [{ pattern: 'code 2\\b' }, { pattern: '\\bR2\\b' }],
  ])
})
