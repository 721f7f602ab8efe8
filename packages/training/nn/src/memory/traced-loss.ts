/**
 * Losses that read hidden states, as operators that take memory. To be changed with `objectives/`.
 *
 * Letters: n tokens, d hidden, v vocabulary.
 */

import type { Storage } from './ledger.ts'
import type { Trace, Value } from './trace.ts'
import { cast, product } from './traced-layers.ts'
import type { GradientSums } from './traced-records.ts'

/** Through logits of some tokens at a time, of all at once, or without logits. */
export type LossPlan =
  | { readonly kind: 'chunked'; readonly chunkTokens: number }
  | { readonly kind: 'logits'; readonly zLoss?: boolean | undefined }
  | { readonly kind: 'states' }

export interface TracedLoss {
  /** The root of the backward pass; undefined if gradients already exist. */
  readonly scored: Value | undefined
  /** Then this gives that of the hidden states, and the head's to the sums. */
  back(sums: GradientSums): Storage | undefined
  free(): void
}

interface Read {
  readonly trace: Trace
  /** [n, d] */
  readonly normed: Value
  /** [v, d] */
  readonly head: Value
  readonly hiddenSize: number
  readonly vocabulary: number
}

export function tracedLoss(loss: LossPlan, read: Read): TracedLoss {
  if (loss.kind === 'chunked') return chunkedLoss(read, loss.chunkTokens)
  const { trace, normed } = read
  const scored =
    loss.kind === 'states'
      ? trace.make(1, 4, { inputs: [[normed, 'new']] })
      : scoredLogits(read, loss.zLoss === true)
  trace.ledger.hold(normed.storage)
  return { scored, back: () => undefined, free: () => trace.ledger.drop(normed.storage) }
}

/** As in `tokenLoss`: logits, log-softmax, and the sum over targets. Label smoothing uses a view. */
function scoredLogits({ trace, normed, head, hiddenSize, vocabulary }: Read, zLoss: boolean): Value {
  const logits = cast(trace, product(trace, normed, head, hiddenSize, vocabulary), 4)
  const logs = trace.make(logits.numbers, 4, { inputs: [[logits, 'new']] })
  trace.keepOutput(logs)
  // The log-sum-exp of each row; exponentials are computed in the forward and again in the backward pass.
  const bytes = logits.numbers * 4
  const operator = {
    inputs: [[logits, 'new']],
    saved: [logits],
    working: bytes,
    workingBack: bytes,
  } as const
  const totals = zLoss ? [trace.make(logits.numbers / vocabulary, 4, operator)] : []
  return trace.make(1, 4, {
    inputs: [logs, ...totals].map((value) => [value, 'new'] as const),
    saved: [logs],
  })
}

/** As in `chunkedTokenLoss`: gradients are computed in the forward pass. */
function chunkedLoss(
  { trace, normed, head, hiddenSize: d, vocabulary: v }: Read,
  chunkTokens: number,
): TracedLoss {
  const { ledger } = trace
  const { width } = normed
  const n = normed.numbers / d
  const chunk = Math.min(chunkTokens, n)
  ledger.hold(normed.storage)
  const dNormed = ledger.take(normed.node ? n * d * width : 0)
  const dHead = head.node ? ledger.take(v * d * 4) : undefined
  const narrow = width < 4 ? width : 0
  // Logits, a fp32 copy if needed, and another for log-sum-exp; then their gradients in the model's dtype.
  const sums = chunk * v * (narrow + 4 + 4)
  const products = chunk * v * (2 * narrow + 4) + chunk * d * width + (narrow && dHead ? v * d * narrow : 0)
  ledger.briefly(Math.max(sums, products) + chunk * 48)
  return {
    scored: undefined,
    back: (gradients) => {
      if (dHead) gradients.add(head.node!, ledger.hold(dHead))
      return ledger.hold(dNormed)
    },
    free: () => {
      ledger.drop(dNormed)
      if (dHead) ledger.drop(dHead)
      ledger.drop(normed.storage)
    },
  }
}
