/** One message, part by part. Actions and errors are rendered by the parent. */

import { memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { formatCount } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { Message, Part } from '../conversation.ts'
import { AnswerText } from './answer-text.tsx'
import { visibleText } from './markdown/safe-link.ts'
import { Reasoning } from './reasoning.tsx'
import { MessageTiming } from './timing/message-timing.tsx'
import { ToolCall } from './tool-call.tsx'
import { words } from './words.ts'
import './messages.css'

export interface MessageViewProps {
  readonly message: Message
  /** Results of its tool calls: a message whose role is `tool`. */
  readonly answers?: Message
}

export const MessageView = memo(function MessageView({ message, answers }: MessageViewProps): ReactNode {
  if (message.role === 'user') return <p className="ms-question">{visibleText(questionOf(message))}</p>
  return (
    <div className="ms-answer">
      {message.parts.map((part, index, { length }) => (
        <PartView
          // biome-ignore lint/suspicious/noArrayIndexKey: parts only grow
          key={index}
          part={part}
          message={message}
          isGrowing={message.state === 'streaming' && index === length - 1}
          {...(answers !== undefined && { answers })}
        />
      ))}
      <FinishNote message={message} />
      <MessageTiming message={message} />
      <Announcement message={message} />
    </div>
  )
})

interface PartProps {
  readonly part: Part
  readonly message: Message
  readonly isGrowing: boolean
  readonly answers?: Message
}

function PartView({ part, message, isGrowing, answers }: PartProps): ReactNode {
  if (part.type === 'text')
    return <AnswerText part={part} isStreaming={isGrowing} isJson={message.expects !== undefined} />
  if (part.type === 'reasoning') {
    const isAlone = message.parts.filter(({ type }) => type === 'reasoning').length === 1
    const counted = isAlone ? message.usage?.reasoningTokens : undefined
    return <Reasoning part={part} isStreaming={isGrowing} tokenCount={counted ?? part.tokens?.length} />
  }
  if (part.type === 'tool_call') {
    const result = answers?.parts.find((each) => each.type === 'tool_result' && each.callId === part.id)
    return (
      <ToolCall
        call={part}
        isStreaming={isGrowing}
        result={result?.type === 'tool_result' ? result.text : undefined}
      />
    )
  }
  return null
}

const questionOf = (message: Message): string =>
  message.parts.map((part) => ('text' in part ? part.text : '')).join('')

/** Why it ended, where that is not what everybody expects. */
function FinishNote({ message: { finishReason, state } }: { readonly message: Message }): ReactNode {
  const say = useMessages(words)
  if (finishReason === undefined || state !== 'done') return null
  if (['stop', 'tool_calls', 'function_call'].includes(finishReason)) return null
  const known = ['length', 'content_filter', 'insufficient_system_resource'] as const
  const reason = known.find((each) => each === finishReason)
  return <p className="ms-note">{reason === undefined ? say.otherReason(finishReason) : say[reason]}</p>
}

/** Announces once, to screen readers, that an awaited response has ended. */
function Announcement({ message }: { readonly message: Message }): ReactNode {
  const say = useMessages(words)
  const { state, usage } = message
  const isOpen = state === 'waiting' || state === 'streaming'
  const wasOpen = useRef(isOpen)
  const [isDue, setDue] = useState(false)
  useEffect(() => {
    if (wasOpen.current && !isOpen) setDue(true)
    wasOpen.current = isOpen
  }, [isOpen])
  const ended = usage === undefined ? say.finishedPlain : say.finished(formatCount(usage.completionTokens))
  const text = state === 'done' ? ended : state === 'stopped' ? say.stopped : say.failed
  return (
    <span className="visually-hidden" role="status">
      {isDue && !isOpen ? text : ''}
    </span>
  )
}
