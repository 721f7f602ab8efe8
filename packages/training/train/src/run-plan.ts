/**
 * What a run will take, counted from its configuration alone: parameters, memory, tokens, operations. Makes no tensor.
 */

import { FileTensor } from './file-tensor.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { ReadUnit } from './kinds/model-kind.ts'
import { optimizerBytes, product } from './memory/optimizer-bytes.ts'
import { type MemoryPlan, trainedTensors } from './memory/run-memory.ts'
import type { RunConfig } from './run.ts'
import { rowCount } from './training-data.ts'

export interface RunPlan {
  /** What a step is counted in, and operations are for: tokens, of language models. */
  readonly unit: ReadUnit
  readonly parameters: number
  /** Of them, what one token meets. */
  readonly activatedParameters: number
  /** Those of the adapters, where a run has such; otherwise all. */
  readonly trainedParameters: number
  /** At the peak of a step, and the most of each phase. */
  readonly bytes: MemoryPlan['bytes']
  readonly phases: MemoryPlan['phases']
  /** What lies outside libtorch, beside data. */
  readonly hostBytes: {
    /** Weights, moments and average once while a checkpoint is written, and once more with a guard, which keeps them to go back to. */
    readonly copies: number
    readonly startFrom: number
  }
  readonly tokensPerStep: number
  /** Undefined where data is streamed: nobody knows its length. */
  readonly stepsPerEpoch: number | undefined
  readonly flopsPerToken: number
  readonly totalSteps: number
}

/**
 * The run is to be free of faults.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { planRun } from '@hadal/train'
 *
 * const { parameters, tokensPerStep, phases } = planRun(run) // without computing anything
 * console.log(parameters, tokensPerStep, phases)
 * ```
 */
export function planRun(run: RunConfig): RunPlan {
  const { model, data, batch, schedule } = run
  const kind = kindOf(model)
  const { total, activated } = kind.parameterCount(model)
  const tensors = trainedTensors(run, kind.tensors(model))
  const values = tensors.reduce((sum, { shape }) => sum + product(shape), 0)
  const rows = rowCount(data.train)
  const { bytes, phases } = kind.planMemory(run)
  return {
    unit: kind.unit,
    parameters: total,
    activatedParameters: activated,
    trainedParameters: values,
    bytes,
    phases,
    hostBytes: {
      copies: (run.guard ? 2 : 1) * (values * 4 + optimizerBytes(tensors, run.optimizer) + bytes.average),
      startFrom: [...(run.startFrom?.values() ?? [])].reduce(
        (sum, tensor) => sum + (tensor instanceof FileTensor ? 0 : tensor.values.byteLength),
        0,
      ),
    },
    tokensPerStep: batch.windows * batch.accumulate * kind.rowUnits(run),
    stepsPerEpoch: rows && rows / (batch.windows * batch.accumulate),
    flopsPerToken: kind.flopsPerUnit(run),
    totalSteps: schedule.totalSteps,
  }
}
