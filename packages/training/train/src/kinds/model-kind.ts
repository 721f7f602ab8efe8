/**
 * What a run asks of its model before there is one, whatever kind of model it is: faults, sizes, what memory it takes. Each kind is
 * one object (`language-kind.ts` and its neighbours); nobody else asks which kind a run's model is. What it asks of the model itself
 * is an `OpenModel`.
 */

import type {
  ClipConfig,
  ImageModelConfig,
  ModelConfig,
  ParameterCount,
  RateFactor,
  WantedTensor,
} from '@hadal/nn'
import type { MemoryPlan } from '../memory/run-memory.ts'
import type { Objective } from '../objective.ts'
import type { RunConfig } from '../run.ts'

/** The configuration of a model that a run can train. */
export type AnyModelConfig = ModelConfig | ImageModelConfig | ClipConfig

/** A run of a language model. */
export type LanguageRun = RunConfig<ModelConfig>

/** What models read, and operations are counted for. */
export type ReadUnit = 'tokens' | 'images' | 'pairs'

export interface ModelKind<Config extends AnyModelConfig = AnyModelConfig> {
  /** In sentences: `an image classifier`. */
  readonly title: string
  /** What it reads. */
  readonly unit: ReadUnit
  /** Whether ranks can divide it or its batches between them. */
  readonly isDivisible: boolean
  /** What a run teaches it whose recipe says nothing of it. */
  usualObjective(model: Config): Objective
  readonly objectives: readonly Objective['kind'][]
  /** Modules that get adapters where a run names none; undefined: those of `loraDefaults`. */
  usualTargets?(model: Config): readonly string[]
  /**
   * What of it a run can quantise: `layers` fake-quantise in every pass what they read and are, `matrices` are rounded once a step.
   * Undefined: nothing.
   */
  readonly quantizes?: 'layers' | 'matrices'
  /** Keys that `rates` may have. */
  readonly rateKeys: Readonly<Record<string, true>>
  /** Of the configuration alone. Like all faults a sentence each, that names the value. */
  configFaults(model: Config): readonly string[]
  /** Of settings that go by the model: rates, samples, what such a model has no use for. Parts that are no objects may come in. */
  settingFaults(run: RunConfig<Config>): string[]
  /** Of adapters and data, whose form is known by now; the objective is one of `objectives`. */
  contentFaults(run: RunConfig<Config>): string[]
  /** Of a run that is sound so far: of what it would hold, and how it divides. */
  wholeFaults(run: RunConfig<Config>): string[]
  /** What a private run of such a model has that its recipe says nothing of. */
  readonly privateDefaults: Partial<Pick<RunConfig, 'lossChunkTokens' | 'expertBalanceRate'>>
  /** What of the model has no gradient of one row, or reads what no budget covers. */
  privateFaults(run: RunConfig<Config>): string[]
  /** The same without what mixes rows, where something else can be in its place. */
  withoutMixing(model: Config): Config
  /** What of the configuration is left out, written out; and settings of a run that its weights depend on, likewise. */
  completed(run: DecisiveParts<Config>): object
  parameterCount(model: Config): ParameterCount
  /** Name and shape of every parameter, one by one: a configuration can ask for more than can be listed. */
  tensors(model: Config): Iterable<WantedTensor>
  /** Units of one row of the training data. */
  rowUnits(run: RunConfig<Config>): number
  /** Floating-point operations of training on one unit. */
  flopsPerUnit(run: RunConfig<Config>): number
  /** What the schedule's rate is multiplied with, by a parameter's name; undefined where all learn at that. */
  rateFactor(run: RunConfig<Config>): RateFactor | undefined
  /** The run is free of faults. */
  planMemory(run: RunConfig<Config>): MemoryPlan
}

/** What `completed` reads. */
export type DecisiveParts<Config extends AnyModelConfig> = Pick<
  RunConfig<Config>,
  'model' | 'objective' | 'schedule'
> & {
  readonly rates: RunConfig['rates'] | undefined
  readonly lossChunkTokens: number | undefined
}
