/** The configuration of a training run: every setting, its unit and its default. */

import type {
  ClipConfig,
  Fp8Options,
  ImageModelConfig,
  LayerRates,
  LoraOptions,
  LossScaleOptions,
  ModelConfig,
  OptimizerChoice,
  Precision,
  Schedule,
  WeightAverageOptions,
} from '@hadal/nn'
import type { Checkpointing } from './checkpointing/checkpointing.ts'
import type { GuardOptions } from './divergence-guard.ts'
import type { TowerRates } from './kinds/tower-rates.ts'
import type { MemoryOptions } from './memory/memory-options.ts'
import type { Objective } from './objective.ts'
import type { ParallelOptions } from './parallel/parallel-options.ts'
import type { PrivacyOptions } from './privacy/privacy-options.ts'
import type { ProfileOptions } from './profile/profile-options.ts'
import type { RunQuantization } from './quantization/quantization-options.ts'
import type { SampleRequest } from './sample.ts'
import type { TrainingData } from './training-data.ts'
import type { Weights } from './weights.ts'

/** The configuration of a model that a run can train. */
export type AnyModelConfig = ModelConfig | ImageModelConfig | ClipConfig

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

/** A run of a language model. */
export type LanguageRun = RunConfig<ModelConfig>
