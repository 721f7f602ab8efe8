/**
 * The bundled decoder on fewer bits: rounded as it is, tuned and rounded, and tuned to be rounded, by the same steps on the same data.
 * Files are written and read by llama.cpp's format; losses are libtorch's on the values in them.
 */

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { chatTemplate } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import {
  exportGguf,
  ggufPrecision,
  metricsLog,
  newestWeights,
  openRecipe,
  progressReporter,
  type ReadGgufModel,
  readGgufModel,
  roundedWeights,
  type TrainedQuantization,
  train,
  type Weights,
} from '@hadal/train'
import { chatWindows } from '../../../recipes/nano-4bit/chat-windows.ts'
import recipe from '../../../recipes/nano-4bit/run.ts'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { type HeldOut, heldOutLoss, lossDifference } from '../held-out-loss.ts'

export interface DecoderFlags {
  /** Of each tuning. */
  readonly steps: number
  /** Conversations. */
  readonly heldOut: number
  /** Of the runs. */
  readonly folder: string
  readonly threads: number
}

type Type = TrainedQuantization['weights']

interface Contender {
  readonly name: string
  readonly weights: Weights
  /** What they are rounded to; undefined: nothing. */
  readonly trained: TrainedQuantization | undefined
}

interface Row {
  readonly name: string
  readonly loss: number
  /** Beside the model as it is, over windows that both read. */
  readonly difference: number
  readonly error: number
  readonly fileBytes: number | undefined
}

const to = (weights: Type, more: Partial<TrainedQuantization> = {}): TrainedQuantization => ({
  weights,
  groupSize: 32,
  activations: 'none',
  skip: [],
  ...more,
})

export async function decoder({ steps, heldOut, folder, threads }: DecoderFlags): Promise<void> {
  setNumThreads(threads)
  const load = loadavg()[0]!
  const bundled = readGgufModel('models/nano/nano-q8_0.gguf')
  const windows = chatWindows('.data/nano/chat.valid.jsonl', bundled.tokenizer, heldOut)
  const { weights } = bundled
  const plain = await tuned(join(folder, 'plain'), steps, '--plain')
  const forQ4 = await tuned(join(folder, 'q4_0'), steps)
  const contenders: readonly Contender[] = [
    { name: 'as it is', weights, trained: undefined },
    { name: 'rounded: q8_0', weights, trained: to('q8_0') },
    { name: 'rounded: q8_0, activations int8', weights, trained: to('q8_0', { activations: 'int8' }) },
    { name: 'rounded: q4_k', weights, trained: to('q4_k') },
    { name: 'rounded: q4_0', weights, trained: to('q4_0') },
    ...[32, 64, 128].map((groupSize) => ({
      name: `rounded: int4, groups of ${groupSize}`,
      weights,
      trained: to('int4', { groupSize }),
    })),
    { name: 'tuned', weights: plain, trained: undefined },
    { name: 'tuned, then rounded: q4_0', weights: plain, trained: to('q4_0') },
    { name: 'tuned for q4_0', weights: forQ4, trained: to('q4_0') },
    { name: 'tuned for q4_0, not rounded', weights: forQ4, trained: undefined },
  ]
  const lossOf = ({ weights: own, trained }: Contender): HeldOut =>
    heldOutLoss(
      bundled.model,
      trained ? roundedWeights(bundled.model, own, trained) : own,
      windows,
      trained?.activations === 'int8',
    )
  const found = contenders.map((contender) => {
    console.error(contender.name)
    return lossOf(contender)
  })
  const rows = contenders.map(({ name, trained }, at): Row => {
    const { loss } = found[at]!
    return { name, loss, ...lossDifference(found[at]!, found[0]!), fileBytes: fileBytes(bundled, trained) }
  })
  const at = (name: string): HeldOut => found[contenders.findIndex((each) => each.name === name)]!
  const gain = {
    overRounding: lossDifference(at('tuned for q4_0'), at('rounded: q4_0')),
    overTuning: lossDifference(at('tuned for q4_0'), at('tuned, then rounded: q4_0')),
  }
  const windowLosses = Object.fromEntries(contenders.map(({ name }, index) => [name, found[index]!.sums]))
  const measured = { steps, heldOut, windows: windows.count, load, rows, gain, windowLosses }
  writeReport('quantization-decoder', 'quantization', measured, (facts) => page(facts, measured))
}

/** Goes on where it was stopped; nothing is left to do for a run that is finished. */
async function tuned(folder: string, steps: number, ...more: string[]): Promise<Weights> {
  console.error(`tuning ${folder}`)
  const line = { said: { folder }, args: ['--steps', String(steps), ...more], issues: [] }
  const { run, listeners } = await openRecipe(recipe, 'recipes/nano-4bit', line)
  mkdirSync(folder, { recursive: true })
  const usual = [metricsLog(join(folder, 'metrics.jsonl')), progressReporter(process.stderr)]
  await train(run, { listeners: [...usual, ...listeners] })
  return newestWeights(folder)
}

/** Of GGUF's types, and of none in F16. */
function fileBytes(
  { model, weights, tokenizer }: ReadGgufModel,
  trained: TrainedQuantization | undefined,
): number | undefined {
  const precision = trained ? ggufPrecision(trained) : 'F16'
  if (!precision) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'hadal-quantization-'))
  try {
    const path = join(folder, 'model.gguf')
    exportGguf(path, 'nano', { config: model, weights, tokenizer, chatTemplate }, precision)
    return statSync(path).size
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Measured {
  readonly steps: number
  readonly heldOut: number
  readonly windows: number
  readonly load: number
  readonly rows: readonly Row[]
  readonly gain: Readonly<Record<'overRounding' | 'overTuning', ReturnType<typeof lossDifference>>>
}

function page({ date, command, machine }: ReportFacts, measured: Measured): string {
  const { steps, heldOut, windows, load, rows, gain } = measured
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`
  const told = ({ difference, error }: ReturnType<typeof lossDifference>): string =>
    `${signed(difference)} ± ${error.toFixed(4)}`
  return [
    `# The bundled decoder on fewer bits, ${date}`,
    `\`${command}\``,
    [
      `- ${machine}; load average at the start ${load.toFixed(1)}`,
      `- \`recipes/nano-4bit\`: ${steps} steps of 8 windows of 256 tokens, bf16, from the Q8_0 file that comes with Hadal`,
      `- loss: nats a token of answers in ${heldOut} held-out conversations (${windows} windows), in fp32 on the values that files hold; ± is the standard error of the difference over windows`,
      '- file: GGUF, the row without rounding in F16; `q4_k` and `q4_0` have the tied head in Q6_K; groups of integers are no type of GGUF',
      `- tuned for q4_0 beside rounding alone: ${told(gain.overRounding)}; beside the same steps without quantisation, then rounded: ${told(gain.overTuning)}`,
    ].join('\n'),
    markdownTable(
      ['weights', 'held-out loss', 'beside as it is', 'file'],
      rows.map(({ name, loss, difference, error, fileBytes: bytes }) => [
        name,
        loss.toFixed(4),
        name === 'as it is' ? '' : told({ difference, error }),
        bytes === undefined ? '' : `${(bytes / 2 ** 20).toFixed(2)} MiB`,
      ]),
    ),
    '',
  ].join('\n\n')
}
