/** The quantisation of a run with its defaults: the usual types, and the course from fp32 over 16 bits to the served grid. Pure. */

import { isImageModelConfig } from '@hadal/nn'
import type { RunConfig } from '../run-config.ts'
import { quantizationDefaults, type RunQuantization } from './quantization-options.ts'

/** Settings that determine the defaults. */
export type QuantizedRun = Pick<RunConfig, 'model' | 'schedule'> &
  Partial<Pick<RunConfig, 'quantization' | 'startFrom' | 'adapter'>>

/**
 * All of it; undefined for a run that is not quantised.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { quantizationOf } from '@hadal/train'
 *
 * const bits = quantizationOf(run) // undefined where the run does not train for few bits
 * console.log(bits?.weights, bits?.activations)
 * ```
 */
export function quantizationOf(run: QuantizedRun): RunQuantization | undefined {
  const { quantization: said } = run
  if (!said) return undefined
  const steps = { ...usualSteps(run), ...defined(said) }
  const quantizedFrom = steps.fp32Steps + steps.halfSteps
  const { totalSteps } = run.schedule
  const late = quantizedFrom + Math.ceil((3 * (totalSteps - quantizedFrom)) / 4)
  return {
    ...quantizationDefaults,
    ...usualTypes(run),
    ...steps,
    observeSteps: said.observeSteps ?? Math.min(quantizedFrom, Math.ceil(totalSteps / 20)),
    freezeObserversStep: said.freezeObserversStep ?? late,
    freezeNormsStep: said.freezeNormsStep ?? late,
    ...defined(said),
  }
}

const usualTypes = ({ model }: QuantizedRun): Pick<RunQuantization, 'weights' | 'activations'> =>
  isImageModelConfig(model)
    ? { weights: 'int8', activations: 'int8' }
    : { weights: 'q8_0', activations: 'none' }

/** Pretrained weights need no long warm-up before the grid. Adapters keep the precision of the frozen weights. */
function usualSteps({
  schedule: { totalSteps },
  startFrom,
  adapter,
}: QuantizedRun): Pick<RunQuantization, 'fp32Steps' | 'halfSteps'> {
  const part = (share: number): number => Math.floor(share * totalSteps)
  if (adapter) return { fp32Steps: part(0.1), halfSteps: 0 }
  return startFrom
    ? { fp32Steps: part(0.1), halfSteps: part(0.1) }
    : { fp32Steps: part(0.4), halfSteps: part(0.2) }
}

const defined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T

/** The precision of the course that needs the most memory: fp32 if any step computes in it. */
export function widestPrecision(run: QuantizedRun & Pick<RunConfig, 'precision'>): RunConfig['precision'] {
  const { fp32Steps } = quantizationOf(run) ?? { fp32Steps: 0 }
  return fp32Steps > 0 && !run.adapter ? 'fp32' : run.precision
}
