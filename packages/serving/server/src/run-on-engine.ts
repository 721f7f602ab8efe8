/**
 * The innermost `Generate`: runs every sequence on its engine, records metrics and merges events. Maps what an engine can do to a sequence
 * (end, cut, throw) to the outcomes the server uses.
 */

import { isHadalError } from '@hadal/base'
import type { GenerateRequest } from '@hadal/engine'
import type { Telemetry } from '@hadal/telemetry'
import { inClientsWords } from './client-spelling.ts'
import { generationInterrupted } from './errors.ts'
import type { ChoiceEvent, Generate, Generation } from './generation.ts'
import { mergeIterables } from './merge-iterables.ts'
import { requestedOf } from './observability/requested-of.ts'
import { followSteps } from './observability/follow-steps.ts'
import { OutputReader } from './output-reader.ts'
import { sequenceId } from './sequence-id.ts'
import { TimeLimit } from './time-limit.ts'

export function runOnEngine(telemetry: Telemetry): Generate {
  return (generation, signal) => {
    const { record } = generation
    record?.asks(requestedOf(generation, record.prefix.route))
    const sequences = sequencesOf(generation).map((request, choice) =>
      runSequence(generation, request, choice, telemetry, signal),
    )
    return sequences.length === 1 ? sequences[0]! : mergeIterables(sequences)
  }
}

/** One engine request per choice. */
function sequencesOf(generation: Generation): GenerateRequest[] {
  const { id, prompts, n, sequence } = generation
  const { seed } = sequence.sampling
  const sequences = prompts.length * n
  return prompts.flatMap((prompt, p) =>
    Array.from({ length: n }, (_, k) => ({
      ...sequence,
      id: sequenceId(id, p * n + k, sequences),
      prompt,
      sampling: seed === undefined ? sequence.sampling : { ...sequence.sampling, seed: (seed + k) >>> 0 },
      ...(n > 1 && { group: `${id}.${p}` }),
    })),
  )
}

async function* runSequence(
  generation: Generation,
  request: GenerateRequest,
  choice: number,
  telemetry: Telemetry,
  signal: AbortSignal,
): AsyncGenerator<ChoiceEvent> {
  const { engine } = generation
  const timeline = telemetry.startSequence(engine.model.id)
  const seen = generation.record?.sequence()
  const isFollowed = seen?.isFollowed === true
  using _ = isFollowed ? followSteps(engine, request.id, seen) : undefined
  const reader = new OutputReader(choice, generation.parser?.())
  const { timeLimitMillis } = generation
  const limit =
    timeLimitMillis === undefined ? undefined : new TimeLimit(timeLimitMillis, () => performance.now())
  const cutoff = generation.cutoffs?.[choice]
  const endings = [signal, limit?.signal, cutoff].filter((each) => each !== undefined)
  const ending = endings.length === 1 ? signal : AbortSignal.any(endings)
  /** Undefined if it was not cancelled here. */
  const whyCancelled = (): 'length' | 'content_filter' | undefined => {
    if (signal.aborted) return undefined
    if (cutoff?.aborted === true) return 'content_filter'
    return limit?.signal.aborted === true ? 'length' : undefined
  }
  let cut: 'abort' | 'error' | undefined = 'abort'
  try {
    const requested = isFollowed ? { ...request, reportsProgress: true } : request
    for await (const event of engine.generate(requested, ending)) {
      if (event.type === 'progress') {
        seen?.progress(event)
        if (request.reportsProgress === true) yield { ...event, choice }
        continue
      }
      if (event.type === 'prompt') {
        yield { ...event, choice }
        continue
      }
      if (event.type === 'delta') {
        timeline.tokens(event.tokenCount)
        seen?.wrote(event.tokenCount)
        limit?.wrote(event.text)
        for (const each of reader.delta(event)) yield each
        continue
      }
      const { usage, timings } = event
      const finishReason = event.finishReason === 'cancelled' ? whyCancelled() : event.finishReason
      if (finishReason === undefined) throw generationInterrupted()
      cut = undefined
      timeline.finished({ finishReason, usage, timings })
      seen?.finished(event, finishReason)
      for (const each of reader.done(event, finishReason)) yield each
    }
  } catch (thrown) {
    const reason: unknown = signal.aborted ? signal.reason : thrown
    if (isHadalError(reason)) generation.record?.failed(reason.code)
    if (signal.aborted) throw reason
    cut &&= 'error'
    throw inClientsWords(thrown, generation)
  } finally {
    if (cut !== undefined) {
      timeline.cut(cut)
      seen?.cut()
    }
  }
}
