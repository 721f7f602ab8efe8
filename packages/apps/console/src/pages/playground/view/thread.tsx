/** A column: its messages, scrolled to the end while the last one grows. */

import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { useStore } from '../../../store.ts'
import type { Column, Message } from '../conversation.ts'
import { modelList } from '../models.ts'
import { type Issue, notes, running } from '../session.ts'
import { pathOf } from '../thread.ts'
import { words } from '../words.ts'
import { MessageRow } from './message-row.tsx'

export interface ThreadProps {
  readonly conversationId: string
  readonly column: Column
  /** Label of the column, for screen readers. */
  readonly label: string
  readonly editing: string | undefined
  readonly onEdit: (messageId: string | undefined) => void
  readonly onError: (issue: Issue | undefined) => void
}

export function Thread({ conversationId, column, label, editing, onEdit, onError }: ThreadProps): ReactNode {
  const say = useMessages(words)
  const { models } = useStore(modelList)
  const follows = useStore(running)
  const said = useStore(notes)
  const path = pathOf(column)
  const versions = useMemo(
    () => Map.groupBy(Object.values(column.messages), ({ parent }) => parent),
    [column.messages],
  )
  const isBusy = [...follows.values()].some(
    (each) => each.conversationId === conversationId && each.columnId === column.id,
  )
  const { frame, isAtEnd, toEnd, onScroll } = useFollowed(path)
  const noteOf = (message: Message): string | undefined => {
    if (message.state !== 'waiting') return undefined
    const card = models.find(({ id }) => id === message.model)
    return said.get(message.id) ?? (card?.status.value === 'loading' ? say.loadingNow(card.id) : undefined)
  }
  return (
    <div className="pg-thread">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section ref={frame} className="pg-scroll" aria-label={label} tabIndex={0} onScroll={onScroll}>
        <ol className="pg-messages">
          {path.map((message, index) => {
            const next = path[index + 1]
            const answers = next?.role === 'tool' ? next : undefined
            return (
              <MessageRow
                key={message.id}
                conversationId={conversationId}
                columnId={column.id}
                message={message}
                answers={answers}
                versionIds={(versions.get(message.parent) ?? []).map(({ id }) => id).join(' ')}
                isLast={next === undefined}
                isBusy={isBusy}
                note={noteOf(message)}
                isEditing={editing === message.id}
                onEdit={onEdit}
                onError={onError}
              />
            )
          })}
        </ol>
      </section>
      {!isAtEnd && (
        <div className="pg-to-end">
          <Button icon="down" onPress={toEnd}>
            {say.toEnd}
          </Button>
        </div>
      )}
    </div>
  )
}

/** Scrolls with new output until the user scrolls up; jumps to the end on request. */
function useFollowed(path: readonly Message[]): {
  readonly frame: RefObject<HTMLElement | null>
  readonly isAtEnd: boolean
  readonly toEnd: () => void
  readonly onScroll: () => void
} {
  const frame = useRef<HTMLElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const wants = useRef(true)
  const lastTop = useRef(0)
  const toEnd = (): void => {
    wants.current = true
    frame.current?.scrollTo({ top: frame.current.scrollHeight })
  }
  useEffect(() => {
    const { current } = frame
    if (current === null) return
    // The words are drawn when they are ready, which may be after this was.
    const observer = new ResizeObserver(() => {
      if (wants.current) current.scrollTo({ top: current.scrollHeight })
    })
    observer.observe(current)
    observer.observe(current.firstElementChild!)
    return () => observer.disconnect()
  }, [])
  const waitingId = path.at(-1)?.state === 'waiting' ? path.at(-1)?.id : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each that is asked
  useLayoutEffect(() => {
    if (waitingId !== undefined) toEnd()
  }, [waitingId])
  const onScroll = (): void => {
    const { current } = frame
    if (current === null) return
    const isNear = current.scrollHeight - current.scrollTop - current.clientHeight < nearEnd
    // Only scrolling up detaches from the end: content growing below does not.
    if (isNear) wants.current = true
    else if (current.scrollTop < lastTop.current) wants.current = false
    lastTop.current = current.scrollTop
    setAtEnd(isNear || wants.current)
  }
  return { frame, isAtEnd, toEnd, onScroll }
}

/** Pixels. */
const nearEnd = 48
