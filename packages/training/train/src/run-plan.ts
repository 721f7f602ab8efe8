/** A run's resources, computed from its configuration: parameters, memory, tokens, operations. Creates no tensors. */

import { FileTensor } from './file-tensor.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { ReadUnit } from './kinds/model-kind.ts'
import { optimizerBytes, product } from './memory/optimizer-bytes.ts'
import { type MemoryPlan, trainedTensors } from './memory/run-memory.ts'
import type { RunConfig } from './run-config.ts'
import { rowCount } from './training-data.ts'

export interface RunPlan {
  /** The unit of a step and of operations: tokens for language models. */
  readonly unit: ReadUnit
  readonly parameters: number
  /** Parameters activated per token. */
  readonly activatedParameters: number
  /** Those of adapters, if the run has them; otherwise all. */
  readonly trainedParameters: number
  /** At the peak of a step, and the peak of each phase. */
  readonly bytes: MemoryPlan['bytes']
  readonly phases: MemoryPlan['phases']
  /** Memory outside libtorch, excluding data. */
  readonly hostBytes: {
    /** Weights, moments and average: once while a checkpoint is written, and once more for the guard's rollback state. */
    readonly copies: number
    readonly startFrom: number
  }
  readonly tokensPerStep: number
  /** Undefined for streamed data, whose length is unknown. */
  readonly stepsPerEpoch: number | undefined
  readonly flopsPerToken: number
  readonly totalSteps: number
}

/**
 * The run must be valid.
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
