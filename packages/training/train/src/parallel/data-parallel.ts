/**
 * Data parallelism: which part of a pass this rank reads, how gradients, losses and loads are reduced, and which weights and
 * optimizer state it keeps. Every method is collective: all ranks call it in the same order.
 */

import {
  type BalanceOverRanks,
  type ExpertLoads,
  expertsOf,
  GradientSum,
  type Hold,
  type MasterWeights,
  type ModelConfig,
  makeOptimizer,
  makeShareOptimizer,
  type OnGradients,
  type Optimizer,
  type PartParameters,
  type RateFactor,
  type RunParts,
  runHeld,
  type Segment,
  SharedWeights,
  Shares,
  type SumSquares,
  shareRuleOf,
  type TrainedWeights,
} from '@hadal/nn'
import { type ProcessGroup, scope, type Tensor, torch } from '@hadal/tensor'
import { type Checkpoint, eachSession } from '../checkpoint-file.ts'
import type { Run } from '../run.ts'
import type { Pass } from '../task/pass.ts'
import { shareOfSession, wholeSession } from './data-checkpoint.ts'
import type { Mesh } from './mesh.ts'
import { withOwnRandom } from './own-random.ts'

/** This rank's part of a pass. With fewer rows than ranks it reads another's rows as well, which then do not `count`. */
export interface PassPart {
  readonly pass: Pass
  readonly counts: boolean
}

/** Gradients of some parameters over one group. */
interface Sum {
  readonly names: readonly string[]
  /** Expert parameters: they receive tokens from other ranks, so their gradients count even if this rank's rows do not. */
  readonly isOwned: boolean
  readonly gradients: GradientSum
}

export class DataParallel {
  readonly #run: Run<ModelConfig>
  readonly #mesh: Mesh
  readonly #group: ProcessGroup
  /** Whether other ranks of the group have different experts. */
  readonly #isOwned: (name: string) => boolean
  #shares: Shares | undefined
  #weights: SharedWeights | undefined
  #sums: readonly Sum[] = []
  readonly #sumOf = new Map<Tensor, GradientSum>()
  #names: readonly string[] = []

  constructor(run: Run<ModelConfig>, mesh: Mesh, isOwned: (name: string) => boolean) {
    this.#run = run
    this.#mesh = mesh
    this.#group = mesh.data
    this.#isOwned = isOwned
  }

  /** Called once, with the initial weights; returns what this rank keeps of them. */
  takeWeights(whole: MasterWeights): TrainedWeights {
    const { zero, bucketBytes } = this.#mesh.options
    const { working } = whole
    this.#names = [...working.keys()]
    if (zero > 0) {
      const shapes = new Map([...working].map(([name, { shape }]) => [name, shape]))
      this.#shares = new Shares(shapes, shareRuleOf(this.#run.optimizer), this.#group)
      const options = { bucketBytes, onDemand: zero === 3 }
      this.#weights = new SharedWeights(whole, this.#shares, this.#group, options)
    }
    const sumOver = (group: ProcessGroup, isOwned: boolean): Sum[] => {
      const own = new Map([...working].filter(([name]) => this.#isOwned(name) === isOwned))
      if (own.size === 0) return []
      const options = { bucketBytes, shares: this.#shares, everyPass: zero >= 2 }
      const gradients = new GradientSum(own, group, options)
      for (const parameter of own.values()) this.#sumOf.set(parameter, gradients)
      return [{ names: [...own.keys()], isOwned, gradients }]
    }
    this.#sums = [...sumOver(this.#group, false), ...sumOver(this.#mesh.replicas, true)]
    return this.#weights ?? whole
  }

  makeOptimizer(masters: ReadonlyMap<string, Tensor>, rateFactor: RateFactor | undefined): Optimizer {
    const make = this.#shares ? makeShareOptimizer : makeOptimizer
    return make(masters, this.#run.optimizer, rateFactor)
  }

  /** With `segments` undefined, parts of layers one by one: gradients are to be ready before all of them are. */
  segments(segments: readonly Segment[] | undefined): readonly Segment[] {
    const parts = 2 * this.#run.model.num_hidden_layers
    return segments ?? Array.from({ length: parts }, () => ({ parts: 1, mode: 'kept' }))
  }

  /** This rank's part of a pass. */
  partOf(pass: Pass): PassPart {
    const { rank, size } = this.#group
    const parts = pass.split(size)
    const own = parts[rank]
    return own ? { pass: own, counts: true } : { pass: parts[0]!, counts: false }
  }

  /** The hooks a tape needs around code that reads parameters. */
  get hold(): Hold | undefined {
    return this.#weights?.hold
  }

  /** Runs `body`, which runs the model, with non-layer parameters gathered. */
  around<T>(body: () => T): T {
    return this.#weights ? this.#weights.hold(this.#weights.outside, body) : body()
  }

  /** Runs `body` while the whole model has its values. */
  async withAll<T>(body: () => Promise<T>): Promise<T> {
    return this.#weights ? this.#weights.holdAll(body) : body()
  }

  /** How layers are run without a backward pass; undefined: unchanged. */
  readParts(parameters: PartParameters): RunParts | undefined {
    return this.#mesh.options.zero === 3 ? runHeld(this.#weights!.hold, parameters) : undefined
  }

  /**
   * Wraps a pass's backward pass; `last` marks the last of a step. `body` receives the gradient callback. Gradients of a pass that
   * does not count are zero.
   */
  sumGradients<T>(last: boolean, counts: boolean, body: (take: OnGradients) => T): T {
    for (const { isOwned, gradients } of this.#sums) gradients.begin(last, counts || isOwned)
    const result = body((parameters, given) => {
      for (const { gradients } of this.#sums) {
        const own = parameters.flatMap((parameter, at) =>
          this.#sumOf.get(parameter) === gradients ? [at] : [],
        )
        gradients.take(
          own.map((at) => parameters[at]!),
          own.map((at) => given[at]!),
        )
      }
    })
    for (const { gradients } of this.#sums) gradients.end()
    return result
  }

  /** After the last pass: gradients of the whole batch, or this rank's share of them, in the order of the masters. */
  finishGradients(): Tensor[] {
    const found = new Map<string, Tensor>()
    for (const { names, gradients } of this.#sums)
      for (const [at, gradient] of gradients.finish().entries()) found.set(names[at]!, gradient)
    return this.#names.map((name) => found.get(name)!)
  }

  /** Runs `body`, which draws other random numbers on each rank. */
  withOwnRandom<T>(body: () => T): T {
    return withOwnRandom(this.#group.rank, body)
  }

  /** The sums of numbers over all ranks. */
  sum(numbers: readonly number[]): number[] {
    return scope(() => {
      const sums_n = torch.tensor([...numbers], { dtype: 'float64' })
      this.#group.allReduce_(sums_n)
      return sums_n.toArray() as number[]
    })
  }

  /** Reduces a flag, 0 or 1, by maximum over all ranks. */
  readonly agree = (found: Tensor): void => this.#group.allReduce_(found, 'max')

  /** Reduces squared norms of shards to those of the whole; combined with a divided model's reduction. */
  sumSquares(divided: SumSquares | undefined): SumSquares | undefined {
    if (!this.#shares) return divided
    return (squares_n) => {
      this.#group.allReduce_(squares_n)
      divided?.(squares_n)
    }
  }

  get balance(): BalanceOverRanks {
    return {
      sum: (loads) => this.#sumLoads(loads),
      rows: (name) => this.#shares?.rows(name) ?? [0, Number.POSITIVE_INFINITY],
    }
  }

  #sumLoads(loads: ExpertLoads): ExpertLoads {
    const experts = expertsOf(this.#run.model)
    const layers = Array.from({ length: this.#run.model.num_hidden_layers }, (_, layer) => layer)
    const none = new Array<number>(experts).fill(0)
    const sums = this.sum(layers.flatMap((layer) => loads.get(layer) ?? none))
    const all = layers.map((layer) => [layer, sums.slice(layer * experts, (layer + 1) * experts)] as const)
    return new Map(all.filter(([, tokens]) => tokens.some((count) => count > 0)))
  }

  /** This rank's share of a checkpoint. */
  own(whole: Checkpoint): Checkpoint {
    const shares = this.#shares
    return shares ? eachSession(whole, (session) => shareOfSession(session, shares)) : whole
  }

  /** Gathers the whole checkpoint, on the first rank of the group only, where `isFirst` is true. */
  whole(own: Checkpoint): Checkpoint {
    const shares = this.#shares
    return shares ? eachSession(own, (session) => wholeSession(session, shares, this.#group)) : own
  }

  /** Whether `whole` returned tensors here. */
  get isFirst(): boolean {
    return this.#shares === undefined || this.#group.rank === 0
  }
}

/** Undefined where no batch is divided. */
export function dataParallel(
  run: Run<ModelConfig>,
  mesh: Mesh,
  isOwned: (name: string) => boolean = () => false,
): DataParallel | undefined {
  return mesh.data.size === 1 ? undefined : new DataParallel(run, mesh, isOwned)
}
