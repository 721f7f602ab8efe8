/** A request record's path through an engine. Pure. */

import type { RequestRecord, SequenceRecord } from '../observability/request-record.ts'
import { sequenceId } from '../sequence-id.ts'
import type { RecordedRequest } from './recorded.ts'

export interface KnownNames {
  /** Slot of a sequence, by its engine id. */
  readonly slotOf: (id: string) => number | undefined
  /** Resolves a requested name; an adapter's is that of its model. */
  readonly modelOf: (name: string) => string
}

/** One per sequence, or one if there are none. Empty for a request that used no model. */
export function recordedRequests(record: RequestRecord, { slotOf, modelOf }: KnownNames): RecordedRequest[] {
  const { start, requested, sequences, ended, error, upstream, requestedAt, usage } = record
  if (requested === undefined) return []
  const { id, arrivedAt } = start
  const common = {
    id,
    model: modelOf(requested.model),
    operation: requested.operation,
    arrivedAt,
    ...(error !== undefined && { error }),
  }
  if (sequences.length > 0) {
    return sequences.map((sequence, choice) => {
      const slot = slotOf(sequenceId(requested.answerId ?? id, choice, sequences.length))
      return {
        ...common,
        ...(sequences.length > 1 && { choice }),
        ...(slot !== undefined && { slot }),
        ...timesOf(sequence),
      }
    })
  }
  return [
    {
      ...common,
      startedAt: requestedAt ?? arrivedAt,
      ...(ended !== undefined && { endedAt: ended.at }),
      ...(upstream !== undefined && { isRelayed: true }),
      ...(usage?.promptTokens !== undefined && { promptTokens: usage.promptTokens }),
      ...(usage?.cachedTokens !== undefined && { cachedTokens: usage.cachedTokens }),
      ...(usage?.completionTokens !== undefined && { completionTokens: usage.completionTokens }),
      chunks: [],
    },
  ]
}

type Times = Omit<RecordedRequest, 'id' | 'model' | 'operation' | 'arrivedAt' | 'choice' | 'slot' | 'error'>

function timesOf(sequence: SequenceRecord): Times {
  const { startedAt, placedAt, firstTextAt, endedAt, done, tokens, chunks } = sequence
  const computedAt =
    done !== undefined && placedAt !== undefined ? placedAt + done.timings.prefillMillis : firstTextAt
  const promptTokens = done?.usage.promptTokens ?? sequence.promptTokens
  const cachedTokens = done?.usage.cachedTokens ?? sequence.cachedTokens
  return {
    startedAt,
    ...(placedAt !== undefined && { placedAt }),
    ...(computedAt !== undefined && { computedAt }),
    ...(firstTextAt !== undefined && { firstTextAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(promptTokens !== undefined && { promptTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    completionTokens: done?.usage.completionTokens ?? tokens,
    chunks:
      placedAt === undefined ? [] : chunks.map(([millis, count]) => [placedAt + millis, count] as const),
  }
}
