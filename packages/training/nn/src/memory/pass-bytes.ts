/**
 * The most memory that one pass takes, forward and back, from a model's configuration and how its layers are run. Makes no tensor.
 * Follows what a session does with a pass, tensor by tensor: what is between brackets of `scope` there is so here.
 */

import type { ModelConfig } from '../model-config.ts'
import { Trace } from './trace.ts'
import { type ReadingPlan, TracedReading } from './traced-reading.ts'
import { GradientSums } from './traced-records.ts'

export interface PassPlan extends ReadingPlan {
  /** How many times the loss reads the model, each time as many of the tokens: twice where it compares two answers. Default: 1. */
  readonly readings?: number | undefined
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
  // What came in another width is made fp32, one tensor after the other.
  const inFp32 = Math.max(
    ledger.bytes,
    earlier + trained.numbers * 4 + (plan.width < 4 ? trained.largest * plan.width : 0),
  )
  return { forward, back: Math.max(ledger.peakBytes, inFp32), earlier }
}

/** All in one scope, but for what autograd and records hold. */
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

/** As `Tape.gradients`: through the losses of all readings at once, then through the records, the last first. */
function goBack(trace: Trace, readings: readonly TracedReading[], sums: GradientSums): void {
  const { ledger } = trace
  const scored = readings.flatMap(({ loss }) => (loss.scored ? [[loss.scored, ledger.take(4)] as const] : []))
  if (scored.length > 0) sums.addAll(trace.back(scored))
  for (const { loss, normed } of readings) {
    const dNormed = loss.back(sums)
    if (dNormed) {
      // Held until all behind it is done.
      sums.addAll(trace.back([[normed, dNormed]]))
      ledger.drop(dNormed)
    }
    loss.free()
  }
  for (const reading of [...readings].reverse()) reading.back()
}
