/** What the fine-tune starts from and learns: a small base trained on the nano recipe's other documents, and its prose. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  chatTokens,
  type DecoderConfig,
  type Precision,
  packStream,
  qwen2Pattern,
  trainBpe,
  type Windows,
} from '@hadal/nn'
import {
  defineRun,
  metricsLog,
  newestWeights,
  progressReporter,
  type Run,
  readMetrics,
  train,
  type Weights,
} from '@hadal/train'
import { readCorpus } from '../../recipes/nano/corpus.ts'
import { novelDocuments, speechDocuments } from '../../recipes/nano/data/documents/prose.ts'
import { installSources } from '../../recipes/nano/data/sources.ts'

export const windowLength = 128
export const batchWindows = 16

export interface FineTuneData {
  readonly model: DecoderConfig
  /** Everything else: generated lessons, a dictionary, stories. */
  readonly other: Windows
  readonly prose: { readonly train: Windows; readonly valid: Windows }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const heldOutEvery = 20
/** Documents of the others that the tokenizer learns from. */
const tokenizerSample = 8000

/** Throws how to make the data where `.data/nano` is not there. */
export function fineTuneData(): FineTuneData {
  const corpus = readCorpus(join(root, '.data/nano'))
  const modules = installSources(join(root, '.data/npm'))
  const prose = [...speechDocuments(modules), ...novelDocuments(modules)]
  const isProse = new Set(prose)
  const other = corpus.documents.filter((document) => !isProse.has(document.trim()))
  const tokenizer = trainBpe([...other.slice(0, tokenizerSample), ...prose], {
    vocabSize: 2048,
    specialTokens: Object.values(chatTokens),
    pattern: qwen2Pattern,
  })
  const pack = (documents: readonly string[]): Windows =>
    packStream(
      documents.map((document) => tokenizer.encode(document)),
      windowLength,
      tokenizer.special(chatTokens.endOfText),
    )
  return {
    model: decoder(tokenizer.vocabSize),
    other: pack(other),
    prose: {
      train: pack(prose.filter((_, index) => index % heldOutEvery !== 0)),
      valid: pack(prose.filter((_, index) => index % heldOutEvery === 0)),
    },
  }
}

const decoder = (vocabulary: number): DecoderConfig => ({
  vocab_size: vocabulary,
  hidden_size: 192,
  intermediate_size: 512,
  num_hidden_layers: 4,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  max_position_embeddings: windowLength,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
})

/** Trained once for so many steps, then read back. `heldOutLoss` is on the prose held out, of which it has seen nothing. */
export async function trainBase(
  { model, other, prose }: FineTuneData,
  steps: number,
  { precision = 'fp32', windows = batchWindows }: { precision?: Precision; windows?: number } = {},
): Promise<{ weights: Weights; heldOutLoss: number }> {
  const options = {
    name: 'base',
    model,
    data: { train: other, valid: prose.valid },
    precision,
    batch: { windows, accumulate: 1 },
    schedule: { peak: 2e-3, warmupSteps: Math.ceil(steps * 0.03), totalSteps: steps, floorFraction: 0.1 },
    evaluate: { everySteps: steps },
  }
  const { fingerprint } = defineRun({ ...options, folder: 'unused' })
  const folder = join(root, 'bench/training/.cache', `base-${fingerprint.slice(0, 12)}`)
  const metrics = join(folder, 'metrics.jsonl')
  mkdirSync(folder, { recursive: true })
  await train(defineRun({ ...options, folder }), {
    listeners: [metricsLog(metrics), progressReporter(process.stderr)],
  })
  const heldOutLoss = readMetrics(metrics).findLast((line) => line.validLoss !== undefined)!.validLoss!
  return { weights: newestWeights(folder), heldOutLoss }
}

/** Tuning as `train()` has it, so that its speed can be measured before its length is decided. */
export function tuningRun({ model, prose }: FineTuneData, startFrom: Weights): Run {
  return defineRun({
    name: 'speed',
    folder: 'unused',
    model,
    startFrom,
    data: prose,
    batch: { windows: batchWindows, accumulate: 1 },
    schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
    evaluate: { everySteps: 1 },
  })
}
