/**
 * Counts the contents of data/ and writes the table of its card, data/README.md. The card's text is handwritten.
 *
 *   node --conditions=@hadal/source --import tsx packages/serving/guard/scripts/data-card.ts
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const data = new URL('../data/', import.meta.url)
const card = new URL('README.md', data)

function linesOf(file: string): string[] {
  const counts = new Map<string, number>()
  const rows = readFileSync(new URL(file, data), 'utf8').trimEnd().split('\n')
  for (const row of rows) {
    const { category } = JSON.parse(row) as { category: string }
    counts.set(category, (counts.get(category) ?? 0) + 1)
  }
  return [
    `| \`${file}\` | | **${rows.length}** |`,
    ...[...counts].sort(([, a], [, b]) => b - a).map(([category, count]) => `| | ${category} | ${count} |`),
  ]
}

const files = readdirSync(data).filter((file) => file.endsWith('.jsonl'))
const table = ['| file | category | texts |', '|---|---|---:|', ...files.toSorted().flatMap(linesOf)].join(
  '\n',
)
const [before, , after] = readFileSync(card, 'utf8').split(/<!-- (?:counted|end of counted) -->\n/)
writeFileSync(card, `${before}<!-- counted -->\n\n${table}\n\n<!-- end of counted -->\n${after}`)
