/**
 * One model pass: tokens through all layers to the loss, as memory-tracking operators, and the backward pass through its records.
 * Mirrors a session tensor by tensor; keep both in sync.
 *
 * Letters: n tokens, d hidden.
 */

import type { ModelConfig } from '../model-config.ts'
import type { Segment } from '../tape/run-on-tape.ts'
import type { Storage } from './ledger.ts'
import { type PartKind, type PassShape, runTraced, tracedPart, tracedWeights } from './part-bytes.ts'
import type { Trace, Value } from './trace.ts'
import { rmsNorm } from './traced-layers.ts'
import { type LossPlan, type TracedLoss, tracedLoss } from './traced-loss.ts'
import { type GradientSums, type TracedRecord, tracedSegment } from './traced-records.ts'

export interface ReadingPlan extends PassShape {
  /** Modes of the half layers; undefined: run at once and kept. */
  readonly segments?: readonly Segment[] | undefined
  /** How the loss reads hidden states. */
  readonly loss: LossPlan
}

/** Shared by all readings of a pass. */
interface CommonWeights {
  readonly embedding: Value
  readonly head: Value
  readonly sums: GradientSums
}

export class TracedReading {
  /** The last hidden states, which the loss reads. */
  readonly normed: Value
  readonly loss: TracedLoss
  readonly #trace: Trace
  readonly #sums: GradientSums
  readonly #records: TracedRecord[] = []
  #beside: Storage[] = []
  #embedded: Value | undefined

  /** The way forward, in a scope of the caller. */
  constructor(
    trace: Trace,
    config: ModelConfig,
    plan: ReadingPlan,
    { embedding, head, sums }: CommonWeights,
  ) {
    this.#trace = trace
    this.#sums = sums
    const { hidden_size: d, vocab_size: vocabulary } = config
    const weights = tracedWeights(trace, plan)
    const last = this.#throughLayers(config, plan, embedding)
    this.normed = trace.named('norm', () => rmsNorm(weights, last, d))
    this.loss = tracedLoss(plan.loss, { trace, normed: this.normed, head, hiddenSize: d, vocabulary })
  }

  #throughLayers(config: ModelConfig, plan: ReadingPlan, embedding: Value): Value {
    const { tokens: n, width, segments, masked, windowLength: t } = plan
    const trace = this.#trace
    const { hidden_size: d, num_hidden_layers } = config
    const weights = tracedWeights(trace, plan)
    const mask = masked ? documentMask(trace, n, t) : undefined
    const embedded = trace.make(n * d, width, { inputs: [[embedding, 'new']] })
    const kinds: readonly PartKind[] = ['attention', 'mlp']
    const parts = Array.from({ length: num_hidden_layers }, (_, layer) =>
      kinds.map((kind) => tracedPart(weights, config, kind, layer, mask)),
    ).flat()
    if (!segments) return parts.reduce((x, part) => trace.scope(() => runTraced(trace, part, x)), embedded)
    if (mask) this.#beside.push(trace.ledger.hold(mask.storage))
    this.#embedded = embedded
    trace.ledger.hold(embedded.storage)
    let x = trace.leafOf(embedded)
    let start = 0
    for (const { parts: count, mode } of segments) {
      const own = parts.slice(start, start + count)
      const record = tracedSegment(weights, own, mode, x, !plan.adapter)
      this.#records.push(record)
      x = record.output
      start += count
    }
    return x
  }

  /** As in `Tape.gradients`, after the loss's backward pass. */
  back(): void {
    const { ledger } = this.#trace
    if (this.#records.length === 0) return
    for (const record of this.#records.reverse()) record.back(this.#sums)
    const embedded = this.#embedded!
    const dEmbedded = this.#sums.take(this.#records.at(-1)!.input)
    if (dEmbedded) {
      this.#sums.addAll(this.#trace.back([[embedded, dEmbedded]]))
      ledger.drop(dEmbedded)
    }
    ledger.drop(embedded.storage)
    for (const storage of this.#beside) ledger.drop(storage)
  }
}

/** As in `documentMask`. */
function documentMask(trace: Trace, n: number, t: number): Value {
  return trace.scope(() => {
    // Same document, causal, and both.
    trace.input(n * t, 1, false)
    trace.input(t * t, 2, false)
    trace.input(n * t, 1, false)
    return trace.input(n * t, 4, false)
  })
}
