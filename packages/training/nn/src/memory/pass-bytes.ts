/**
 * Estimates the peak memory of a forward and backward pass from a model's configuration and layer modes. Creates no tensors.
 * Mirrors a session's pass tensor by tensor: its `scope` brackets correspond to those here.
 */

import type { ModelConfig } from '../model-config.ts'
import { Trace } from './trace.ts'
import { type ReadingPlan, TracedReading } from './traced-reading.ts'
import { GradientSums } from './traced-records.ts'

export interface PassPlan extends ReadingPlan {
  /** Number of model passes per loss evaluation, with the same number of tokens each: two for preference pairs. Default: 1. */
  readonly readings?: number | undefined
  /** Gradients of earlier passes of the step exist already. */
  readonly hasEarlier: boolean
}

/** Bytes of all that a pass makes, and of earlier gradients; weights are not among them. */
export interface PassBytes {
  readonly forward: number
  readonly back: number
  /** Part of these: fp32 gradients of earlier passes. */
  readonly earlier: number
}

/**
 * `trained` are the numbers of all that has gradients, and of the largest tensor among them.
 *
 * @internal
 */
export function passBytes(
  config: ModelConfig,
  plan: PassPlan,
  trained: { readonly numbers: number; readonly largest: number },
): PassBytes {
  const trace = new Trace()
  const { ledger } = trace
  const earlier = plan.hasEarlier ? trained.numbers * 4 : 0
  ledger.take(earlier)
  const sums = new GradientSums(ledger)
  const readings = readAll(trace, config, plan, sums)
  const forward = ledger.peakBytes
  ledger.forgetPeak()
  goBack(trace, readings, sums)
  // Gradients of another width are converted to fp32, one tensor at a time.
  const inFp32 = Math.max(
    ledger.bytes,
    earlier + trained.numbers * 4 + (plan.width < 4 ? trained.largest * plan.width : 0),
  )
  return { forward, back: Math.max(ledger.peakBytes, inFp32), earlier }
}

/** In one scope, except what autograd and records hold. */
function readAll(trace: Trace, config: ModelConfig, plan: PassPlan, sums: GradientSums): TracedReading[] {
  const { tokens, readings = 1, width, masked, adapter } = plan
  const table = (): ReturnType<Trace['parameter']> =>
    trace.parameter(config.vocab_size * config.hidden_size, width, !adapter)
  const embedding = table()
  const shared = { embedding, head: config.tie_word_embeddings ? embedding : table(), sums }
  const made: TracedReading[] = []
  trace.scope(() => {
    // Inputs, targets and targets as 64 bits; segments.
    trace.input(tokens * (masked ? 5 : 4), 4, false)
    for (let reading = 0; reading < readings; reading += 1)
      trace.scope(() => {
        made.push(new TracedReading(trace, config, { ...plan, tokens: tokens / readings }, shared))
        return []
      })
    return []
  })
  return made
}

/** As in `Tape.gradients`: through the losses of all readings at once, then through the records in reverse order. */
function goBack(trace: Trace, readings: readonly TracedReading[], sums: GradientSums): void {
  const { ledger } = trace
  const scored = readings.flatMap(({ loss }) => (loss.scored ? [[loss.scored, ledger.take(4)] as const] : []))
  if (scored.length > 0) sums.addAll(trace.back(scored))
  for (const { loss, normed } of readings) {
    const dNormed = loss.back(sums)
    if (dNormed) {
      // Held until everything after it is done.
      sums.addAll(trace.back([[normed, dNormed]]))
      ledger.drop(dNormed)
    }
    loss.free()
  }
  for (const reading of [...readings].reverse()) reading.back()
}
