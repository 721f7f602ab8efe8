/** The compared methods: full fine-tuning, adapters with one rate, adapters with rates that increase by layer. */

import type { DecoderConfig } from '@hadal/nn'
import type { RunOptions } from '@hadal/train'
import type { ClaimMode } from '../../claim.ts'
import type { Base } from './base.ts'

export type FormName = 'full' | 'lora' | 'layered'

export const rank = 16
export const alpha = 32

interface Form {
  readonly title: string
  readonly options: Pick<RunOptions, 'adapter' | 'rates'>
  /** Rates that are tried with the first seed, on held-out conversations; `quick` has the one that was best of such a search. */
  readonly peaks: Readonly<Record<ClaimMode, readonly number[]>>
}

const adapter = { rank, alpha }

export const forms: Readonly<Record<FormName, Form>> = {
  full: {
    title: 'all weights, one rate',
    options: {},
    peaks: { quick: [1e-3], full: [2.5e-4, 5e-4, 1e-3, 2e-3] },
  },
  lora: {
    title: 'LoRA, one rate',
    options: { adapter },
    peaks: { quick: [5e-3], full: [1.25e-3, 2.5e-3, 5e-3, 1e-2] },
  },
  layered: {
    title: 'LoRA, layered rates',
    options: { adapter, rates: {} },
    peaks: { quick: [7e-3], full: [2.5e-3, 5e-3, 1e-2, 2e-2] },
  },
}

export const formNames = Object.keys(forms) as FormName[]

export const stepsOf: Readonly<Record<ClaimMode, number>> = { quick: 30, full: 160 }
export const batchWindows: Readonly<Record<ClaimMode, number>> = { quick: 4, full: 8 }
/** Number of evaluations: points of the curve from which equal times are read. */
const evaluations = 3

export function tuneOptions(
  base: Base,
  form: FormName,
  { mode, peak, seed }: { readonly mode: ClaimMode; readonly peak: number; readonly seed: number },
): Omit<RunOptions<DecoderConfig>, 'folder'> {
  const totalSteps = stepsOf[mode]
  return {
    name: `lora-${form}`,
    seed,
    model: base.model,
    startFrom: base.weights,
    ...forms[form].options,
    data: { train: base.train, valid: base.choice },
    batch: { windows: batchWindows[mode], accumulate: 1 },
    // Constant after warm-up, so that a shorter run is a prefix of a longer one.
    schedule: { peak, warmupSteps: Math.ceil(totalSteps / 8), totalSteps, floorFraction: 1 },
    guard: false,
    evaluate: { everySteps: Math.ceil(totalSteps / evaluations) },
  }
}
