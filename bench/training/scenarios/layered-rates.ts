/**
 * One learning rate for all layers against rates that rise from bottom to top, at fine-tuning a small pretrained model on another
 * kind of text: what is learnt of the new, and what is forgotten of the old. Every form has the same grid of peaks, and its best
 * peak is chosen on other text than is reported.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createModel,
  type DecoderConfig,
  type LayerRates,
  loadParameters,
  parameterCount,
  selectWindows,
  summedTokenLoss,
  type Windows,
} from '@hadal/nn'
import { noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import { defineRun, fromHost, newestWeights, train, type Weights } from '@hadal/train'
import { writeReport } from '../../report-files.ts'
import { batchWindows, type FineTuneData, fineTuneData, trainBase } from '../fine-tune.ts'
import type { ScenarioFlags } from '../scenario.ts'
import { type Form, type Losses, layeredRatesPage, type Result } from './layered-rates-page.ts'

const forms: Readonly<Record<Form, LayerRates | undefined>> = {
  'one rate': undefined,
  linear: { shape: 'linear' },
  geometric: { shape: 'geometric' },
}

const peaks = [5e-4, 1.5e-3, 5e-3, 1.5e-2, 4e-2]
const heldOutEvery = 20
/** As many windows of each held-out text at most: enough to tell runs apart. */
const measuredWindows = 96

type HeldOut = Readonly<Record<keyof Losses, Windows>>

export async function layeredRates(flags: ScenarioFlags): Promise<void> {
  const threads = flags.threads ?? 1
  setNumThreads(threads)
  const steps = flags.steps ?? 60
  const { data, heldOut } = splitData()
  const { weights } = await trainBase(data, flags.baseSteps)
  const base = losses(data.model, weights, heldOut)
  const results: Result[] = []
  for (let seed = 1; seed <= flags.seeds; seed += 1)
    for (const peak of peaks)
      for (const form of Object.keys(forms) as Form[]) {
        if (!form.includes(flags.only)) continue
        const start = performance.now()
        const tuned = await tune(data, weights, { form, peak, seed, steps })
        const seconds = (performance.now() - start) / 1000
        const result = { form, peak, seed, seconds, ...losses(data.model, tuned, heldOut) }
        results.push(result)
        console.log(JSON.stringify(result))
      }
  const setup = {
    threads,
    steps,
    baseSteps: flags.baseSteps,
    layers: data.model.num_hidden_layers,
    hidden: data.model.hidden_size,
    parameters: parameterCount(data.model),
  }
  writeReport('training-layered-rates', 'training', { setup, base, results }, (facts) =>
    layeredRatesPage(facts, setup, base, results),
  )
}

/** The fine-tune's data in a deeper model; of the old text every twentieth window is held out. */
function splitData(): { data: FineTuneData; heldOut: HeldOut } {
  const given = fineTuneData()
  const where = (windows: Windows, wanted: (index: number) => boolean): Windows =>
    selectWindows(windows, Array.from({ length: windows.count }, (_, index) => index).filter(wanted))
  const model: DecoderConfig = {
    ...given.model,
    hidden_size: 96,
    intermediate_size: 256,
    num_hidden_layers: 6,
    num_attention_heads: 4,
  }
  return {
    data: { ...given, model, other: where(given.other, (index) => index % heldOutEvery !== 0) },
    heldOut: {
      choice: spread(where(given.prose.valid, (index) => index % 2 === 0)),
      learnt: spread(where(given.prose.valid, (index) => index % 2 === 1)),
      kept: spread(where(given.other, (index) => index % heldOutEvery === 0)),
    },
  }
}

/** Evenly spread over all, `measuredWindows` at most. */
function spread(windows: Windows): Windows {
  const count = Math.min(measuredWindows, windows.count)
  return selectWindows(
    windows,
    Array.from({ length: count }, (_, index) => Math.floor((index * windows.count) / count)),
  )
}

async function tune(
  { model, prose }: FineTuneData,
  startFrom: Weights,
  { form, peak, seed, steps }: { form: Form; peak: number; seed: number; steps: number },
): Promise<Weights> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
  const rates = forms[form]
  try {
    await train(
      defineRun({
        name: 'layered-rates',
        folder,
        seed,
        model,
        startFrom,
        // Held-out losses are measured below, of all three texts.
        data: { train: prose.train, valid: selectWindows(prose.valid, [0]) },
        batch: { windows: batchWindows, accumulate: 1 },
        schedule: { peak, warmupSteps: Math.ceil(steps * 0.1), totalSteps: steps, floorFraction: 0.05 },
        ...(rates && { rates }),
        evaluate: { everySteps: steps },
        checkpoint: { everySteps: steps, keep: 1 },
      }),
    )
    return newestWeights(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function losses(config: DecoderConfig, weights: Weights, heldOut: HeldOut): Losses {
  return scope(() => {
    const model = createModel(config)
    loadParameters(model.parameters(), fromHost(weights))
    const mean = (windows: Windows): number => {
      let sum = 0
      for (let from = 0; from < windows.count; from += batchWindows)
        sum += noGrad(() =>
          scope(() => {
            const rows = Math.min(batchWindows, windows.count - from)
            const part = (ids: Int32Array) =>
              torch.tensor(ids.subarray(from * windows.length, (from + rows) * windows.length), {
                shape: [rows, windows.length],
              })
            const loss = summedTokenLoss(
              model.forward(part(windows.inputs).long()),
              part(windows.targets).long(),
            )
            return loss.item() as number
          }),
        )
      return sum / (windows.count * windows.length)
    }
    return { choice: mean(heldOut.choice), learnt: mean(heldOut.learnt), kept: mean(heldOut.kept) }
  })
}
