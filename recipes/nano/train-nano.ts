// From text to a chat-capable GGUF, for a model of any architecture: tokenizer, pretraining, instruction tuning, export.
// `train.ts` here and in `recipes/nano-deepseek` say which model.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chatTemplate, chatTokens, modelParameterCount, qwen2Pattern, Tokenizer, trainBpe } from '@hadal/nn'
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
  runJournal,
  type TrainResult,
  tensorboardLog,
  train,
  type Weights,
  withInterrupt,
} from '@hadal/train'
import { type Corpus, chatWindows, pretrainWindows, readCorpus, tokenizerTexts } from './corpus.ts'
import { quickData, writeData } from './data/build.ts'
import type { NanoSize, Stage } from './sizes.ts'

export interface NanoRecipe {
  /** Name used in folders and files. */
  readonly name: string
  /** In the model's file. */
  readonly title: string
  readonly fullSize: NanoSize
  readonly quickSize: NanoSize
}

/** Share of the training time. */
const share: Readonly<Record<Stage, number>> = { pretrain: 0.45, chat: 0.55 }

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const show = (loss: number | undefined): string => (loss === undefined ? 'measured before' : loss.toFixed(4))

/** Reads its flags from the command line. */
export async function trainNano(recipe: NanoRecipe): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '45' },
      steps: { type: 'string' },
      data: { type: 'string' },
      run: { type: 'string' },
      out: { type: 'string' },
      threads: { type: 'string', default: '2' },
    },
  })
  const name = flags.quick ? `${recipe.name}-quick` : recipe.name
  const size = flags.quick ? recipe.quickSize : recipe.fullSize
  const dataFolder = flags.data ?? (flags.quick ? `.data/${name}` : '.data/nano')
  const runFolder = flags.run ?? `runs/${name}`
  const outFolder = flags.out ?? (flags.quick ? `runs/${name}/model` : `models/${name}`)

  setNumThreads(Number(flags.threads))
  mkdirSync(runFolder, { recursive: true })
  if (flags.quick && !flags.data) writeData(quickData(), dataFolder, true)
  const corpus = readCorpus(dataFolder)
  const tokenizer = loadTokenizer(corpus, join(runFolder, 'tokenizer.json'), size.model.vocab_size)
  const model = { ...size.model, vocab_size: tokenizer.vocabSize }
  say(
    `${name}: ${(modelParameterCount(model).total / 1e6).toFixed(1)} M parameters, ${tokenizer.vocabSize} tokens in the vocabulary`,
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

  const stageRun = (stage: Stage, totalSteps: number, startFrom?: Weights): Run =>
    defineRun({
      name: `${name}-${stage}`,
      folder: join(runFolder, stage),
      model,
      ...(startFrom && { startFrom }),
      precision: 'bf16',
      data: windows[stage],
      batch: { windows: size.windows, accumulate: 1 },
      ...(size.optimizer && { optimizer: size.optimizer }),
      ...(size.expertBalanceRate && { expertBalanceRate: size.expertBalanceRate }),
      schedule: {
        peak: stage === 'chat' ? size.peak / 2 : size.peak,
        warmupSteps: Math.ceil(totalSteps * 0.03),
        totalSteps,
        floorFraction: 0.05,
      },
      evaluate: { everySteps: Math.ceil(totalSteps / 10) },
      checkpoint: { everySteps: 100, keep: 2 },
    })

  const stageSteps = Number(flags.steps)
  const steps = flags.steps
    ? { pretrain: stageSteps, chat: stageSteps }
    : (size.steps ?? (await planSteps(join(runFolder, 'plan.json'), Number(flags.minutes), size, stageRun)))

  /** One stage of training, resumed if it was begun. */
  const runStage = (stage: Stage, signal: AbortSignal): Promise<TrainResult> => {
    const before = stage === 'chat' ? newestWeights(join(runFolder, 'pretrain')) : undefined
    const run = stageRun(stage, steps[stage], before)
    mkdirSync(run.folder, { recursive: true })
    return train(run, {
      listeners: [
        metricsLog(join(run.folder, 'metrics.jsonl')),
        runJournal(run).listener,
        tensorboardLog(join(run.folder, 'tensorboard')),
        progressReporter(process.stderr),
      ],
      signal,
    })
  }

  await withInterrupt(async (signal) => {
    const pretrained = await runStage('pretrain', signal)
    if (pretrained.status !== 'finished') return leave(signal)
    const tuned = await runStage('chat', signal)
    if (tuned.status !== 'finished') return leave(signal)

    const weights = newestWeights(join(runFolder, 'chat'))
    const file = { config: model, weights, tokenizer, chatTemplate }
    exportHuggingFace(join(runFolder, 'hugging-face'), file)
    mkdirSync(outFolder, { recursive: true })
    const path = join(outFolder, `${name}-q8_0.gguf`)
    exportGguf(path, recipe.title, file, 'Q8_0')
    say(`held-out loss: ${show(pretrained.validLoss)} on text, ${show(tuned.validLoss)} on answers`)
    say(`wrote ${path}`)
  })
}

/** As a shell has it, 128 and the signal's number: what follows in a script does not begin. */
function leave(signal: AbortSignal): void {
  process.exitCode = 128 + constants.signals[(signal.reason as Error).message as NodeJS.Signals]
}

/** Trained on the first start, read back on the next ones. */
function loadTokenizer(texts: Corpus, path: string, vocabSize: number): Tokenizer {
  if (existsSync(path)) return Tokenizer.fromHuggingFace(JSON.parse(readFileSync(path, 'utf8')))
  const trained = trainBpe(tokenizerTexts(texts), {
    vocabSize,
    specialTokens: Object.values(chatTokens),
    pattern: qwen2Pattern,
  })
  writeFileSync(path, JSON.stringify(trained.toHuggingFace()))
  return trained
}

/** The number of steps that fit the time, measured on the first start and kept for the next ones. */
async function planSteps(
  path: string,
  minutes: number,
  { windows, windowLength }: NanoSize,
  stageRun: (stage: Stage, totalSteps: number) => Run,
): Promise<Readonly<Record<Stage, number>>> {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
  const stepsIn = async (stage: Stage): Promise<number> => {
    const tokensPerSecond = await measureSpeed(stageRun(stage, 1), 10)
    say(`${stage}: ${Math.round(tokensPerSecond)} tokens a second`)
    return Math.ceil((minutes * 60 * share[stage] * tokensPerSecond) / (windows * windowLength))
  }
  const plan = { pretrain: await stepsIn('pretrain'), chat: await stepsIn('chat') }
  writeFileSync(path, JSON.stringify(plan))
  return plan
}
