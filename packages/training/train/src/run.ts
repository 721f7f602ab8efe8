/** A training run as one typed object, checked as a whole. Knows nothing about how it is carried out. */

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
  /** Holds `checkpoints/` and `metrics.jsonl`; a run started again in the same folder goes on. */
  readonly folder: string
  readonly seed: number
  readonly model: Model
  /** Weights to begin with; fresh ones otherwise. */
  readonly startFrom?: Weights
  /** Trains low-rank adapters beside the frozen weights of `startFrom`, and nothing else. */
  readonly adapter?: Partial<LoraOptions>
  readonly precision: Precision
  /** Of `fp16`: what keeps small gradients from becoming zero. What is left out has its usual value. */
  readonly lossScale?: Partial<LossScaleOptions>
  /** Of `fp8`: how tensors are scaled before they are rounded. */
  readonly fp8?: Partial<Fp8Options>
  /**
   * Of `fp32`: computes norms and gates of a language model by fused operators, which the C++ compiler of this machine makes once. They
   * round otherwise than libtorch's, so it is part of what the run is.
   */
  readonly fusedOps?: boolean
  /** Ends the run on the grid that its model is served on: fp32, then 16 bits, then quantised (docs/quantization.md). */
  readonly quantization?: Partial<RunQuantization>
  readonly objective: Objective
  /** In the form that the objective reads: windows, pairs of them, labelled texts or images, images with captions. Only training data may be a stream. */
  readonly data: { readonly train: TrainingData; readonly valid: TrainingData }
  /** A step reads windows · accumulate windows (pairs, texts, images with their captions), in `accumulate` passes. */
  readonly batch: {
    readonly windows: number
    readonly accumulate: number
    /**
     * Of contrastive batches: towers read so many rows at once, and again on the way back, with the gradients of the whole batch
     * (arXiv:2101.06983). Without it a batch is read whole.
     */
    readonly cacheRows?: number
  }
  /** What is computed again on the way back, to need less memory; nothing without it. */
  readonly checkpointing?: Checkpointing
  /** A limit, and when memory that is held free is given back. */
  readonly memory?: MemoryOptions
  /** The loss of tokens is made for so many at a time, 0 for all at once. Default: as many as have about 32 MiB of logits. */
  readonly lossChunkTokens?: number
  readonly schedule: Schedule
  /** Layers, or towers, learn at rates of their own, {} for the usual ones; the schedule's for all without it. */
  readonly rates?: LayerRates | TowerRates
  /** What is left out has its kind's usual value; fused AdamW where no kind is named. */
  readonly optimizer: OptimizerChoice
  /** Largest global gradient norm. */
  readonly clipNorm: number
  /** A moving average of the weights: then that is evaluated, sampled and exported. */
  readonly average?: Partial<WeightAverageOptions>
  /** What is done about a step that goes wrong; false: the run ends there. */
  readonly guard: GuardOptions | false
  /** What is added to each expert's correction after a step, against uneven load (arXiv:2408.15664); 0 leaves them alone. */
  readonly expertBalanceRate: number
  /** Trains privately: what the weights tell of any one row is bounded (docs/private-training.md). */
  readonly privacy?: Partial<PrivacyOptions>
  /** Records some steps: where their time and memory go (docs/profiling.md). {} for the usual ones. */
  readonly profile?: Partial<ProfileOptions>
  /** How the ranks of a run divide it; one that a single process carries out needs none. */
  readonly parallel?: Partial<ParallelOptions>
  readonly evaluate: {
    readonly everySteps: number
    /** Ends the run after so many evaluations in a row without a held-out loss lower by `minImprovement`; never without it. */
    readonly patience?: number
    readonly minImprovement?: number
    /** Texts to continue after each evaluation, to see what was learnt. */
    readonly samples?: SampleRequest
  }
  readonly checkpoint: {
    readonly everySteps: number
    /** The newest so many are kept. */
    readonly keep: number
    /** And so many of the lowest held-out loss, under `checkpoints/best`. */
    readonly best?: number
  }
}

/** What a recipe writes: everything of `RunConfig`, the usual values left out. */
export type RunOptions<Model extends AnyModelConfig = AnyModelConfig> = Omit<
  RunConfig<Model>,
  Defaulted | 'objective' | 'guard'
> &
  Partial<Pick<RunConfig, Defaulted | 'objective'>> & { readonly guard?: Partial<GuardOptions> | false }

export interface Run<Model extends AnyModelConfig = AnyModelConfig> extends RunConfig<Model> {
  /** Equal for runs that take the same course: a hash of all that decides the weights, data included. */
  readonly fingerprint: string
  /** The same of its held-out data, which decides no weights. */
  readonly heldOutFingerprint: string
}

/**
 * Fills in the usual values and checks everything; throws `train_invalid_run` with every fault. A run may be derived from
 * another: `defineRun({ ...run, seed: 2 })`. `otherFaults` are told with its own.
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

/** Kinds of models whose modules have other names than language models' say here which of them get adapters. */
function withUsualTargets({ adapter, model }: Pick<RunConfig, 'adapter' | 'model'>): RunConfig['adapter'] {
  const targets = adapter && adapter.targets === undefined ? kindOf(model).usualTargets?.(model) : undefined
  return targets ? { ...adapter, targets } : adapter
}
