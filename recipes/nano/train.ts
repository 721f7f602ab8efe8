// Trains Hadal's nano model from nothing to a chat-capable GGUF on this machine: tokenizer, pretraining, instruction
// tuning, export. Copy it and change what you like.
//
//   npx tsx --conditions=@hadal/source recipes/nano/data/build.ts        the data
//   npx tsx --conditions=@hadal/source recipes/nano/train.ts             the model, in about 45 minutes
//
// --quick         a tiny model on a little data, which it makes itself: the whole way in under two minutes
// --minutes 45    how long to train; decides the number of steps when the run begins
// --threads 2     of libtorch; on a machine with other work to do, 1 can be faster
// --data, --run, --out    folders of data, checkpoints and the exported model
//
// Started again after Ctrl-C or a crash, it goes on from the newest checkpoint.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chatTemplate, chatTokens, parameterCount, qwen2Pattern, Tokenizer, trainBpe } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  defineRun,
  exportGguf,
  exportHuggingFace,
  measureSpeed,
  metricsLog,
  newestWeights,
  progressReporter,
  type Run,
  type TrainResult,
  tensorboardLog,
  train,
  type Weights,
  withInterrupt,
} from '@hadal/train'
import { type Corpus, chatWindows, pretrainWindows, readCorpus, tokenizerTexts } from './corpus.ts'
import { quickData, writeData } from './data/build.ts'
import { fullSize, quickSize, type Stage } from './sizes.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '45' },
    data: { type: 'string' },
    run: { type: 'string' },
    out: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
})
const name = flags.quick ? 'nano-quick' : 'nano'
const size = flags.quick ? quickSize : fullSize
const minutes = Number(flags.minutes)
const dataFolder = flags.data ?? `.data/${name}`
const runFolder = flags.run ?? `runs/${name}`
const outFolder = flags.out ?? (flags.quick ? `runs/${name}/model` : 'models/nano')
const say = (text: string): void => void process.stderr.write(`${text}\n`)
const show = (loss: number | undefined): string => (loss === undefined ? 'measured before' : loss.toFixed(4))

/** Of the training time. */
const share: Readonly<Record<Stage, number>> = { pretrain: 0.45, chat: 0.55 }

setNumThreads(Number(flags.threads))
mkdirSync(runFolder, { recursive: true })
if (flags.quick && !flags.data) writeData(quickData(), dataFolder, true)
const corpus = readCorpus(dataFolder)
const tokenizer = loadTokenizer(corpus)
const model = { ...size.model, vocab_size: tokenizer.vocabSize }
say(
  `${name}: ${(parameterCount(model) / 1e6).toFixed(1)} M parameters, ${tokenizer.vocabSize} tokens in the vocabulary`,
)

const windows = {
  pretrain: {
    train: pretrainWindows(corpus.documents, tokenizer, size.windowLength),
    valid: pretrainWindows(corpus.validDocuments, tokenizer, size.windowLength),
  },
  chat: {
    train: chatWindows(corpus.chats, tokenizer, size.windowLength),
    valid: chatWindows(corpus.validChats, tokenizer, size.windowLength),
  },
}
const steps = size.steps ?? (await planSteps())

await withInterrupt(async (signal) => {
  const pretrained = await carryOut('pretrain', signal)
  if (pretrained.status !== 'finished') return
  const tuned = await carryOut('chat', signal)
  if (tuned.status !== 'finished') return

  const weights = newestWeights(join(runFolder, 'chat'))
  const file = { config: model, weights, tokenizer, chatTemplate }
  exportHuggingFace(join(runFolder, 'hugging-face'), file)
  mkdirSync(outFolder, { recursive: true })
  const path = join(outFolder, `${name}-q8_0.gguf`)
  exportGguf(path, 'Hadal Nano', file, 'Q8_0')
  say(`held-out loss: ${show(pretrained.validLoss)} on text, ${show(tuned.validLoss)} on answers`)
  say(`wrote ${path}`)
})

/** One stage of training, resumed if it was begun. */
function carryOut(stage: Stage, signal: AbortSignal): Promise<TrainResult> {
  const run = stageRun(
    stage,
    steps[stage],
    stage === 'chat' ? newestWeights(join(runFolder, 'pretrain')) : undefined,
  )
  mkdirSync(run.folder, { recursive: true })
  return train(run, {
    listeners: [
      metricsLog(join(run.folder, 'metrics.jsonl')),
      tensorboardLog(join(run.folder, 'tensorboard')),
      progressReporter(process.stderr),
    ],
    signal,
  })
}

function stageRun(stage: Stage, totalSteps: number, startFrom?: Weights): Run {
  return defineRun({
    name: `${name}-${stage}`,
    folder: join(runFolder, stage),
    model,
    ...(startFrom && { startFrom }),
    precision: 'bf16',
    data: windows[stage],
    batch: { windows: size.windows, accumulate: 1 },
    schedule: {
      peak: stage === 'chat' ? size.peak / 2 : size.peak,
      warmupSteps: Math.ceil(totalSteps * 0.03),
      totalSteps,
      floorFraction: 0.05,
    },
    evaluate: { everySteps: Math.ceil(totalSteps / 10) },
    checkpoint: { everySteps: 100, keep: 2 },
  })
}

/** Trained on the first start, read back on the next ones. */
function loadTokenizer(texts: Corpus): Tokenizer {
  const path = join(runFolder, 'tokenizer.json')
  if (existsSync(path)) return Tokenizer.fromHuggingFace(JSON.parse(readFileSync(path, 'utf8')))
  const trained = trainBpe(tokenizerTexts(texts), {
    vocabSize: size.model.vocab_size,
    specialTokens: Object.values(chatTokens),
    pattern: qwen2Pattern,
  })
  writeFileSync(path, JSON.stringify(trained.toHuggingFace()))
  return trained
}

/** The number of steps that fit the time, measured on the first start and kept for the next ones. */
async function planSteps(): Promise<Readonly<Record<Stage, number>>> {
  const path = join(runFolder, 'plan.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
  const stepsIn = async (stage: Stage): Promise<number> => {
    const tokensPerSecond = await measureSpeed(stageRun(stage, 1), 10)
    say(`${stage}: ${Math.round(tokensPerSecond)} tokens a second`)
    const seconds = minutes * 60 * share[stage]
    return Math.ceil((seconds * tokensPerSecond) / (size.windows * size.windowLength))
  }
  const plan = { pretrain: await stepsIn('pretrain'), chat: await stepsIn('chat') }
  writeFileSync(path, JSON.stringify(plan))
  return plan
}
