/**
 * One request in numbers: queue time, batch mates, prefill chunks, cached tokens, decode times. Pure: derived from a finished or nearly
 * finished record.
 */

import type { OperatorTimeline, RequestTimeline, SequenceTimes } from '@hadal/protocol'
import type { RequestRecord, SequenceRecord } from './request-record.ts'

export function timelineOf(record: RequestRecord, now: number): RequestTimeline {
  const { start, requested, error, upstream, usage, ended } = record
  return {
    id: start.id,
    at: Math.round(start.arrivedWall),
    ...(requested !== undefined && { model: requested.model }),
    route: start.route,
    ...(ended !== undefined && { status: ended.status }),
    millis: tenths((ended?.at ?? now) - start.arrivedAt),
    ...(error !== undefined && { error }),
    ...(upstream !== undefined && { upstream }),
    ...(usage !== undefined && { usage }),
    sequences: record.sequences.map((sequence) => timesOf(sequence, start.arrivedAt)),
  }
}

function timesOf(sequence: SequenceRecord, arrivedAt: number): SequenceTimes {
  const { done, startedAt, placedAt = startedAt, firstTextAt, finishReason } = sequence
  const { chunks, steps, runningSum, runningMost } = sequence
  const promptTokens = done?.usage.promptTokens ?? sequence.promptTokens
  const cachedTokens = done?.usage.cachedTokens ?? sequence.cachedTokens
  const { draftTokens, acceptedDraftTokens } = done?.usage ?? {}
  return {
    startMillis: tenths(startedAt - arrivedAt),
    ...(done !== undefined && {
      queueMillis: tenths(done.timings.queueMillis),
      prefillMillis: tenths(done.timings.prefillMillis),
      decodeMillis: tenths(done.timings.decodeMillis),
    }),
    ...(firstTextAt !== undefined && { firstTokenMillis: tenths(firstTextAt - arrivedAt) }),
    ...(promptTokens !== undefined && { promptTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    completionTokens: done?.usage.completionTokens ?? sequence.tokens,
    ...(draftTokens !== undefined && { draftTokens }),
    ...(acceptedDraftTokens !== undefined && { acceptedDraftTokens }),
    ...(finishReason !== undefined && { finishReason }),
    ...(chunks.length > 0 && {
      chunks: chunks.map(([millis, tokens]) => [tenths(placedAt + millis - arrivedAt), tokens] as const),
    }),
    ...(steps > 0 && {
      steps: { count: steps, meanRunning: tenths(runningSum / steps), mostRunning: runningMost },
    }),
  }
}

const maxChunks = 32
const maxBytes = 4096

/** As a header or comment: ASCII, one line, at most 4096 bytes. Omitted entries are counted. */
export function timelineText(timeline: RequestTimeline): string {
  const sequences = timeline.sequences.map((sequence) => {
    const { chunks } = sequence
    if (chunks === undefined || chunks.length <= maxChunks) return sequence
    return { ...sequence, chunks: chunks.slice(0, maxChunks), chunksLeftOut: chunks.length - maxChunks }
  })
  for (let shown = sequences.length; ; shown = Math.floor(shown / 2)) {
    const leftOut = sequences.length - shown
    const text = ascii({
      ...timeline,
      sequences: sequences.slice(0, shown),
      ...(leftOut > 0 && { sequencesLeftOut: leftOut }),
    })
    if (text.length <= maxBytes || shown === 0) return text
  }
}

/** Headers are Latin-1; model names may contain any character. */
const ascii = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const maxMates = 16

/** The records of `others` that ran concurrently. */
export function matesOf(
  record: RequestRecord,
  others: Iterable<RequestRecord>,
  now: number,
): OperatorTimeline['mates'] {
  const own = spanOf(record, now)
  const ids: string[] = []
  let count = 0
  for (const other of others) {
    if (other === record || own === undefined || other.requested?.model !== record.requested?.model) continue
    const span = spanOf(other, now)
    if (span === undefined || span.from >= own.to || span.to <= own.from) continue
    count += 1
    if (ids.length < maxMates) ids.push(other.start.id)
  }
  return { count, ids }
}

/** From the first slot of any sequence to the end of the last. */
function spanOf({ sequences }: RequestRecord, now: number): { from: number; to: number } | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { placedAt, endedAt } of sequences) {
    if (placedAt === undefined) continue
    from = Math.min(from, placedAt)
    to = Math.max(to, endedAt ?? now)
  }
  return from < to ? { from, to } : undefined
}

const tenths = (value: number): number => Math.round(value * 10) / 10
