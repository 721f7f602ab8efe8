/** Flattens a request record for an access log line. Pure. Unknown values are omitted. */

import type { RequestRecord, SequenceRecord } from './request-record.ts'

export interface AccessFacts {
  readonly requestId: string
  readonly method: string
  readonly route: string
  readonly path: string
  readonly status: number
  readonly millis: number
  readonly model?: string
  readonly client?: string
  readonly upstream?: string
  readonly error?: string
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly completionTokens?: number
  readonly finishReason?: string
  readonly queueMillis?: number
  readonly prefillMillis?: number
  readonly decodeMillis?: number
  readonly firstTokenMillis?: number
  readonly traceId?: string
  /** Only if prompts are logged. */
  readonly prompt?: readonly { readonly role: string; readonly text: string }[]
}

/** Expects a finished record. */
export function accessFacts(record: RequestRecord): AccessFacts {
  const { start, requested, client, upstream, error, ended } = record
  const { id, method, route, path, arrivedAt, trace } = start
  return {
    requestId: id,
    method,
    route,
    path,
    status: ended!.status,
    millis: tenths(ended!.at - arrivedAt),
    ...(requested !== undefined && { model: requested.model }),
    ...(client !== undefined && { client }),
    ...(upstream !== undefined && { upstream }),
    ...(error !== undefined && { error }),
    ...usageOf(record),
    ...timesOf(record),
    ...(trace !== undefined && { traceId: trace.traceparent.slice(3, 35) }),
    ...(requested?.texts !== undefined && { prompt: shortened(requested.texts) }),
  }
}

type UsageFacts = Pick<AccessFacts, 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'finishReason'>

/** Total over all sequences; a prompt counts once, however many sequences continue it. */
export function usageOf({ sequences, usage: known, requested }: RequestRecord): UsageFacts {
  if (sequences.length === 0) {
    const { reasoningTokens: _, ...usage } = known ?? {}
    return usage
  }
  const each = requested?.choices ?? 1
  const firsts = sequences.filter((_, at) => at % each === 0)
  const promptTokens = sum(firsts, (one) => one.done?.usage.promptTokens ?? one.promptTokens)
  const cachedTokens = sum(firsts, (one) => one.done?.usage.cachedTokens ?? one.cachedTokens)
  const reasons = new Set(sequences.flatMap(({ finishReason }) => finishReason ?? []))
  return {
    ...(promptTokens !== undefined && { promptTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    completionTokens: sum(sequences, (one) => one.done?.usage.completionTokens ?? one.tokens) ?? 0,
    ...(reasons.size > 0 && { finishReason: [...reasons].join(',') }),
  }
}

type TimeFacts = Pick<AccessFacts, 'queueMillis' | 'prefillMillis' | 'decodeMillis' | 'firstTokenMillis'>

/** The slowest sequence of each; the first text of any, or the first byte of an upstream. */
function timesOf({ sequences, start, relayedAt }: RequestRecord): TimeFacts {
  const timings = sequences.flatMap(({ done }) => done?.timings ?? [])
  const firsts = [relayedAt, ...sequences.map(({ firstTextAt }) => firstTextAt)].filter(
    (at) => at !== undefined,
  )
  const slowest = (name: keyof (typeof timings)[number]): number =>
    tenths(Math.max(...timings.map((each) => each[name])))
  return {
    ...(timings.length > 0 && {
      queueMillis: slowest('queueMillis'),
      prefillMillis: slowest('prefillMillis'),
      decodeMillis: slowest('decodeMillis'),
    }),
    ...(firsts.length > 0 && { firstTokenMillis: tenths(Math.min(...firsts) - start.arrivedAt) }),
  }
}

const maxCharacters = 32_768

/** Truncates to bound the line length. */
export function shortened(
  texts: NonNullable<AccessFacts['prompt']>,
  most: number = maxCharacters,
): NonNullable<AccessFacts['prompt']> {
  let left = most
  return texts.flatMap(({ role, text }) => {
    if (left <= 0) return []
    const shown = text.length > left ? `${text.slice(0, left)}…` : text
    left -= text.length
    return [{ role, text: shown }]
  })
}

/** Undefined if none is known. */
function sum(
  sequences: readonly SequenceRecord[],
  of: (sequence: SequenceRecord) => number | undefined,
): number | undefined {
  const known = sequences.flatMap((sequence) => of(sequence) ?? [])
  return known.length === 0 ? undefined : known.reduce((all, each) => all + each, 0)
}

const tenths = (value: number): number => Math.round(value * 10) / 10
