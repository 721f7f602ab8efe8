/**
 * Sharded weights of data-parallel ranks (ZeRO: Rajbhandari et al. 2020, arXiv:1910.02054). Each rank keeps and updates a shard.
 * The model's weights are gathered after every update, or with `onDemand` part by part when they are read.
 */

import {
  allocateStorage,
  noGrad,
  type ProcessGroup,
  releaseStorage,
  scope,
  type Tensor,
  torch,
  type Work,
} from '@hadal/tensor'
import type { MasterWeights } from '../master-weights.ts'
import { partOf, type RunParts, runPart } from '../tape/layer-part.ts'
import type { PartParameters } from '../tape/run-on-tape.ts'
import type { Hold, OnGradients, Tape } from '../tape/tape.ts'
import { Bucket, type BucketMember, makeBuckets, rowsOf } from './data-buckets.ts'
import type { Shares } from './data-shares.ts'

/** Weights that a run trains: `MasterWeights`, or a share of them. */
export type TrainedWeights = Pick<MasterWeights, 'masters' | 'working' | 'gradients' | 'publish'>

export interface ShareOptions {
  readonly bucketBytes: number
  /** The model's parameters have memory only while they are read. */
  readonly onDemand: boolean
}

/** Parameters gathered and released together. */
interface Unit {
  readonly bucket: Bucket
  /** Current number of readers. */
  holders: number
  work: Work<Tensor> | undefined
}

/** @internal */
export class SharedWeights implements TrainedWeights {
  /** This rank's rows, fp32, by name; of some parameters none. */
  readonly masters: ReadonlyMap<string, Tensor>
  readonly working: ReadonlyMap<string, Tensor>
  readonly #whole: TrainedWeights
  readonly #group: ProcessGroup
  readonly #working: readonly Tensor[]
  readonly #masters: readonly Tensor[]
  readonly #buckets: readonly Bucket[]
  /** In forward order; only with `onDemand`. */
  readonly #units: readonly Unit[]
  readonly #unitOf = new Map<Tensor, number>()
  #lastHeld = -1

  /** Takes ownership of `whole`, whose values are equal on all ranks; frees its masters. */
  constructor(whole: TrainedWeights, shares: Shares, group: ProcessGroup, options: ShareOptions) {
    this.#whole = whole
    this.#group = group
    this.working = whole.working
    this.#working = [...whole.working.values()]
    const isView = (name: string): boolean =>
      !options.onDemand && whole.masters.get(name) === whole.working.get(name)
    this.masters = noGrad(
      () =>
        new Map(
          [...whole.masters].map(([name, master]) => {
            const [from, to] = shares.rows(name)
            const rows = rowsOf(master.detach(), from, to - from)
            return [name, isView(name) ? rows : rows.clone()]
          }),
        ),
    )
    this.#masters = [...this.masters.values()]
    for (const [name, master] of whole.masters) if (master !== whole.working.get(name)) master.free()
    this.#buckets = options.onDemand ? [] : makeBuckets(this.working, options.bucketBytes, shares)
    this.#units = options.onDemand ? unitsOf(this.working, shares) : []
    for (const [at, { bucket }] of this.#units.entries())
      for (const { index } of bucket.members) {
        this.#unitOf.set(this.#working[index]!, at)
        releaseStorage(this.#working[index]!)
      }
  }

  gradients(loss: Tensor, tape?: Tape, onGradients?: OnGradients): Tensor[] {
    return this.#whole.gradients(loss, tape, onGradients)
  }

  /** Gathers everyone's share into the model; call it after every change to `masters`. */
  publish(): void {
    // Prefetched values are stale after an update.
    for (const unit of this.#units) {
      unit.work?.wait().free()
      unit.work = undefined
    }
    let earlier: (() => void) | undefined
    for (const bucket of this.#buckets) {
      const work = this.#startGather(bucket)
      earlier?.()
      earlier = () => this.#receive(bucket, work, (index) => this.#working[index]!)
    }
    earlier?.()
  }

  /** Runs `body` while `parameters` have their values, all that are in one part of a layer with any of them. */
  readonly hold: Hold = (parameters, body) => {
    const units = [...new Set(parameters.flatMap((each) => this.#unitOf.get(each) ?? []))].sort(
      (a, b) => a - b,
    )
    for (const at of units) this.#enter(at)
    this.#fetchAhead(units)
    try {
      return body()
    } finally {
      for (const at of units) this.#leave(at)
    }
  }

  /** Runs `body`, which may take its time, while everything has its values. */
  async holdAll<T>(body: () => Promise<T>): Promise<T> {
    for (const at of this.#units.keys()) this.#enter(at)
    try {
      return await body()
    } finally {
      for (const at of this.#units.keys()) this.#leave(at)
    }
  }

  /** Non-layer parameters, needed throughout a pass. */
  get outside(): Tensor[] {
    return this.#units.flatMap(({ bucket }, at) =>
      this.#isInLayers(at) ? [] : bucket.members.map(({ index }) => this.#working[index]!),
    )
  }

  #enter(at: number): void {
    const unit = this.#units[at]!
    unit.holders += 1
    if (unit.holders > 1) return
    const work = unit.work ?? this.#startGather(unit.bucket)
    unit.work = undefined
    noGrad(() =>
      scope(() => this.#receive(unit.bucket, work, (index) => allocateStorage(this.#working[index]!))),
    )
  }

  #leave(at: number): void {
    const unit = this.#units[at]!
    unit.holders -= 1
    if (unit.holders > 0) return
    for (const { index } of unit.bucket.members) releaseStorage(this.#working[index]!)
  }

  /** Prefetches the part likely to be read next: the next one in the forward pass, the previous one in the backward pass. */
  #fetchAhead(units: readonly number[]): void {
    const inLayers = units.filter((at) => this.#isInLayers(at))
    if (inLayers.length === 0) return
    const [first, last] = [inLayers[0]!, inLayers.at(-1)!]
    const next = first > this.#lastHeld ? last + 1 : first - 1
    this.#lastHeld = first
    if (!this.#isInLayers(next)) return
    const unit = this.#units[next]!
    if (unit.holders === 0) unit.work ??= this.#startGather(unit.bucket)
  }

  #isInLayers(at: number): boolean {
    const unit = this.#units[at]
    return unit !== undefined && partOf(unit.bucket.members[0]!.name) !== undefined
  }

  /** This rank's share of a bucket to all, in the dtype that the model computes in. */
  #startGather(bucket: Bucket): Work<Tensor> {
    return noGrad(() =>
      scope(() => {
        const own = bucket.members.map(({ index }) =>
          this.#masters[index]!.flatten().to(this.#working[index]!.dtype),
        )
        return this.#group.startAllGather(torch.cat(own), bucket.splits)
      }),
    )
  }

  /** Copies the received data to the tensors that `into` gives for the members. */
  #receive(bucket: Bucket, work: Work<Tensor>, into: (index: number) => Tensor): void {
    noGrad(() =>
      scope(() => {
        const flat = work.wait()
        for (const member of bucket.members) {
          const { inFlat, inTensor } = bucket.pairs(flat, member, into(member.index))
          if (inFlat.length > 0) torch._foreachCopy_(inTensor, inFlat)
        }
      }),
    )
  }
}

/** One unit per half layer, in order, then one for the rest. */
function unitsOf(working: ReadonlyMap<string, Tensor>, shares: Shares): Unit[] {
  const members = new Map<string, BucketMember[]>()
  let index = 0
  for (const [name, { shape }] of working) {
    const part = partOf(name)
    const key = part ? `${String(part.layer).padStart(6, '0')} ${part.kind}` : 'outside'
    const list = members.get(key) ?? []
    list.push({ name, index, shape })
    members.set(key, list)
    index += 1
  }
  return [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, list]) => ({ bucket: new Bucket(list, shares), holders: 0, work: undefined }))
}

/**
 * Runs the parts of a model one by one, each while its parameters have their values.
 *
 * @internal
 */
export const runHeld =
  (hold: Hold, parameters: PartParameters): RunParts =>
  (parts, x_btd) => {
    let x = x_btd
    for (const part of parts) x = scope(() => hold(parameters.of([part]), () => runPart(part, x)))
    return x
  }
