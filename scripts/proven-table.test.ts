import { expect, it } from 'vitest'
import { madeProveReport } from '../packages/apps/cli/test/made-prove-report.ts'
import { newestReportName, provenTable, withTable } from './proven-table.ts'

it('takes the newest report of all claims, of one day the full one', () => {
  const names = [
    '2026-01-02-prove-quick.json',
    '2026-01-03-prove-full.json',
    '2026-01-03-prove-quick.json',
    '2026-01-03-prove-quick.md',
    '2026-01-09-prove-quick-part.json',
    '2026-01-09-scale.json',
  ]
  expect(newestReportName(names)).toBe('2026-01-03-prove-full.json')
  expect(newestReportName(names.slice(3))).toBeUndefined()
})

const file = {
  date: '2026-01-02',
  machine: 'A processor, 2 threads',
  report: madeProveReport('a | <b> {{c}}'),
}

it('has a row for each claim, in which every text is only text', () => {
  const lines = provenTable(file, 'bench/reports/x.md').split('\n')
  expect(lines[0]).toContain('`hadal prove --quick` on 2026-01-02: A processor, 2 threads. 1 reproduced')
  const rows = lines.slice(4)
  expect(rows).toHaveLength(file.report.results.length)
  for (const row of rows) {
    expect(row.match(/\|/g)).toHaveLength(5)
    expect(row).not.toMatch(/<|\{\{/)
  }
  expect(rows[0]).toMatch(/^\| \[The claim .*\]\(docs\/batching\.md\) .* reproduced \|$/)
})

it('stands between its marks, however often it is written', () => {
  const readme = 'before\n<!-- prove -->\nold $& table\n<!-- /prove -->\nafter\n'
  const once = withTable(readme, '| $1 |')
  expect(once).toBe('before\n<!-- prove -->\n\n| $1 |\n\n<!-- /prove -->\nafter\n')
  expect(withTable(once, '| $1 |')).toBe(once)
  expect(withTable('no marks', '| 1 |')).toBe('no marks')
})
