/** Time breakdown of a response, from the server or, if it reports none, measured by the page. */

import type { SequenceTimes } from '@hadal/protocol'
import type { Message } from '../../conversation.ts'

export interface TimeSegment {
  readonly kind: 'beforeQueue' | 'queue' | 'prefill' | 'decode' | 'rest' | 'untilFirst' | 'afterFirst'
  readonly millis: number
}

export interface TimeFigures {
  readonly segments: readonly TimeSegment[]
  readonly firstTokenMillis?: number
  readonly tokensPerSecond?: number
}

/** With several sequences, the slowest. */
export function timeFigures(message: Pick<Message, 'timeline' | 'timing' | 'usage'>): TimeFigures {
  const { timeline, timing, usage } = message
  const sequence = slowest(timeline?.sequences ?? [])
  if (timeline !== undefined && sequence !== undefined) return measured(timeline.millis, sequence)
  const first = timing?.firstTokenMillis
  const end = timing?.endMillis
  if (first === undefined) return { segments: [] }
  if (end === undefined) return { segments: [], firstTokenMillis: first }
  const speed = perSecond(usage?.completionTokens, end - first)
  return {
    segments: positive([
      { kind: 'untilFirst', millis: first },
      { kind: 'afterFirst', millis: end - first },
    ]),
    firstTokenMillis: first,
    ...(speed !== undefined && { tokensPerSecond: speed }),
  }
}

function measured(millis: number, sequence: SequenceTimes): TimeFigures {
  const { startMillis, queueMillis = 0, prefillMillis = 0, decodeMillis = 0, firstTokenMillis } = sequence
  const rest = millis - startMillis - queueMillis - prefillMillis - decodeMillis
  const speed = perSecond(sequence.completionTokens, decodeMillis)
  return {
    segments: positive([
      { kind: 'beforeQueue', millis: startMillis },
      { kind: 'queue', millis: queueMillis },
      { kind: 'prefill', millis: prefillMillis },
      { kind: 'decode', millis: decodeMillis },
      { kind: 'rest', millis: rest },
    ]),
    ...(firstTokenMillis !== undefined && { firstTokenMillis }),
    ...(speed !== undefined && { tokensPerSecond: speed }),
  }
}

/** The first token is prefill's: the time between tokens is that of the others. */
function perSecond(tokens: number | undefined, millis: number): number | undefined {
  return tokens === undefined || tokens < 2 || millis <= 0 ? undefined : ((tokens - 1) / millis) * 1000
}

const positive = (segments: readonly TimeSegment[]): readonly TimeSegment[] =>
  segments.filter(({ millis }) => Number.isFinite(millis) && millis > 0)

function slowest(sequences: readonly SequenceTimes[]): SequenceTimes | undefined {
  const end = (sequence: SequenceTimes): number =>
    sequence.startMillis +
    (sequence.queueMillis ?? 0) +
    (sequence.prefillMillis ?? 0) +
    (sequence.decodeMillis ?? 0)
  return sequences.reduce<SequenceTimes | undefined>(
    (most, each) => (most === undefined || end(each) > end(most) ? each : most),
    undefined,
  )
}
