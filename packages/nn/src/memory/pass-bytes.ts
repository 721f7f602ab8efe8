/**
 * The most memory that one pass takes, forward and back, from a model's configuration and how its layers are run. Makes no tensor.
 * Follows what a session does with a pass, tensor by tensor: what is between brackets of `scope` there is so here.
 *
 * Letters: n tokens of a pass, d hidden, v vocabulary.
 */

import type { ModelConfig } from '../model-config.ts'
import type { Segment } from '../tape/run-on-tape.ts'
import type { Storage } from './ledger.ts'
import { type PartKind, type PassShape, runTraced, tracedPart, tracedWeights } from './part-bytes.ts'
import { Trace, type Value } from './trace.ts'
import { cast, product, rmsNorm, type TracedWeights } from './traced-layers.ts'
import { GradientSums, type TracedRecord, tracedSegment } from './traced-records.ts'

export interface PassPlan extends PassShape {
  /** How the halves of layers are run; undefined: at once, and all is kept. */
  readonly segments?: readonly Segment[] | undefined
  /** How the loss reads hidden states: through logits of some tokens at a time, of all at once, or without logits. */
  readonly loss:
    | { readonly kind: 'chunked'; readonly chunkTokens: number }
    | { readonly kind: 'logits' | 'states' }
  /** Gradients of earlier passes of the same step lie beside. */
  readonly hasEarlier: boolean
}

/** Bytes of all that a pass makes, and of earlier gradients; weights are not among them. */
export interface PassBytes {
  readonly forward: number
  readonly back: number
  /** Of them, fp32 gradients of earlier passes. */
  readonly earlier: number
}

/** `trained` are the numbers of all that has gradients, and of the largest tensor among them. */
export function passBytes(
  config: ModelConfig,
  plan: PassPlan,
  trained: { readonly numbers: number; readonly largest: number },
): PassBytes {
  const trace = new Trace()
  const { ledger } = trace
  const earlier = plan.hasEarlier ? trained.numbers * 4 : 0
  ledger.take(earlier)
  const pass = new TracedPass(trace, config, plan)
  pass.forward()
  const forward = ledger.peakBytes
  ledger.forgetPeak()
  pass.back()
  // What came in another width is made fp32, one tensor after the other.
  const inFp32 = Math.max(
    ledger.bytes,
    earlier + trained.numbers * 4 + (plan.width < 4 ? trained.largest * plan.width : 0),
  )
  return { forward, back: Math.max(ledger.peakBytes, inFp32), earlier }
}

class TracedPass {
  readonly #trace: Trace
  readonly #weights: TracedWeights
  readonly #config: ModelConfig
  readonly #plan: PassPlan
  readonly #sums: GradientSums
  readonly #records: TracedRecord[] = []
  readonly #embedding: Value
  readonly #head: Value
  #beside: Storage[] = []
  #embedded: Value | undefined
  #normed: Value | undefined
  #loss: TracedLoss | undefined

  constructor(trace: Trace, config: ModelConfig, plan: PassPlan) {
    this.#trace = trace
    this.#config = config
    this.#plan = plan
    this.#weights = tracedWeights(trace, plan)
    this.#sums = new GradientSums(trace.ledger)
    const table = config.vocab_size * config.hidden_size
    this.#embedding = trace.parameter(table, plan.width, !plan.adapter)
    this.#head = config.tie_word_embeddings
      ? this.#embedding
      : trace.parameter(table, plan.width, !plan.adapter)
  }

  /** All in one scope, but for what autograd and records hold. */
  forward(): void {
    const { tokens: n, width, segments, masked, windowLength: t } = this.#plan
    const trace = this.#trace
    const { hidden_size: d, num_hidden_layers } = this.#config
    trace.scope(() => {
      // Inputs, targets and targets as 64 bits; segments.
      trace.input(n * (masked ? 5 : 4), 4, false)
      const mask = masked ? documentMask(trace, n, t) : undefined
      const embedded = trace.make(n * d, width, { inputs: [[this.#embedding, 'new']] })
      let x = embedded
      const kinds: readonly PartKind[] = ['attention', 'mlp']
      const parts = Array.from({ length: num_hidden_layers }, (_, layer) =>
        kinds.map((kind) => tracedPart(this.#weights, this.#config, kind, layer, mask)),
      ).flat()
      if (segments) {
        if (mask) this.#beside.push(trace.ledger.hold(mask.storage))
        this.#embedded = embedded
        trace.ledger.hold(embedded.storage)
        x = trace.leafOf(embedded)
        let start = 0
        for (const { parts: count, mode } of segments) {
          const record = tracedSegment(
            this.#weights,
            parts.slice(start, start + count),
            mode,
            x,
            !this.#plan.adapter,
          )
          this.#records.push(record)
          x = record.output
          start += count
        }
      } else for (const part of parts) x = trace.scope(() => runTraced(trace, part, x))
      this.#normed = rmsNorm(this.#weights, x, d)
      this.#loss = this.#makeLoss(this.#normed)
      return []
    })
  }

  /** As `Tape.gradients`. */
  back(): void {
    const { ledger } = this.#trace
    const sums = this.#sums
    const dNormed = this.#loss!.back(sums)
    if (dNormed) {
      // Held until all behind it is done.
      sums.addAll(this.#trace.back([[this.#normed!, dNormed]]))
      ledger.drop(dNormed)
    }
    this.#loss!.free()
    if (this.#records.length === 0) return
    for (const record of this.#records.reverse()) record.back(sums)
    const embedded = this.#embedded!
    const dEmbedded = sums.take(this.#records.at(-1)!.input)
    if (dEmbedded) {
      sums.addAll(this.#trace.back([[embedded, dEmbedded]]))
      ledger.drop(dEmbedded)
    }
    ledger.drop(embedded.storage)
    for (const storage of this.#beside) ledger.drop(storage)
  }

  #makeLoss(normed: Value): TracedLoss {
    const { loss } = this.#plan
    if (loss.kind === 'chunked') return this.#chunkedLoss(normed, loss.chunkTokens)
    return this.#plainLoss(normed, loss.kind === 'logits')
  }

  /** As `chunkedTokenLoss`: gradients are made going forward. */
  #chunkedLoss(normed: Value, chunkTokens: number): TracedLoss {
    const { ledger } = this.#trace
    const { vocab_size: v, hidden_size: d } = this.#config
    const { tokens: n, width } = this.#plan
    const chunk = Math.min(chunkTokens, n)
    ledger.hold(normed.storage)
    const dNormed = ledger.take(normed.node ? n * d * width : 0)
    const dHead = this.#head.node ? ledger.take(v * d * 4) : undefined
    const narrow = width < 4 ? width : 0
    // Logits, in fp32 if they were not, and once more for the logarithm of their sum; then their gradients as the model's numbers.
    const sums = chunk * v * (narrow + 4 + 4)
    const products = chunk * v * (2 * narrow + 4) + chunk * d * width + (narrow && dHead ? v * d * narrow : 0)
    ledger.briefly(Math.max(sums, products) + chunk * 48)
    return {
      back: (gradients) => {
        if (dHead) gradients.add(this.#head.node!, ledger.hold(dHead))
        return ledger.hold(dNormed)
      },
      free: () => {
        ledger.drop(dNormed)
        if (dHead) ledger.drop(dHead)
        ledger.drop(normed.storage)
      },
    }
  }

  /** Through autograd: logits, the logarithm of their softmax, and the sum over targets. Without logits, states are read at once. */
  #plainLoss(normed: Value, hasLogits: boolean): TracedLoss {
    const trace = this.#trace
    const { ledger } = trace
    const { vocab_size: v, hidden_size: d } = this.#config
    const { tokens: n } = this.#plan
    if (!hasLogits) {
      ledger.hold(normed.storage)
      return {
        back: () => ledger.take(normed.numbers * normed.width),
        free: () => ledger.drop(normed.storage),
      }
    }
    const logits = cast(trace, product(trace, normed, this.#head, d, v), 4)
    const logs = trace.make(n * v, 4, { inputs: [[logits, 'new']] })
    trace.keepOutput(logs)
    ledger.hold(normed.storage)
    const scored = trace.make(1, 4, { inputs: [[logs, 'new']], saved: [logs] })
    return {
      back: (gradients) => {
        gradients.addAll(trace.back([[scored, ledger.take(4)]]))
        return undefined
      },
      free: () => ledger.drop(normed.storage),
    }
  }
}

interface TracedLoss {
  /** The gradient of the hidden states, unless it went through them already; what is ready goes to the sums. */
  back(sums: GradientSums): Storage | undefined
  free(): void
}

/** As `documentMask`. */
function documentMask(trace: Trace, n: number, t: number): Value {
  return trace.scope(() => {
    // Of the same document, seen, and both.
    trace.input(n * t, 1, false)
    trace.input(t * t, 2, false)
    trace.input(n * t, 1, false)
    return trace.input(n * t, 4, false)
  })
}
