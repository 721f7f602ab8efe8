/** Below a response: a summary line of its timings, expandable. */

import type { SequenceTimes } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { Facts, formatCount, formatMillis, Icon, Segments } from '../../../../design/index.ts'
import { useMessages } from '../../../../messages/use-messages.ts'
import type { Message } from '../../conversation.ts'
import { words } from '../words.ts'
import { type TimeFigures, type TimeSegment, timeFigures } from './time-segments.ts'

type Say = ReturnType<typeof useMessages<(typeof words)['en']>>

/** Chart palette colours, the same as on the live page. */
const colors: Readonly<Record<TimeSegment['kind'], 1 | 2 | 3 | 4 | 'rest'>> = {
  beforeQueue: 4,
  queue: 2,
  prefill: 1,
  decode: 3,
  rest: 'rest',
  untilFirst: 1,
  afterFirst: 3,
}

export function MessageTiming({ message }: { readonly message: Message }): ReactNode {
  const say = useMessages(words)
  const [isOpen, setOpen] = useState(false)
  const figures = timeFigures(message)
  const { usage, state } = message
  if (state === 'waiting' || state === 'streaming') return null
  const line = [
    figures.firstTokenMillis !== undefined && `TTFT ${formatMillis(figures.firstTokenMillis)}`,
    usage !== undefined && say.tokens(formatCount(usage.completionTokens)),
    figures.tokensPerSecond !== undefined && say.perSecond(formatCount(rounded(figures.tokensPerSecond))),
  ].filter((each) => each !== false)
  if (line.length === 0) return null
  return (
    <div className="ms-timing">
      <button type="button" className="ms-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'down' : 'right'} />
        <span className="ms-faint">{line.join(' · ')}</span>
      </button>
      {isOpen && <Details message={message} figures={figures} />}
    </div>
  )
}

function Details({
  message,
  figures,
}: {
  readonly message: Message
  readonly figures: TimeFigures
}): ReactNode {
  const say = useMessages(words)
  return (
    <div className="ms-timing-body">
      {figures.segments.length > 0 && (
        <Segments
          label={say.time}
          segments={figures.segments.map(({ kind, millis }) => ({
            label: say[kind],
            value: millis,
            text: formatMillis(millis),
            color: colors[kind],
          }))}
        />
      )}
      <Facts facts={factsOf(message, figures, say)} />
    </div>
  )
}

type Fact = { readonly label: string; readonly value: ReactNode }

function factsOf(message: Message, figures: TimeFigures, say: Say): readonly Fact[] {
  const { usage, timeline, finishReason, model, requestId } = message
  const sequences = timeline?.sequences ?? []
  const drafts = draftsOf(message)
  const facts: (Fact | undefined)[] = [
    fact(say.ttft, figures.firstTokenMillis, formatMillis),
    fact(say.speed, figures.tokensPerSecond, (speed) => say.perSecond(formatCount(rounded(speed)))),
    fact(say.promptTokens, usage?.promptTokens, (count) => say.tokens(formatCount(count))),
    fact(say.cachedTokens, usage?.cachedTokens, (count) => say.tokens(formatCount(count))),
    fact(say.completionTokens, usage?.completionTokens, (count) => say.tokens(formatCount(count))),
    fact(say.reasoningTokens, usage?.reasoningTokens || undefined, (count) => say.tokens(formatCount(count))),
    drafts && {
      label: say.drafts,
      value: say.draftsAccepted(formatCount(drafts.accepted), formatCount(drafts.all)),
    },
    ...sequences.flatMap((sequence, index) => {
      const named = (label: string): string =>
        sequences.length > 1 ? `${say.sequence(index + 1)}: ${label}` : label
      return [chunksOf(sequence, named(say.chunks), say), matesOf(sequence, named(say.mates), say)]
    }),
    fact(say.finish, finishReason, (reason) => finishWord(reason, say)),
    fact(say.answeredBy, model, (name) => <code>{name}</code>),
    fact(say.requestId, requestId ?? timeline?.id, (id) => <code>{id}</code>),
  ]
  return facts.filter((each) => each !== undefined)
}

function fact<T>(label: string, value: T | undefined, show: (value: T) => ReactNode): Fact | undefined {
  return value === undefined ? undefined : { label, value: show(value) }
}

function chunksOf(sequence: SequenceTimes, label: string, say: Say): Fact | undefined {
  const { chunks = [], chunksLeftOut = 0 } = sequence
  if (chunks.length === 0) return undefined
  const all = chunks.map(([at, tokens]) => say.chunk(formatCount(tokens), formatMillis(at)))
  if (chunksLeftOut > 0) all.push(say.leftOut(chunksLeftOut))
  return {
    label,
    value: (
      <ol className="ms-chunks">
        {all.map((text, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they do not change
          <li key={index}>{text}</li>
        ))}
      </ol>
    ),
  }
}

function matesOf({ steps }: SequenceTimes, label: string, say: Say): Fact | undefined {
  if (steps === undefined || steps.mostRunning <= 1) return undefined
  const { meanRunning, mostRunning, count } = steps
  return {
    label,
    value: say.matesOf(formatCount(rounded(meanRunning)), formatCount(mostRunning), formatCount(count)),
  }
}

function draftsOf({ timeline, usage }: Message): { accepted: number; all: number } | undefined {
  const reported = timeline?.sequences.filter(({ draftTokens = 0 }) => draftTokens > 0) ?? []
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0)
  const all = sum(reported.map(({ draftTokens }) => draftTokens))
  if (all > 0) return { all, accepted: sum(reported.map(({ acceptedDraftTokens }) => acceptedDraftTokens)) }
  const accepted = usage?.acceptedDraftTokens ?? 0
  const counted = accepted + (usage?.rejectedDraftTokens ?? 0)
  return counted > 0 ? { all: counted, accepted } : undefined
}

function finishWord(reason: string, say: Say): string {
  if (reason === 'stop') return say.finishStop
  if (reason === 'length') return say.finishLength
  if (reason === 'tool_calls' || reason === 'function_call') return say.finishCalls
  return reason === 'content_filter' ? say.finishFilter : reason
}

const rounded = (value: number): number => (value < 100 ? Math.round(value * 10) / 10 : Math.round(value))
