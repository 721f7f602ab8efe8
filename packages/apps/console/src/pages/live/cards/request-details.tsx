/** Request details: time breakdown, tokens, batch mates. */

import type { OperatorTimeline, SequenceTimes } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Button, Facts, formatCount, formatMillis, formatTime, Segments } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { liveWords } from '../words.ts'

export interface RequestDetailsProps {
  readonly timeline: OperatorTimeline
  readonly onRequest: (id: string) => void
}

const maxSequences = 8
const maxChunks = 12

export function RequestDetails({ timeline, onRequest }: RequestDetailsProps): ReactNode {
  const say = useMessages(liveWords)
  const { id, at, model, route, status, millis, error, client, upstream, sequences, mates } = timeline
  return (
    <div className="stack">
      <Facts
        facts={[
          { label: say.request, value: <code>{id}</code> },
          { label: say.came, value: formatTime(at) },
          { label: say.model, value: model ?? '–' },
          { label: say.route, value: <code>{route}</code> },
          {
            label: say.state,
            value: error === undefined ? String(status ?? '–') : `${status ?? ''} ${error}`,
          },
          { label: say.whole, value: formatMillis(millis) },
          ...(client === undefined ? [] : [{ label: say.client, value: <code>{client}</code> }]),
          ...(upstream === undefined ? [] : [{ label: say.upstream, value: <code>{upstream}</code> }]),
        ]}
      />
      {sequences.slice(0, maxSequences).map((sequence, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sequences of one request have no other name
        <Sequence key={place} sequence={sequence} place={sequences.length > 1 ? place : undefined} />
      ))}
      {mates !== undefined && mates.count > 0 && (
        <section className="stack" aria-label={say.mates}>
          <h3>{say.matesCount(formatCount(mates.count))}</h3>
          <div className="row">
            {mates.ids.map((mate) => (
              <Button key={mate} size="small" onPress={() => onRequest(mate)}>
                …{mate.slice(-8)}
              </Button>
            ))}
          </div>
        </section>
      )}
    </div>
  )
}

function Sequence({
  sequence,
  place,
}: {
  readonly sequence: SequenceTimes
  readonly place: number | undefined
}): ReactNode {
  const say = useMessages(liveWords)
  const {
    startMillis,
    queueMillis,
    prefillMillis,
    decodeMillis,
    firstTokenMillis,
    steps,
    chunks = [],
  } = sequence
  const { promptTokens, cachedTokens, completionTokens, draftTokens, acceptedDraftTokens, finishReason } =
    sequence
  const part = (label: string, value: number, color: 1 | 2 | 5 | 'rest') => ({
    label,
    value,
    text: formatMillis(value),
    color,
  })
  const speed =
    decodeMillis !== undefined && decodeMillis > 0 && completionTokens > 1
      ? ((completionTokens - 1) * 1000) / decodeMillis
      : undefined
  return (
    <section className="stack" aria-label={place === undefined ? say.times : say.sequence(place + 1)}>
      {place !== undefined && <h3>{say.sequence(place + 1)}</h3>}
      {decodeMillis !== undefined && (
        <Segments
          label={say.times}
          segments={[
            part(say.before, startMillis, 'rest'),
            part(say.queueTime, queueMillis ?? 0, 5),
            part(say.prefillTime, prefillMillis ?? 0, 2),
            part(say.decodeTime, decodeMillis, 1),
          ]}
        />
      )}
      <Facts
        facts={[
          { label: say.ttft, value: formatMillis(firstTokenMillis) },
          {
            label: say.promptTokens,
            value: say.cachedOf(formatCount(promptTokens), formatCount(cachedTokens ?? 0)),
          },
          { label: say.newTokenCount, value: formatCount(completionTokens) },
          {
            label: say.speed,
            value: speed === undefined ? '–' : `${formatCount(Math.round(speed * 10) / 10)} tok/s`,
          },
          ...(finishReason === undefined ? [] : [{ label: say.finish, value: finishReason }]),
          ...(draftTokens === undefined
            ? []
            : [
                {
                  label: say.drafts,
                  value: say.rightOf(formatCount(acceptedDraftTokens), formatCount(draftTokens)),
                },
              ]),
          ...(steps === undefined
            ? []
            : [
                {
                  label: say.company,
                  value: say.companyText(
                    formatCount(steps.count),
                    formatCount(steps.meanRunning),
                    formatCount(steps.mostRunning),
                  ),
                },
              ]),
          ...(chunks.length === 0
            ? []
            : [
                {
                  label: say.chunks,
                  value: chunks
                    .slice(0, maxChunks)
                    .map(([millis, tokens]) => say.chunk(formatCount(tokens), formatMillis(millis)))
                    .join(', '),
                },
              ]),
        ]}
      />
    </section>
  )
}
