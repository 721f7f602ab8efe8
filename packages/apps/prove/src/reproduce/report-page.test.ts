import { expect, it } from 'vitest'
import { madeProveReport } from '../../../cli/test/made-prove-report.ts'
import { provePage } from './report-page.ts'

const hostile = `</style><script>alert(1)</script><img src=x onerror=alert(2)>"'&amp;\u0000`

it('holds what is claimed, measured and said of it, with plots and the raw results', () => {
  const page = provePage(madeProveReport(), { one: '{"rounds":[1,2]}' })
  expect(page).toContain('+38 %')
  expect(page).toContain('hadal prove --only one --quick --seed 1')
  expect(page.match(/<svg [^>]*role="img" aria-label="[^"]+/g)).toHaveLength(2)
  const raw = /href="data:application\/json;base64,([^"]+)"/.exec(page)![1]!
  expect(JSON.parse(Buffer.from(raw, 'base64').toString())).toEqual({ rounds: [1, 2] })
})

it('lets no text become more than text', () => {
  const made = madeProveReport(hostile)
  const results = made.results.map((result) => ({ ...result, id: hostile, command: hostile, page: hostile }))
  const page = provePage({ ...made, results, notReached: [hostile], commit: hostile }, { [hostile]: hostile })
  expect(page).not.toMatch(/<script|<img/)
  // Its own, and nothing that a text added.
  const tags = (html: string): string[] => [...new Set(html.match(/<\/?[a-z0-9!]+/gi))].sort()
  expect(tags(page)).toEqual(tags(provePage(madeProveReport(), { one: '1' })))
  expect(page).not.toMatch(/="[^"]*"[^\s>/]/)
})

it('draws no number that is none', () => {
  expect(provePage(madeProveReport(), {})).not.toMatch(/NaN|Infinity/)
})

it('may load and run nothing', () => {
  const page = provePage(madeProveReport(), {})
  expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\w+/=]+'"/)
  expect(page).not.toMatch(/ (style|src|on\w+)=/)
})

it('leaves raw results that would make it slow to open in their folder', () => {
  const page = provePage(madeProveReport(), { one: `"${'x'.repeat(3_000_000)}"` })
  expect(page.length).toBeLessThan(100_000)
  expect(page).toContain('one/raw.json')
})
