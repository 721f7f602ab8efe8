/**
 * Trains the bundled classifier: weights/classifier.bin of @hadal/guard, and its card, weights/classifier.md.
 *
 *   node --conditions=@hadal/source --import tsx packages/serving/guard-training/scripts/train-classifier.ts --shared DIR --open DIR
 *
 * `--shared` holds the attack and benign sets, `--open` checkouts of public repositories; see classifier-sources.ts of @hadal/guard. Missing files are
 * reported, and skipped with `--without-missing`.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { classifierCheck, loadClassifier, parseLabelledText } from '@hadal/guard'
import { trainClassifier } from '@hadal/guard-training'
import { classifierSources } from '../../guard/scripts/classifier-sources.ts'
import { classifierCard } from './classifier-card.ts'

const { values } = parseArgs({
  options: {
    shared: { type: 'string' },
    open: { type: 'string' },
    seed: { type: 'string', default: '1' },
    folds: { type: 'string', default: '4' },
    'without-missing': { type: 'boolean', default: false },
  },
})
/** Our texts full of attack vocabulary. */
const writtenToLookLikeAttacks = /^hadal:.*(trigger|context|wild|hard|composed)/

const missing: string[] = []
const sources = classifierSources({ shared: values.shared, open: values.open }, (file) => missing.push(file))
if (missing.length > 0) {
  console.error(`missing:\n${missing.map((file) => `  ${file}`).join('\n')}`)
  if (!values['without-missing']) process.exit(1)
}
const started = performance.now()
let stage = ''
const classifier = await trainClassifier(
  sources.flatMap(({ rows }) => rows),
  {
    seed: Number(values.seed),
    maxFolds: Number(values.folds),
    isDivided: (source) => source.startsWith('hadal:'),
    isOrdinary: ({ source }) => !writtenToLookLikeAttacks.test(source),
    onProgress: (now) => {
      if (now.stage !== stage)
        console.error(`${Math.round((performance.now() - started) / 1000)} s: ${now.stage.slice(0, 100)}`)
      stage = now.stage
    },
  },
)
const weights = (name: string): URL => new URL(`../../guard/weights/${name}`, import.meta.url)
writeFileSync(weights('classifier.bin'), classifier.bytes())

// Measured with the file just written.
const check = classifierCheck(loadClassifier(readFileSync(weights('classifier.bin'))), {
  falsePositiveRate: 0.01,
})
const triggers = readFileSync(new URL('../../guard/data/trigger-words.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line, at) => parseLabelledText(line, `trigger-words.jsonl:${at + 1}`))
let found = 0
for (const { text, language, role } of triggers) {
  const view = {
    name: 'original',
    path: [],
    text,
    toOriginal: (span: { start: number; end: number }) => span,
  }
  if ((await check({ text, views: [view], language, role })).findings.length > 0) found += 1
}
writeFileSync(
  weights('classifier.md'),
  classifierCard({
    classifier,
    sources,
    seconds: (performance.now() - started) / 1000,
    triggers: { found, of: triggers.length },
  }),
)
