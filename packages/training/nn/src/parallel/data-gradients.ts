/**
 * Gradients of data-parallel ranks, reduced during the backward pass (PyTorch DDP: Li et al. 2020, arXiv:2006.15704). Every rank
 * delivers the same parameters in the same order.
 */

import { noGrad, type ProcessGroup, scope, type Tensor, torch, type Work } from '@hadal/tensor'
import type { OnGradients } from '../tape/tape.ts'
import { type Bucket, makeBuckets } from './data-buckets.ts'
import type { Shares } from './data-shares.ts'

export interface GradientSumOptions {
  /** Bucket size in bytes of fp32 gradients. */
  readonly bucketBytes: number
  /** Each rank receives the sums of its shard (reduce-scatter); without it, all sums (all-reduce). */
  readonly shares?: Shares | undefined
  /** Reduces after every pass, so that no rank holds more than its shard of the sums; otherwise after the last pass of a step. */
  readonly everyPass: boolean
}

/** Maximum buckets in flight if each allocates memory. */
const maxUnderWay = 2

interface Filling {
  readonly bucket: Bucket
  /** [numel], fp32; with `everyPass` only while a pass fills and sends it. */
  flat: Tensor | undefined
  /** This rank's shard of the sums, in `flat` or, with `everyPass`, accumulated over passes; undefined without sharding. */
  readonly own: Tensor | undefined
  /** Members already present in `flat`, by index. */
  readonly begun: Set<number>
  /** Members with gradients still pending in this pass. */
  missing: number
  work: Work<Tensor | undefined> | Work | undefined
}

/** @internal */
export class GradientSum {
  readonly #group: ProcessGroup
  readonly #options: GradientSumOptions
  readonly #fillings: readonly Filling[]
  readonly #placeOf = new Map<Tensor, { readonly filling: Filling; readonly at: number }>()
  /** Passes of this step so far. */
  #passes = 0
  #isLast = false
  #counts = true
  /** Buckets are sent in their order, the same on all ranks. */
  #next = 0

  /** `working`: the differentiated tensors, by name. State kept between steps belongs to the caller's scope. */
  constructor(working: ReadonlyMap<string, Tensor>, group: ProcessGroup, options: GradientSumOptions) {
    const { shares, bucketBytes, everyPass } = options
    this.#group = group
    this.#options = options
    const tensors = [...working.values()]
    this.#fillings = makeBuckets(working, bucketBytes, shares).map((bucket) => {
      const flat = everyPass ? undefined : torch.empty([bucket.numel])
      const own =
        shares && (flat ? bucket.shareIn(flat, shares.rank) : torch.zeros([bucket.splits[shares.rank]!]))
      return { bucket, flat, own, begun: new Set(), missing: 0, work: undefined }
    })
    for (const filling of this.#fillings)
      for (const [at, { index }] of filling.bucket.members.entries())
        this.#placeOf.set(tensors[index]!, { filling, at })
  }

  /** Call before the backward pass; `last` marks the last pass of a step. If it does not `count`, its gradients are taken as zeros. */
  begin(last: boolean, counts = true): void {
    this.#isLast = last
    this.#counts = counts
    this.#passes += 1
    this.#next = 0
    for (const filling of this.#fillings) filling.missing = filling.bucket.members.length
  }

  /** The tape's gradient callback. */
  readonly take: OnGradients = (parameters, gradients) => {
    noGrad(() =>
      scope(() => {
        for (const [at, parameter] of parameters.entries()) this.#add(parameter, gradients[at]!)
      }),
    )
    this.#send()
  }

  /** Call after the backward pass. */
  end(): void {
    this.#send()
    if (this.#options.everyPass) for (const filling of this.#fillings) this.#receive(filling)
  }

  /**
   * After the last pass: the sums over all passes and ranks, or this rank's share of them, fp32, in the order of the parameters.
   * They are views of memory that the next step writes over.
   */
  finish(): Tensor[] {
    const { shares } = this.#options
    const sums: Tensor[] = []
    for (const filling of this.#fillings) {
      this.#receive(filling)
      filling.begun.clear()
      const views = filling.bucket.views(filling.own ?? filling.flat!, shares?.rank)
      for (const [index, view] of views) sums[index] = view
    }
    this.#passes = 0
    return sums
  }

  #add(parameter: Tensor, gradient: Tensor): void {
    const { filling, at } = this.#placeOf.get(parameter)!
    const { bucket, begun } = filling
    const member = bucket.members[at]!
    filling.flat ??= torch.empty([bucket.numel]).unscope()
    const { inFlat, inTensor } = bucket.pairs(filling.flat, member, gradient)
    if (inFlat.length > 0) {
      const isFirst = !begun.has(member.index)
      if (!this.#counts && isFirst) torch._foreachZero_(inFlat)
      else if (isFirst) torch._foreachCopy_(inFlat, inTensor)
      else if (this.#counts) torch._foreachAdd_(inFlat, inTensor)
    }
    begun.add(member.index)
    filling.missing -= 1
  }

  #send(): void {
    const { everyPass, shares } = this.#options
    if (!everyPass && !this.#isLast) return
    for (; this.#next < this.#fillings.length; this.#next += 1) {
      const filling = this.#fillings[this.#next]!
      if (filling.missing > 0) return
      const earlier = this.#fillings[this.#next - maxUnderWay]
      if (everyPass && earlier) this.#receive(earlier)
      filling.work = shares
        ? this.#group.startReduceScatter(filling.flat!, filling.bucket.splits)
        : this.#group.startAllReduce(filling.flat!)
    }
  }

  #receive(filling: Filling): void {
    const { work, own, begun } = filling
    if (!work) return
    filling.work = undefined
    const { everyPass } = this.#options
    noGrad(() =>
      scope(() => {
        const part = work.wait()
        if (!own || !part) return
        if (everyPass && this.#passes > 1) own.add_(part)
        else own.copy_(part)
      }),
    )
    if (!everyPass) return
    filling.flat!.free()
    filling.flat = undefined
    begun.clear()
  }
}
