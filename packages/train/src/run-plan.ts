/**
 * What a run will take, counted from its configuration alone: parameters, memory, tokens, operations. Makes no tensor.
 *
 * Letters: n tokens of a pass, t of a window, d hidden, h heads, e head width, f feed-forward width, v vocabulary.
 */

import {
  adamW8bitDefaults,
  type DecoderConfig,
  type DeepSeekConfig,
  frozenBytes,
  hasExperts,
  headDim,
  isDeepSeekConfig,
  loraDefaults,
  loraTensors,
  type ModelConfig,
  modelParameterCount,
  muonDefaults,
  type OptimizerChoice,
  sgdDefaults,
  trainingFlopsPerToken,
  type WantedTensor,
  wantedTensors,
} from '@hadal/nn'
import type { RunConfig } from './run.ts'
import { isLabelled, isPairs, isStreamed, type TrainingData, windowLength } from './training-data.ts'

export interface RunPlan {
  readonly parameters: number
  /** Of them, what one token meets. */
  readonly activatedParameters: number
  /** Those of the adapters, where a run has such; otherwise all. */
  readonly trainedParameters: number
  readonly bytes: {
    /** What is trained in fp32, with the bf16 copies that compute where the run has such; frozen weights in the precision alone. */
    readonly weights: number
    readonly gradients: number
    readonly optimizer: number
    readonly average: number
    /** About what a pass keeps for its way back: an estimate, within an eighth where it was measured. */
    readonly activations: number
  }
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
  const { model, data, batch, precision, schedule } = run
  const { total, activated } = modelParameterCount(model)
  const trained = [...trainedTensors(run)]
  const values = trained.reduce((sum, { shape }) => sum + product(shape), 0)
  const length = windowLength(data.train)
  const rowsPerPass = batch.windows * (isPairs(data.train) ? 2 : 1)
  const rows = rowCount(data.train)
  const optimizer = optimizerBytes(trained, run.optimizer)
  const average = run.average ? values * 4 : 0
  const [copied, width] = precision === 'fp32' ? [4, 4] : [6, 2]
  const frozen = run.adapter ? frozenBytes(model, { ...loraDefaults, ...run.adapter }, width) : 0
  return {
    parameters: total,
    activatedParameters: activated,
    trainedParameters: values,
    bytes: {
      weights: values * copied + frozen,
      gradients: values * copied,
      optimizer,
      average,
      activations: activationBytes(run, rowsPerPass * length, length),
    },
    hostBytes: {
      copies: (run.guard ? 2 : 1) * (values * 4 + optimizer + average),
      startFrom: [...(run.startFrom?.values() ?? [])].reduce(
        (sum, tensor) => sum + tensor.values.byteLength,
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

/** Of the model itself, or of the adapters beside it; heads are small. */
function* trainedTensors({ model, adapter }: RunConfig): Generator<WantedTensor> {
  if (!adapter) yield* wantedTensors(model)
  else yield* loraTensors(model, { ...loraDefaults, ...adapter })
}

/** What `Optimizer.state` holds for them, beside its counters of steps. */
export function optimizerBytes(tensors: readonly WantedTensor[], choice: OptimizerChoice): number {
  const bytesOf = stateBytes(choice)
  return tensors.reduce((sum, tensor) => sum + bytesOf(tensor, product(tensor.shape)), 0)
}

type StateBytes = (tensor: WantedTensor, values: number) => number

function stateBytes(choice: OptimizerChoice): StateBytes {
  switch (choice.kind) {
    case 'adamw-8bit': {
      const { leastValues } = { ...adamW8bitDefaults, ...choice }
      // Blocks of 256 codes and one scale, of both moments.
      return (_, values) => (values < leastValues ? values * 8 : Math.ceil(values / 256) * 2 * (256 + 4))
    }
    case 'sgd': {
      const { momentum } = { ...sgdDefaults, ...choice }
      return (_, values) => (momentum > 0 ? values * 4 : 0)
    }
    case 'lion':
      return (_, values) => values * 4
    case 'adafactor':
      return ({ shape }, values) =>
        4 * (shape.length < 2 ? values : values / shape.at(-2)! + values / shape.at(-1)!)
    case 'muon': {
      const { exclude } = { ...muonDefaults, ...choice }
      return ({ name, shape }, values) =>
        values * (shape.length === 2 && !exclude.some((part) => name.includes(part)) ? 4 : 8)
    }
    default:
      return (_, values) => values * 8
  }
}

/** Tensors that autograd keeps, with the flash kernel of attention and its mask, and the logits of the loss. */
function activationBytes({ model, precision, objective, data }: RunConfig, n: number, t: number): number {
  const width = precision === 'fp32' ? 4 : 2
  const { hidden_size: d, num_hidden_layers, vocab_size: v } = model
  let perToken = 2 * d * width
  for (let layer = 0; layer < num_hidden_layers; layer += 1)
    perToken += (4 * d + 4 * feedForward(model, layer)) * width + attentionBytes(model, width)
  const scored = objective.kind === 'reward' || objective.kind === 'classes'
  // Logits, their logarithm of softmax and the gradient in fp32; logits and gradient in 16 bits, too, where they come so.
  if (!scored) perToken += v * (3 * 4 + (precision === 'fp32' ? 0 : 4))
  const masked = isStreamed(data.train) || ('segments' in data.train && data.train.segments !== undefined)
  return n * (perToken + (masked ? t * 4 : 0))
}

/** Queries, keys, values and outputs, which are fp32 in any precision, and the output once more for its projection. */
function attentionBytes(model: ModelConfig, width: number): number {
  const values = isDeepSeekConfig(model) ? latentWidth(model) : model.num_attention_heads * headDim(model)
  return values * (4 * 4 + width)
}

const latentWidth = (model: DeepSeekConfig): number =>
  model.num_attention_heads * Math.max(model.qk_nope_head_dim + model.qk_rope_head_dim, model.v_head_dim)

function feedForward(model: DecoderConfig | DeepSeekConfig, layer: number): number {
  if (!isDeepSeekConfig(model) || !model.moe || !hasExperts(model.moe, layer)) return model.intermediate_size
  const { num_experts_per_tok, n_shared_experts, moe_intermediate_size } = model.moe
  return (num_experts_per_tok + n_shared_experts) * moe_intermediate_size
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)
