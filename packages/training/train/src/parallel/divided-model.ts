/** Tensor and expert parallelism: how state is sharded and gathered, how gradients are reduced, and how norms are computed. */

import {
  type CutOf,
  cutState,
  drawAdapter,
  expertsOf,
  initializeDecoder,
  initializePart,
  type ModelConfig,
  type Segment,
  type Shard,
  type SumSquares,
  shardOf,
  sumPartialGradients,
  sumSquares_,
} from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { type Checkpoint, eachSession } from '../checkpoint-file.ts'
import { fromHost, type Weights } from '../weights.ts'
import { cutSession, gatherSession } from './divided-checkpoint.ts'
import type { Mesh } from './mesh.ts'

type Named = ReadonlyMap<string, Tensor>

export class DividedModel {
  /** The shard the model is built with. */
  readonly shard: Shard
  readonly #config: ModelConfig
  readonly #cutOf: CutOf
  /** Whether this rank keeps gathered state. */
  readonly #isFirst: boolean

  constructor(config: ModelConfig, shard: Shard, isFirst: boolean) {
    this.shard = shard
    this.#config = config
    this.#isFirst = isFirst
    const experts = expertsOf(config)
    this.#cutOf = (name) => shardOf(name, experts, shard)
  }

  /**
   * Draws the whole model's weights from the global generator, as a single process would, and keeps this rank's in `parameters`;
   * then those of a head.
   */
  initialize(parameters: Named): void {
    initializePart(parameters, this.#config, this.#cutOf, this.shard)
    const head = [...parameters].filter(([name]) => name.startsWith('score.'))
    initializeDecoder(new Map(head), this.#config.num_hidden_layers)
  }

  /** Draws the whole model's adapters and keeps this rank's in `parameters`; zero-initialised ones are skipped. */
  initializeAdapters(parameters: Named): void {
    noGrad(() => {
      for (const [name, part] of parameters)
        if (name.endsWith('.lora_A.weight')) drawAdapter(part, this.#cutOf(name), this.shard.tensor)
    })
  }

  /** This rank's part of the weights of a whole model, for the caller's scope; one whole tensor is made at a time. */
  cut(whole: Weights): Map<string, Tensor> {
    const own = new Map<string, Tensor>()
    for (const entry of whole) {
      const parts = scope(() => {
        const views = cutState(fromHost(new Map([entry])), this.#cutOf, this.shard)
        return [...views].map(([name, view]) => ({ name, part: view.clone() }))
      })
      for (const { name, part } of parts) own.set(name, part)
    }
    return own
  }

  /** If `segments` is undefined, each part of a layer is a segment, so that communication overlaps with computation. */
  segments(segments: readonly Segment[] | undefined): readonly Segment[] {
    const parts = 2 * this.#config.num_hidden_layers
    return segments ?? Array.from({ length: parts }, () => ({ parts: 1, mode: 'kept' }))
  }

  /** Whether a parameter exists only on corresponding members of the expert groups, so that only they reduce its gradients. */
  isOwned(name: string): boolean {
    return this.#cutOf(name).owner !== undefined
  }

  /** Reduces partial gradients over the tensor group, in place; those of experts need no reduction. */
  finish(names: Iterable<string>, gradients: readonly Tensor[]): void {
    sumPartialGradients([...names], gradients, this.#cutOf, this.shard)
  }

  /** Reduces a flag, 0 or 1, by maximum over all ranks. */
  agree(found: Tensor): void {
    this.shard.tensor.allReduce_(found, 'max')
    this.shard.expert.allReduce_(found, 'max')
  }

  /** Broadcasts the first rank's value: ranks that share the model read the same data but may round differently. */
  readonly first = (number: number): number =>
    scope(() => {
      const told_1 = torch.tensor([number], { dtype: 'float64' })
      this.shard.tensor.broadcast_(told_1, 0)
      this.shard.expert.broadcast_(told_1, 0)
      return told_1.item() as number
    })

  /** To the norms over all parts of parameters so called. */
  sumSquares(names: Iterable<string>): SumSquares {
    return (squares_n) => sumSquares_(squares_n, [...names], this.#cutOf, this.shard)
  }

  /** This rank's part of a whole checkpoint. */
  cutCheckpoint(whole: Checkpoint): Checkpoint {
    return eachSession(whole, (session) => cutSession(session, this.#cutOf, this.shard))
  }

  /** Gathers a whole checkpoint; collective. Only the first rank's result has tensors. */
  gatherCheckpoint(part: Checkpoint): Checkpoint {
    return eachSession(part, (session) => gatherSession(session, this.#cutOf, this.shard, this.#isFirst))
  }
}

/** Undefined where every rank has the whole model. */
export function dividedModel(config: ModelConfig, mesh: Mesh): DividedModel | undefined {
  const { tensor, expert, world, options } = mesh
  if (tensor.size === 1 && expert.size === 1) return undefined
  return new DividedModel(config, { tensor, expert, sequence: options.sequence }, world.rank === 0)
}
