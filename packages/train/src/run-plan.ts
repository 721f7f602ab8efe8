/**
 * What a run will take, counted from its configuration alone: parameters, memory, tokens, operations. Makes no tensor.
 */

import { modelParameterCount, trainingFlopsPerToken } from '@hadal/nn'
import { segmentsOf } from './checkpointing/segments-of.ts'
import { FileTensor } from './file-tensor.ts'
import { optimizerBytes, product } from './memory/optimizer-bytes.ts'
import { type MemoryPlan, planMemory, trainedTensors } from './memory/plan-memory.ts'
import type { RunConfig } from './run.ts'
import { isLabelled, isPairs, isStreamed, type TrainingData, windowLength } from './training-data.ts'

export interface RunPlan {
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

/** The run is to be free of faults. */
export function planRun(run: RunConfig): RunPlan {
  const { model, data, batch, schedule } = run
  const { total, activated } = modelParameterCount(model)
  const tensors = trainedTensors(run)
  const values = tensors.reduce((sum, { shape }) => sum + product(shape), 0)
  const length = windowLength(data.train)
  const rowsPerPass = batch.windows * (isPairs(data.train) ? 2 : 1)
  const rows = rowCount(data.train)
  const { bytes, phases } = planMemory(run, segmentsOf(run))
  return {
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
    tokensPerStep: rowsPerPass * batch.accumulate * length,
    stepsPerEpoch: rows && rows / (batch.windows * batch.accumulate),
    flopsPerToken: trainingFlopsPerToken(model, length),
    totalSteps: schedule.totalSteps,
  }
}

function rowCount(data: TrainingData): number | undefined {
  if (isStreamed(data)) return undefined
  if (isPairs(data)) return data.chosen.count
  return isLabelled(data) ? data.labels.length : data.count
}
