/**
 * A run's complete state between two steps, and its conversion to and from checkpoints. Everything else is discarded after a step;
 * everything here resumes bit-exactly.
 */

import {
  DeepSeek,
  ExpertBalance,
  Fp8Linears,
  fp8Defaults,
  LossScaler,
  loadOptimizer,
  lossScaleDefaults,
  makeOptimizer,
  normsOf,
  type Optimizer,
  PartParameters,
  type SumSquares,
  saveOptimizer,
  type TrainedWeights,
  WeightAverage,
  weightAverageDefaults,
} from '@hadal/nn'
import { addSteps, type Ledger } from '@hadal/privacy'
import {
  getRngState,
  manualSeed,
  type ProcessGroup,
  recordRange,
  scope,
  setRngState,
  type Tensor,
} from '@hadal/tensor'
import type { Checkpoint, CheckpointState, SavedSession, SavedTensors } from './checkpoint-file.ts'
import { type GuardRecord, untroubled } from './divergence-guard.ts'
import { evaluate } from './evaluate.ts'
import { type HeldOutRecord, noHeldOutYet } from './held-out-record.ts'
import { kindOf } from './kinds/kind-of.ts'
import type { ModelView, OpenModel } from './kinds/open-model.ts'
import { openRunModel } from './kinds/open-run-model.ts'
import { type LayerNorms, layerNorms } from './layer-norms.ts'
import { StepMemoryWatch } from './memory/step-memory.ts'
import type { PassGradients, Split } from './memory/within-memory.ts'
import { agree } from './parallel/agree.ts'
import type { DataParallel } from './parallel/data-parallel.ts'
import type { DividedModel } from './parallel/divided-model.ts'
import { PassReader, type ReadWith } from './pass-reader.ts'
import { epsilonSpent } from './privacy/budget.ts'
import { privacyPlan } from './privacy/privacy-issues.ts'
import type { PrivacyPlan } from './privacy/privacy-options.ts'
import { PrivateReader } from './privacy/private-reader.ts'
import { checkLayers } from './privacy/private-trainer.ts'
import { Quantizer } from './quantization/quantizer.ts'
import type { Run } from './run.ts'
import type { Sample, SampleRequest } from './sample.ts'
import { startingWeights } from './starting-weights.ts'
import { makeTask } from './task/make-task.ts'
import type { Evaluated, Pass, Task } from './task/pass.ts'

export class Session {
  readonly model: OpenModel
  /** The same as evaluation reads it. */
  readonly evaluated: ModelView
  readonly task: Task
  readonly weights: TrainedWeights
  readonly optimizer: Optimizer
  readonly average: WeightAverage | undefined
  readonly balance: ExpertBalance | undefined
  /** For runs whose compute dtype or rounding changes. */
  readonly quantizer: Quantizer | undefined
  readonly #lossScaler: LossScaler | undefined
  /** For fp8. */
  readonly #fp8: Fp8Linears | undefined
  /** Steps done. */
  step = 0
  heldOut: HeldOutRecord = noHeldOutYet
  guard: GuardRecord = untroubled
  /** For private runs: the plan and the spent budget. */
  readonly privacy: { readonly plan: PrivacyPlan; readonly reader: PrivateReader } | undefined
  ledger: Ledger | undefined
  readonly #run: Run
  readonly #divided: DividedModel | undefined
  readonly #data: DataParallel | undefined
  /** Tracks each step's peak memory. */
  readonly memoryWatch: StepMemoryWatch
  readonly #reader: PassReader
  /** State besides weights that training passes change: running statistics. */
  readonly #statistics: ReadonlyMap<string, Tensor>

  /**
   * A run at its start; with `divided` this rank's part of the model, with `data` its part of each batch. Its tensors belong to the
   * caller's scope.
   */
  constructor(run: Run, divided?: DividedModel, data?: DataParallel) {
    manualSeed(run.seed)
    this.#run = run
    this.#divided = divided
    this.#data = data
    this.model = openRunModel(run, divided)
    const { module } = this.model
    this.task = makeTask(run)
    const start = startingWeights(this.model, this.task.head, run, divided)
    const { weights, adapters } = start
    this.quantizer = run.quantization && new Quantizer(run, module, start)
    this.weights = this.quantizer?.weights ?? data?.takeWeights(weights) ?? weights
    const { masters } = this.weights
    const rateFactor = kindOf(run.model).rateFactor(run)
    this.optimizer =
      data?.makeOptimizer(masters, rateFactor) ?? makeOptimizer(masters, run.optimizer, rateFactor)
    this.average = run.average && new WeightAverage(masters, { ...weightAverageDefaults, ...run.average })
    this.balance =
      module instanceof DeepSeek && !run.adapter ? new ExpertBalance(masters, data?.balance) : undefined
    if (run.precision === 'fp16')
      this.#lossScaler = new LossScaler({ ...lossScaleDefaults, ...run.lossScale })
    if (run.precision === 'fp8') this.#fp8 = new Fp8Linears(module, { ...fp8Defaults, ...run.fp8 })
    this.memoryWatch = new StepMemoryWatch(
      this.optimizer.state().values(),
      this.average?.state().values() ?? [],
    )
    this.#statistics = adapters ? new Map() : module.buffers()
    const parameters = new PartParameters(this.weights.working)
    this.evaluated = this.model.view(undefined, data?.readParts(parameters))
    const { segments } = this.model
    const parts: ReadWith = {
      model: this.model,
      weights: this.weights,
      adapters,
      dropout: run.adapter?.dropout ?? 0,
      balance: this.balance,
      parameters,
      segments: data?.segments(segments) ?? divided?.segments(segments) ?? segments,
      memoryWatch: this.memoryWatch,
      divided,
      data,
    }
    this.#reader = new PassReader(parts)
    const plan = privacyPlan(run)
    if (!plan) return
    checkLayers(module, plan)
    this.privacy = { plan, reader: new PrivateReader(parts, plan, rowScale(run)) }
    this.ledger = plan.spent
  }

  /**
   * Call once, before `restore` and the first batch of a run whose losses count. Returns early when `signal` aborts; with a divided
   * model, after the same pass on all of `world`.
   */
  async prepare(signal?: AbortSignal, world?: ProcessGroup): Promise<void> {
    const together = this.#divided && world
    const isRequested = (): boolean =>
      agree(together, { stop: signal?.aborted ? 'interrupted' : 'no', save: false }).stop !== 'no'
    const prepare = (): Promise<void> => this.task.prepare(this.model.view(), isRequested, !this.#divided)
    await (this.#data?.withAll(prepare) ?? prepare())
  }

  /** For fp16. */
  get lossScaler(): LossScaler | undefined {
    return this.quantizer?.lossScaler ?? this.#lossScaler
  }

  /** Whether losses now apply to the model that the run will produce. */
  get isFinalKind(): boolean {
    return this.quantizer?.isQuantizing ?? true
  }

  /** The passes of the next step. */
  async nextBatch(): Promise<Pass[]> {
    const { training } = this.task
    if (training.nextStep) return training.nextStep()
    const passes: Pass[] = []
    while (passes.length < this.#run.batch.accumulate) {
      const next = training.next()
      passes.push(next instanceof Promise ? await recordRange('wait:data', () => next) : next)
    }
    return passes
  }

  /** `PassReader.gradients`; where ranks divide the batch, `finishGradients` gives them after the last pass of a step. */
  passGradients(pass: Pass, upstream: number, isLast = true): PassGradients {
    return this.#reader.gradients(pass, upstream, isLast)
  }

  /** The number of parts per pass, if it changed in this step. */
  takeSplit(): Split | undefined {
    return (this.privacy?.reader ?? this.#reader).takeSplit()
  }

  /** One update of everything that follows the weights; returns how uneven the experts' load was, 1 for even. */
  update(gradients: readonly Tensor[], learningRate: number): number {
    recordRange('module:optimizer', () => this.optimizer.update(gradients, learningRate))
    this.model.bound?.(this.weights.masters)
    const imbalance = this.balance?.update(this.#run.expertBalanceRate) ?? 1
    this.average?.update()
    recordRange('module:weights', () => this.weights.publish())
    this.#fp8?.update(this.largestOfRanks)
    return imbalance
  }

  /** The same in a private run, with the mean of a step: it is spent. */
  spend(
    gradients: readonly Tensor[],
    learningRate: number,
    { noiseMultiplier, sampleRate }: PrivacyPlan,
  ): void {
    this.ledger = addSteps(this.ledger ?? [], { noiseMultiplier, sampleRate, steps: 1 })
    this.update(gradients, learningRate)
  }

  /** Spent so far by a private run. */
  get epsilon(): number | undefined {
    return this.privacy && epsilonSpent(this.ledger ?? [], this.privacy.plan)
  }

  /** Call instead of `update` for a skipped step; returns 1. */
  dropUpdate(): number {
    this.balance?.forget()
    this.#fp8?.forget()
    return 1
  }

  /** Reduces the gradients this rank computed to the step's, or to this rank's shard of them. */
  finishGradients(computed: readonly Tensor[]): readonly Tensor[] {
    const gradients = this.#data?.finishGradients() ?? computed
    this.#divided?.finish(this.weights.masters.keys(), gradients)
    return gradients
  }

  /** Reduces losses of this rank's part to those of whole passes. */
  finishLosses(losses: readonly number[]): readonly number[] {
    return this.#data?.sum(losses) ?? losses
  }

  /** Reduces by maximum over ranks: the overflow flag, 0 or 1, and fp8 amax values. */
  get largestOfRanks(): ((numbers: Tensor) => void) | undefined {
    const [data, divided] = [this.#data, this.#divided]
    if (!data && !divided) return undefined
    return (found) => {
      data?.agree(found)
      divided?.agree(found)
    }
  }

  /** Reduces squared norms of this rank's part to those of the whole; undefined if it holds everything. */
  get overRanks(): SumSquares | undefined {
    const divided = this.#divided?.sumSquares(this.weights.masters.keys())
    return this.#data ? this.#data.sumSquares(divided) : divided
  }

  /** Norms of the weights, layer by layer. */
  weightNorms(): LayerNorms {
    const { masters } = this.weights
    return scope(() => {
      const norms_n = normsOf([...masters.values()], this.overRanks)
      return layerNorms(masters.keys(), norms_n.toArray() as number[])
    })
  }

  /** Runs `body` while the model has the averaged weights, where the run keeps such. */
  async withAverage<T>(body: () => Promise<T>): Promise<T> {
    if (!this.average) return body()
    const exchange = (): void => {
      this.average!.swap()
      this.weights.publish()
    }
    exchange()
    try {
      return await body()
    } finally {
      exchange()
    }
  }

  /** Evaluates on held-out data; every rank computes its part. */
  async evaluate(): Promise<Evaluated> {
    const { task, evaluated } = this
    if (task.evaluate) return task.evaluate(evaluated)
    const compute = (): Evaluated =>
      evaluate(evaluated, task.heldOut(), this.#data, !this.#data && !this.#divided)
    return this.quantizer?.evaluate(compute) ?? this.#data?.around(compute) ?? compute()
  }

  /** Completes prompts, with the same result on all ranks that share the model. */
  sample(request: SampleRequest): Sample[] {
    const read = (): Sample[] => this.model.sample?.(request, this.#divided?.first) ?? []
    const hold = this.#data?.hold
    return hold ? hold([...this.weights.working.values()], read) : read()
  }

  get state(): CheckpointState {
    const { step, heldOut, guard } = this
    const { fingerprint, heldOutFingerprint, schedule } = this.#run
    const { position } = this.task.training
    const { ledger } = this
    return {
      ...{ step, position, fingerprint, heldOutFingerprint, schedule, heldOut, guard },
      ...(ledger && { ledger }),
    }
  }

  get #saved(): Map<string, Tensor> {
    return new Map([...this.weights.masters, ...this.#statistics])
  }

  #precisionState(): Map<string, Tensor> {
    return (this.quantizer ?? this.#lossScaler ?? this.#fp8)?.state() ?? new Map()
  }

  snapshot(): SavedSession {
    return {
      state: this.state,
      weights: saveOptimizer({ state: () => this.#saved }),
      optimizer: saveOptimizer(this.optimizer),
      average: this.average ? saveOptimizer(this.average) : new Map(),
      precision: saveOptimizer({ state: () => this.#precisionState() }),
      rng: getRngState(),
    }
  }

  /** Gathers a checkpoint from all ranks' parts; collective. Only rank 0's result has tensors. */
  whole(own: Checkpoint): Checkpoint {
    const shared = this.#data?.whole(own) ?? own
    if (this.#data?.isFirst === false) return shared
    return this.#divided?.gatherCheckpoint(shared) ?? shared
  }

  /** This rank's part of a whole checkpoint. */
  own(whole: Checkpoint): Checkpoint {
    const part = this.#divided?.cutCheckpoint(whole) ?? whole
    return this.#data?.own(part) ?? part
  }

  restore({ state, weights, optimizer, average, precision, rng }: SavedSession): void {
    const put = (into: ReadonlyMap<string, Tensor>, saved: SavedTensors): void =>
      loadOptimizer({ state: () => new Map(into) }, saved)
    put(this.#saved, weights)
    put(this.optimizer.state(), optimizer)
    put(this.average?.state() ?? new Map(), average)
    put(this.#precisionState(), precision)
    this.quantizer?.enter(state.step)
    this.weights.publish()
    this.task.training.restore(state.position)
    setRngState(rng)
    this.step = state.step
    // Losses on other data do not compare.
    const comparable = state.heldOutFingerprint === this.#run.heldOutFingerprint
    this.heldOut = comparable ? state.heldOut : noHeldOutYet
    this.guard = { ...untroubled, ...state.guard }
    if (this.privacy) this.ledger = state.ledger ?? this.privacy.plan.spent
  }
}

/** A row of tokens has the mean of its window as its loss, so that norms are of one size for windows of any length. */
const rowScale = (run: Run): number =>
  run.objective.kind === 'tokens' ? 1 / kindOf(run.model).rowUnits(run) : 1
