/**
 * Adapters against full tuning, from the same base on the same text: what is trained and held, how fast, and the held-out loss after
 * as many steps and after as much time. One form after the other, each in a process of its own, in bf16.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { adamWDefaults, type DecoderConfig, type LoraOptions, parameterCount, selectWindows } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, planRun, type Weights } from '@hadal/train'
import { writeReport } from '../../report-files.ts'
import { startHadal } from '../contenders.ts'
import { type FineTuneData, fineTuneData, trainBase, windowLength } from '../fine-tune.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { type Task, writeTask } from '../task.ts'
import { loraPage, type Round, type Setup } from './lora-page.ts'

export interface Form {
  readonly name: string
  readonly adapter?: Partial<LoraOptions>
  /** Adapters take about ten times the rate of full tuning. */
  readonly peak: number
}

const rank = { rank: 16, alpha: 32 }
const forms: readonly Form[] = [
  { name: 'full', peak: 2e-4 },
  { name: 'LoRA', peak: 2e-3, adapter: rank },
  { name: 'DoRA', peak: 2e-3, adapter: { ...rank, dora: true } },
  { name: 'QLoRA', peak: 2e-3, adapter: { ...rank, quantization: 'nf4' } },
  { name: 'QLoRA with DoRA', peak: 2e-3, adapter: { ...rank, quantization: 'nf4', dora: true } },
]
/** Evaluations in as many steps as full tuning has. */
const parts = 4
/** Rates that are tried lie this far apart. */
const between = 3
const measuredWindows = 32

/** `rounds`: so many rates of each form, a factor of 3 apart; the best of them is compared. */
export async function lora(flags: ScenarioFlags): Promise<void> {
  const { threads = 1, steps = 40, rounds: rates = 1, windows = 4, baseSteps } = flags
  setNumThreads(threads)
  const prose = fineTuneData()
  const model = decoder(prose.model, flags.width ?? 768, flags.layers ?? 14)
  const valid = selectWindows(
    prose.prose.valid,
    Array.from({ length: Math.min(measuredWindows, prose.prose.valid.count) }, (_, index) => index),
  )
  const data: FineTuneData = { ...prose, model, prose: { ...prose.prose, valid } }
  const base = await trainBase(data, baseSteps, { precision: 'bf16', windows })
  const setup: Setup = {
    model,
    parameters: parameterCount(model),
    ...{ threads, steps, windows, windowLength, baseSteps, baseLoss: base.heldOutLoss },
  }
  const results: Round[] = []
  let fullSeconds = 0
  for (const form of forms.filter(({ name }) => name === 'full' || name.includes(flags.only)))
    for (let rate = 0; rate < rates; rate += 1) {
      const peak = form.peak * between ** (rate - Math.floor(rates / 2))
      const seconds = form.name === 'full' ? 0 : fullSeconds
      const round = await measure({ ...form, peak }, setup, data, base.weights, seconds, flags.allocator)
      results.push(round)
      if (form.name === 'full') fullSeconds = Math.max(fullSeconds, round.secondsPerStep * steps)
      const curve = round.validLosses.map(({ step, loss }) => `${loss.toFixed(4)} after ${step}`)
      console.log(
        `${form.name}, peak ${peak}: ${round.secondsPerStep.toFixed(2)} s a step; ${curve.join(', ')}`,
      )
    }
  writeReport('training-lora', 'training', { setup, results }, (facts) => loraPage(facts, setup, results))
}

/** As many steps as full tuning has, and more until `seconds` have gone by. */
async function measure(
  form: Form,
  { model, steps, threads, windows }: Setup,
  { prose }: FineTuneData,
  weights: Weights,
  seconds: number,
  allocator: string,
): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
  const part = Math.max(2, Math.ceil(steps / parts))
  const most = steps * 10
  const task: Task = {
    ...{ model, threads, precision: 'bf16', batchWindows: windows, seed: 1 },
    ...(form.adapter && { adapter: form.adapter }),
    schedule: { peak: form.peak, warmupSteps: Math.ceil(steps / 10), totalSteps: most, floorFraction: 1 },
    optimizer: adamWDefaults,
    clipNorm: 1,
    evaluateEvery: part,
  }
  try {
    const loadAverage = loadavg()[0]!
    writeTask(folder, task, { weights, ...prose }, most)
    await using hadal = await startHadal(folder, threads, allocator)
    const validLosses: Round['validLosses'][number][] = []
    let [done, timed, timedSeconds, peakBytes, heldBytes] = [0, 0, 0, 0, 0]
    // The first step makes what lasts; it is not timed, nor is one with an evaluation behind it.
    await hadal.steps(1)
    done = 1
    while (done < steps || (timedSeconds / timed) * done < seconds) {
      const quiet = part - 1 - (done % part)
      if (quiet > 0) {
        const block = await hadal.steps(quiet)
        timed += quiet
        timedSeconds += block.seconds
        peakBytes = Math.max(peakBytes, block.peakBytes ?? 0)
        heldBytes = block.heldBytes ?? 0
      }
      validLosses.push(...(await hadal.steps(1)).validLosses)
      done += quiet + 1
      if (done >= most - part) break
    }
    return {
      ...{ form: form.name, peak: form.peak, loadAverage, validLosses },
      trainedParameters: trainedParameters(form, model, weights, prose),
      secondsPerStep: timedSeconds / timed,
      peakMiB: peakBytes / 2 ** 20,
      heldMiB: heldBytes / 2 ** 20,
      residentMiB: hadal.peakMiB(),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function trainedParameters(
  { adapter }: Form,
  model: DecoderConfig,
  startFrom: Weights,
  data: FineTuneData['prose'],
): number {
  const run = defineRun({
    ...{ name: 'count', folder: 'unused', model, startFrom, data, ...(adapter && { adapter }) },
    batch: { windows: 1, accumulate: 1 },
    schedule: { peak: 1, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
    evaluate: { everySteps: 1 },
  })
  return planRun(run).trainedParameters
}

/** With the usual 768 and 14 layers about 100 M parameters, few of them of its small vocabulary. */
const decoder = (model: DecoderConfig, width: number, layers: number): DecoderConfig => ({
  ...model,
  hidden_size: width,
  intermediate_size: Math.ceil((width * 8) / 3 / 64) * 64,
  num_hidden_layers: layers,
  num_attention_heads: width / 64,
  num_key_value_heads: width / 64,
})
