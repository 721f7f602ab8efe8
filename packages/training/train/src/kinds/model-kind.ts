/**
 * What a run needs from its kind of model before the model exists: validation, sizes, memory. Each kind is one object
 * (`language-kind.ts` and its neighbours); no other code distinguishes kinds. Operations on the model itself belong to `OpenModel`.
 */

import type { ParameterCount, RateFactor, WantedTensor } from '@hadal/nn'
import type { MemoryPlan } from '../memory/run-memory.ts'
import type { Objective } from '../objective.ts'
import type { AnyModelConfig, RunConfig } from '../run-config.ts'

/** The unit models read and operations are counted in. */
export type ReadUnit = 'tokens' | 'images' | 'pairs'

export interface ModelKind<Config extends AnyModelConfig = AnyModelConfig> {
  /** For use in sentences: `an image classifier`. */
  readonly title: string
  /** The unit it reads. */
  readonly unit: ReadUnit
  /** Whether it supports tensor, expert or data parallelism. */
  readonly isDivisible: boolean
  /** The default objective. */
  usualObjective(model: Config): Objective
  readonly objectives: readonly Objective['kind'][]
  /** Default adapter targets; undefined: those of `loraDefaults`. */
  usualTargets?(model: Config): readonly string[]
  /**
   * What a run can quantise: `layers` fake-quantise inputs and weights in every pass, `matrices` are rounded once per step.
   * Undefined: nothing.
   */
  readonly quantizes?: 'layers' | 'matrices'
  /** Keys that `rates` may have. */
  readonly rateKeys: Readonly<Record<string, true>>
  /** Issues of the configuration. Like all issues, each is a sentence that includes the value. */
  configIssues(model: Config): readonly string[]
  /** Issues of settings that depend on the model: rates, samples, unsupported settings. Parts may not be objects yet. */
  settingIssues(run: RunConfig<Config>): string[]
  /** Issues of adapters and data, whose form is already valid; the objective is one of `objectives`. */
  contentIssues(run: RunConfig<Config>): string[]
  /** Issues of an otherwise valid run: memory and parallel layout. */
  wholeIssues(run: RunConfig<Config>): string[]
  /** Defaults of a private run of such a model. */
  readonly privateDefaults: Partial<Pick<RunConfig, 'lossChunkTokens' | 'expertBalanceRate'>>
  /** Parts of the model without per-row gradients, or that read data the budget does not cover. */
  privateIssues(run: RunConfig<Config>): string[]
  /** The model with operators that mix rows replaced, where possible. */
  withoutMixing(model: Config): Config
  /** The configuration with defaults filled in, and likewise the run settings that its weights depend on. */
  completed(run: DecisiveParts<Config>): object
  parameterCount(model: Config): ParameterCount
  /** Name and shape of every parameter, lazily: a configuration can specify more than can be listed. */
  tensors(model: Config): Iterable<WantedTensor>
  /** Units of one row of the training data. */
  rowUnits(run: RunConfig<Config>): number
  /** Floating-point operations of training on one unit. */
  flopsPerUnit(run: RunConfig<Config>): number
  /** Multiplier of the schedule's rate by parameter name; undefined if all use the same rate. */
  rateFactor(run: RunConfig<Config>): RateFactor | undefined
  /** The run must be valid. */
  planMemory(run: RunConfig<Config>): MemoryPlan
}

/** The settings that `completed` reads. */
export type DecisiveParts<Config extends AnyModelConfig> = Pick<
  RunConfig<Config>,
  'model' | 'objective' | 'schedule'
> & {
  readonly rates: RunConfig['rates'] | undefined
  readonly lossChunkTokens: number | undefined
}
