/** A training run as one typed, validated object. Independent of its execution. */

import type {
  Fp8Options,
  LayerRates,
  LoraOptions,
  LossScaleOptions,
  OptimizerChoice,
  Precision,
  Schedule,
  WeightAverageOptions,
} from '@hadal/nn'
import type { Checkpointing } from './checkpointing/checkpointing.ts'
import { type GuardOptions, guardDefaults } from './divergence-guard.ts'
import { invalidRun } from './errors.ts'
import { dataFingerprint, fingerprintOf } from './fingerprint.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { AnyModelConfig } from './kinds/model-kind.ts'
import type { TowerRates } from './kinds/tower-rates.ts'
import type { MemoryOptions } from './memory/memory-options.ts'
import type { Objective } from './objective.ts'
import type { ParallelOptions } from './parallel/parallel-options.ts'
import type { PrivacyOptions } from './privacy/privacy-options.ts'
import { privateDefaults, trainedModel } from './privacy/private-defaults.ts'
import type { ProfileOptions } from './profile/profile-options.ts'
import type { RunQuantization } from './quantization/quantization-options.ts'
import { type Defaulted, runDefaults } from './run-defaults.ts'
import { runFaults } from './run-faults.ts'
import type { SampleRequest } from './sample.ts'
import type { TrainingData } from './training-data.ts'
import type { Weights } from './weights.ts'

export interface RunConfig<Model extends AnyModelConfig = AnyModelConfig> {
  readonly name: string
  /** Holds `checkpoints/` and `metrics.jsonl`; a run restarted in the same folder resumes. */
  readonly folder: string
  readonly seed: number
  readonly model: Model
  /** Initial weights; random if omitted. */
  readonly startFrom?: Weights
  /** Trains only low-rank adapters (LoRA) on the frozen weights of `startFrom`. */
  readonly adapter?: Partial<LoraOptions>
  readonly precision: Precision
  /** `fp16`: dynamic loss scaling against gradient underflow. Missing options have defaults. */
  readonly lossScale?: Partial<LossScaleOptions>
  /** `fp8`: scaling of tensors before rounding. */
  readonly fp8?: Partial<Fp8Options>
  /**
   * `fp32`: computes a language model's norms and gates with fused operators, compiled once by this machine's C++ compiler. Their
   * rounding differs from libtorch's, so the setting is part of the fingerprint.
   */
  readonly fusedOps?: boolean
  /** Ends the run on the grid that its model is served on: fp32, then 16 bits, then quantised (docs/quantization.md). */
  readonly quantization?: Partial<RunQuantization>
  readonly objective: Objective
  /** In the objective's form: windows, pairs of them, labelled texts or images, captioned images. Only training data may be streamed. */
  readonly data: { readonly train: TrainingData; readonly valid: TrainingData }
  /** A step reads windows · accumulate windows (pairs, texts, images with their captions), in `accumulate` passes. */
  readonly batch: {
    readonly windows: number
    readonly accumulate: number
    /**
     * Contrastive batches: the encoders read this many rows at once, and recompute them in the backward pass with the gradients of
     * the whole batch (gradient caching, arXiv:2101.06983). Default: the whole batch.
     */
    readonly cacheRows?: number
  }
  /** Recomputation in the backward pass, to save memory; off by default. */
  readonly checkpointing?: Checkpointing
  /** A memory limit, and when cached memory is returned to the system. */
  readonly memory?: MemoryOptions
  /** Tokens per chunk of the loss, 0 for all at once. Default: as many as have about 32 MiB of logits. */
  readonly lossChunkTokens?: number
  readonly schedule: Schedule
  /** Learning rates per layer or encoder, {} for the default ones; without it the schedule's applies to all. */
  readonly rates?: LayerRates | TowerRates
  /** Missing options have the defaults of their kind; fused AdamW if no kind is given. */
  readonly optimizer: OptimizerChoice
  /** Largest global gradient norm. */
  readonly clipNorm: number
  /** A moving average of the weights: then that is evaluated, sampled and exported. */
  readonly average?: Partial<WeightAverageOptions>
  /** Response to failed steps; false: the run ends at the first. */
  readonly guard: GuardOptions | false
  /** Added to each expert's routing bias after a step, for load balancing (arXiv:2408.15664); 0 disables it. */
  readonly expertBalanceRate: number
  /** Differentially private training: bounds what the weights reveal about any one row (docs/private-training.md). */
  readonly privacy?: Partial<PrivacyOptions>
  /** Profiles some steps for time and memory (docs/profiling.md). {} for the defaults. */
  readonly profile?: Partial<ProfileOptions>
  /** Parallel layout of the ranks; not needed for a single process. */
  readonly parallel?: Partial<ParallelOptions>
  readonly evaluate: {
    readonly everySteps: number
    /** Early stopping after N consecutive evaluations without a held-out loss lower by `minImprovement`; off by default. */
    readonly patience?: number
    readonly minImprovement?: number
    /** Prompts to complete after each evaluation, to inspect progress. */
    readonly samples?: SampleRequest
  }
  readonly checkpoint: {
    readonly everySteps: number
    /** Number of newest checkpoints to keep. */
    readonly keep: number
    /** Number of checkpoints with the lowest held-out loss to keep, under `checkpoints/best`. */
    readonly best?: number
  }
}

/** What a recipe writes: `RunConfig` with optional defaults. */
export type RunOptions<Model extends AnyModelConfig = AnyModelConfig> = Omit<
  RunConfig<Model>,
  Defaulted | 'objective' | 'guard'
> &
  Partial<Pick<RunConfig, Defaulted | 'objective'>> & { readonly guard?: Partial<GuardOptions> | false }

export interface Run<Model extends AnyModelConfig = AnyModelConfig> extends RunConfig<Model> {
  /** Equal for runs that take the same course: a hash of all that decides the weights, data included. */
  readonly fingerprint: string
  /** Fingerprint of the held-out data, which does not affect the weights. */
  readonly heldOutFingerprint: string
}

/**
 * Fills in defaults and validates everything; throws `train_invalid_run` with every issue. A run may be derived from another:
 * `defineRun({ ...run, seed: 2 })`. `otherFaults` are reported with its own.
 *
 * @example
 * ```ts
 * import { packStream } from '@hadal/nn'
 * import { defineRun } from '@hadal/train'
 *
 * const data = packStream([Array.from({ length: 400 }, (_, index) => index ** 2 % 31)], 16, 31)
 * const run = defineRun({
 *   name: 'squares',
 *   folder: 'runs/squares', // started again, it goes on from its newest checkpoint
 *   model: { vocab_size: 32, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 16, rms_norm_eps: 1e-5, rope_theta: 1_000, tie_word_embeddings: true },
 *   data: { train: data, valid: data },
 *   batch: { windows: 8, accumulate: 1 },
 *   schedule: { peak: 0.01, warmupSteps: 10, totalSteps: 100, floorFraction: 0.1 },
 *   evaluate: { everySteps: 50 },
 * })
 * run.precision // → 'fp32'
 * ```
 */
export function defineRun<Model extends AnyModelConfig>(
  options: RunOptions<Model> | Run<Model>,
  otherFaults: readonly string[] = [],
): Run<Model> {
  const {
    fingerprint: _,
    heldOutFingerprint: __,
    ...given
  } = { fingerprint: '', heldOutFingerprint: '', ...options }
  const usual = { ...runDefaults, guard: {}, ...privateDefaults(given) }
  const said = given.guard ?? usual.guard
  const guard = said !== false && { ...guardDefaults, ...said }
  const objective = given.objective ?? kindOf(given.model).usualObjective(given.model)
  const adapter = withUsualTargets(given)
  const config: RunConfig<Model> = {
    ...usual,
    ...given,
    model: trainedModel(given),
    objective,
    guard,
    ...(adapter && { adapter }),
  }
  const faults = [...otherFaults, ...runFaults(config)]
  // Files that are no TypeScript may leave anything out.
  const name: string | undefined = config.name
  if (faults.length > 0) throw invalidRun(name ?? '(no name)', faults)
  return {
    ...config,
    fingerprint: fingerprintOf(config),
    heldOutFingerprint: dataFingerprint(config.data.valid),
  }
}

/** Kinds of models with other module names than language models provide their default adapter targets here. */
function withUsualTargets({ adapter, model }: Pick<RunConfig, 'adapter' | 'model'>): RunConfig['adapter'] {
  const targets = adapter && adapter.targets === undefined ? kindOf(model).usualTargets?.(model) : undefined
  return targets ? { ...adapter, targets } : adapter
}
