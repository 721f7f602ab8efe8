/**
 * What each precision costs and gives: time of a step, memory, and the loss after some steps, from the same weights on the same
 * windows. Beside them PyTorch in fp32, and with autocast over fp32 weights.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, type DecoderConfig, packStream } from '@hadal/nn'
import { median } from 'hadal'
import { markdownTable, type ReportFacts, writeReport } from '../../report-files.ts'
import { type Contender, startHadal, startPyTorch } from '../contenders.ts'
import { type FaintResult, faintGradients } from '../faint-gradients.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { freshWeights, type Task, writeTask } from '../task.ts'

interface Form {
  readonly name: string
  readonly task: Pick<Task, 'precision' | 'autocast' | 'lossScale'>
  readonly by: typeof startHadal
}

const forms: readonly Form[] = [
  { name: 'Hadal fp32', task: { precision: 'fp32' }, by: startHadal },
  { name: 'PyTorch fp32', task: { precision: 'fp32' }, by: startPyTorch },
  { name: 'Hadal bf16', task: { precision: 'bf16' }, by: startHadal },
  { name: 'PyTorch autocast bf16', task: { precision: 'fp32', autocast: true }, by: startPyTorch },
  { name: 'Hadal fp16, scale 65536', task: { precision: 'fp16' }, by: startHadal },
  {
    name: 'Hadal fp16, scale 128',
    task: { precision: 'fp16', lossScale: { initial: 128 } },
    by: startHadal,
  },
  { name: 'Hadal fp8, emulated', task: { precision: 'fp8' }, by: startHadal },
]

interface Shape {
  readonly name: string
  readonly model: DecoderConfig
  readonly windowLength: number
  readonly batchWindows: number
  /** Where the processor multiplies no 16-bit floats, one step of a larger model in fp16 takes half a minute. */
  readonly without: string
}

const decoder = (hidden: number, layers: number, heads: number, vocabulary: number): DecoderConfig => ({
  vocab_size: vocabulary,
  hidden_size: hidden,
  intermediate_size: 3 * hidden,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: heads / 2,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
})

const shapes: readonly Shape[] = [
  { name: 'd=32', model: decoder(32, 2, 2, 128), windowLength: 32, batchWindows: 4, without: 'nothing' },
  { name: 'd=256', model: decoder(256, 4, 4, 4096), windowLength: 128, batchWindows: 8, without: 'fp16' },
  { name: 'd=768', model: decoder(768, 4, 12, 4096), windowLength: 128, batchWindows: 4, without: 'fp16' },
]

interface Measured {
  readonly shape: string
  readonly form: string
  /** Of a step, one for each round. */
  readonly milliseconds: readonly number[]
  readonly peakMiB: number
  readonly losses: readonly number[]
}

const warmupSteps = 2

export async function precision(flags: ScenarioFlags): Promise<void> {
  const threads = flags.threads ?? availableParallelism()
  const { steps = 100, rounds = 5 } = flags
  const measured: Measured[] = []
  const loads: number[] = []
  for (const shape of shapes.filter(({ name }) => name.includes(flags.only))) {
    const taken = forms.filter(({ name }) => !name.includes(shape.without))
    loads.push(loadavg()[0]!)
    measured.push(...(await compare(shape, taken, { ...flags, threads, steps, rounds })))
  }
  const faint = await faintGradients()
  const setup = { threads, allocator: flags.allocator, steps, rounds, loads }
  writeReport('training-precision', 'training', { setup, measured, faint }, (facts) =>
    page(facts, setup, measured, faint),
  )
}

type Flags = ScenarioFlags & { readonly threads: number; readonly steps: number; readonly rounds: number }

async function compare(shape: Shape, taken: readonly Form[], flags: Flags): Promise<Measured[]> {
  const { steps, rounds, threads, allocator } = flags
  const { model, windowLength, batchWindows } = shape
  const text = Array.from({ length: 64 * windowLength }, (_, index) => (index * 7919) % model.vocab_size)
  const windows = packStream([text], windowLength, 0)
  const folders: string[] = []
  const contenders: Contender[] = []
  try {
    for (const form of taken) {
      const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
      folders.push(folder)
      const task: Task = {
        model,
        ...form.task,
        threads,
        batchWindows,
        seed: 1,
        schedule: { peak: 1e-3, warmupSteps: 5, totalSteps: steps + 1, floorFraction: 0.1 },
        optimizer: adamWDefaults,
        clipNorm: 1,
        evaluateEvery: steps + 1,
      }
      writeTask(folder, task, { weights: freshWeights(model, 1), train: windows, valid: windows }, steps + 1)
      contenders.push(await form.by(folder, threads, allocator))
    }
    return await takeTurns(shape, taken, contenders, steps, rounds)
  } finally {
    for (const contender of contenders) await contender[Symbol.asyncDispose]()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

async function takeTurns(
  shape: Shape,
  taken: readonly Form[],
  contenders: readonly Contender[],
  steps: number,
  rounds: number,
): Promise<Measured[]> {
  const losses: number[][] = []
  for (const contender of contenders) losses.push([...(await contender.steps(warmupSteps)).losses])
  const milliseconds: number[][] = contenders.map(() => [])
  const timed = steps - warmupSteps
  for (let round = 0; round < rounds; round += 1) {
    const count = Math.floor(((round + 1) * timed) / rounds) - Math.floor((round * timed) / rounds)
    if (count === 0) continue
    for (let turn = 0; turn < contenders.length; turn += 1) {
      // Another one begins in each round.
      const at = (turn + round) % contenders.length
      const block = await contenders[at]!.steps(count)
      milliseconds[at]!.push((1000 * block.seconds) / count)
      losses[at]!.push(...block.losses)
    }
  }
  return taken.map((form, at) => {
    const result = {
      shape: shape.name,
      form: form.name,
      milliseconds: milliseconds[at]!,
      peakMiB: contenders[at]!.peakMiB(),
      losses: losses[at]!,
    }
    console.log(
      `${shape.name}, ${form.name}: ${median(result.milliseconds).toFixed(1)} ms a step, loss ${result.losses.at(-1)!.toFixed(4)}`,
    )
    return result
  })
}

interface Setup {
  readonly threads: number
  readonly allocator: string
  readonly steps: number
  readonly rounds: number
  readonly loads: readonly number[]
}

function page(
  { date, command, machine }: ReportFacts,
  { threads, allocator, steps, rounds, loads }: Setup,
  measured: readonly Measured[],
  faint: readonly FaintResult[],
): string {
  const rows = measured.map(({ shape, form, milliseconds, peakMiB, losses }) => {
    const base = measured.find((other) => other.shape === shape && other.form === 'Hadal fp32')
    return [
      shape,
      form,
      median(milliseconds).toFixed(1),
      base ? (median(base.milliseconds) / median(milliseconds)).toFixed(2) : '',
      peakMiB.toFixed(0),
      losses[0]!.toFixed(4),
      losses.at(-1)!.toFixed(4),
    ]
  })
  return `# Precisions, ${date}

\`${command}\`

- ${machine}
- ${threads} thread${threads === 1 ? '' : 's'} each, allocator: ${allocator}; load average ${loads.map((load) => load.toFixed(1)).join(', ')}
- decoders of 4,096 tokens in the vocabulary, 4 layers, 8 x 128 (d=256) and 4 x 128 (d=768) tokens a step; d=32: 2 layers, 128 tokens, 4 x 32
- ${steps} steps from the same weights on the same windows, ${rounds} rounds in turn; medians. fp16 has no fast product on this processor, so that only the small model has it; fp8 is rounded to and computed in fp32
- peak: the most that was resident of the whole process, Node.js or Python with it

${markdownTable(
  [
    'model',
    'form',
    'ms a step',
    'times as fast as Hadal fp32',
    'peak MiB',
    'first loss',
    `loss after ${steps} steps`,
  ],
  rows,
)}

What a loss scale is for: ten steps on pairs whose gradients are tiny (DPO, beta 2e-7), in fp16, beside the same steps in fp32.

${markdownTable(
  [
    'loss scale',
    'gradient norm, as a part of that of fp32',
    'cosine of the change of all weights with that of fp32',
  ],
  faint.map(({ scale, normOfFp32, cosine }) => [scale, normOfFp32.toFixed(4), cosine.toFixed(4)]),
)}
`
}
