/** A message with its actions. Content is rendered by messages/. */

import { memo, type ReactNode, useState } from 'react'
import { Button, copyText, toast } from '../../../design/index.ts'
import { designWords } from '../../../design/words.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { type Message, type ToolCallPart, textOf } from '../conversation.ts'
import { MessageView } from '../messages/index.ts'
import { again, answerCalls, changeColumn, edit, forget, goOn, type Issue } from '../session.ts'
import { choose } from '../thread.ts'
import { words } from '../words.ts'
import { JsonVerdict } from './json-verdict.tsx'
import { MessageErrorNotice } from './message-error.tsx'
import { ToolAnswers } from './tool-answers.tsx'

export interface MessageRowProps {
  readonly conversationId: string
  readonly columnId: string
  readonly message: Message
  /** Results of its tool calls. */
  readonly answers: Message | undefined
  /** Ids of those at its place, as they were made, with blanks between: a text stays the same while another message grows. */
  readonly versionIds: string
  readonly isLast: boolean
  readonly isBusy: boolean
  /** Server note on a response that has not started. */
  readonly note: string | undefined
  readonly isEditing: boolean
  readonly onEdit: (messageId: string | undefined) => void
  readonly onError: (issue: Issue | undefined) => void
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps): ReactNode {
  const { conversationId, columnId, message, answers, isLast, isBusy, note, onError } = props
  const say = useMessages(words)
  const { role, state, error } = message
  const isOpen = state === 'waiting' || state === 'streaming'
  const hasText = textOf(message) !== ''
  const calls = message.parts.filter((part): part is ToolCallPart => part.type === 'tool_call')
  const isToAnswer = role === 'assistant' && isLast && !isOpen && calls.length > 0
  if (role === 'tool') return null
  return (
    <li className={`pg-message pg-${role}`} data-state={state}>
      {props.isEditing ? (
        <Edit {...props} />
      ) : (
        <MessageView message={message} {...(answers !== undefined && { answers })} />
      )}
      {state === 'waiting' && (
        <p className="pg-waiting">
          <span className="pg-dots" aria-hidden="true" />
          {note ?? say.waiting}
        </p>
      )}
      {state === 'stopped' && role === 'assistant' && <p className="pg-faint">{say.stopped}</p>}
      <JsonVerdict message={message} />
      {error !== undefined && (
        <MessageErrorNotice
          error={error}
          onAgain={() => onError(again(conversationId, columnId, message))}
          onGoOn={
            hasText && error.status === 0 ? () => onError(goOn(conversationId, columnId, message)) : undefined
          }
        />
      )}
      {!isOpen && !props.isEditing && <Actions {...props} hasText={hasText} />}
      {isToAnswer && !isBusy && (
        <ToolAnswers
          calls={calls}
          onAnswer={(results) => onError(answerCalls(conversationId, columnId, message, results))}
        />
      )}
    </li>
  )
})

function Actions(props: MessageRowProps & { readonly hasText: boolean }): ReactNode {
  const { conversationId, columnId, message, versionIds, isLast, isBusy, hasText, onEdit, onError } = props
  const say = useMessages(words)
  const sayDesign = useMessages(designWords)
  const versions = versionIds.split(' ')
  const at = versions.indexOf(message.id)
  const turn = (to: number): void => {
    const id = versions[to]
    if (id !== undefined)
      changeColumn(conversationId, columnId, (column) => choose(column, { parent: message.parent, id }))
  }
  const copy = async (): Promise<void> => {
    try {
      await copyText(textOf(message))
      toast({ text: say.copied, forMillis: 2000 })
    } catch {
      toast({ text: sayDesign.copyFailed, tone: 'warn' })
    }
  }
  const canGoOn = message.role === 'assistant' && isLast && hasText && message.finishReason !== 'tool_calls'
  return (
    <div className="pg-actions">
      {versions.length > 1 && (
        <span className="pg-versions">
          <Button
            kind="quiet"
            size="small"
            icon="left"
            label={say.previousVersion}
            isDisabled={at <= 0}
            onPress={() => turn(at - 1)}
          />
          <span title={say.version(at + 1, versions.length)}>
            {at + 1} / {versions.length}
          </span>
          <Button
            kind="quiet"
            size="small"
            icon="right"
            label={say.nextVersion}
            isDisabled={at >= versions.length - 1}
            onPress={() => turn(at + 1)}
          />
        </span>
      )}
      {hasText && (
        <>
          <Button kind="quiet" size="small" icon="copy" label={say.copy} onPress={() => void copy()} />
          <Button
            kind="quiet"
            size="small"
            icon="edit"
            label={message.role === 'user' ? say.editQuestion : say.editAnswer}
            isDisabled={isBusy}
            onPress={() => onEdit(message.id)}
          />
        </>
      )}
      {(message.role === 'assistant' || isLast) && (
        <Button
          kind="quiet"
          size="small"
          icon="refresh"
          label={say.again}
          isDisabled={isBusy}
          onPress={() => onError(again(conversationId, columnId, message))}
        />
      )}
      {canGoOn && (
        <Button
          kind="quiet"
          size="small"
          icon="play"
          label={say.goOn}
          isDisabled={isBusy}
          onPress={() => onError(goOn(conversationId, columnId, message))}
        />
      )}
      <Button
        kind="quiet"
        size="small"
        icon="trash"
        label={say.remove}
        isDisabled={isBusy}
        onPress={() => {
          const undo = forget(conversationId, columnId, message)
          toast({ text: say.messageRemoved, action: { label: say.undo, onPress: undo } })
        }}
      />
    </div>
  )
}

function Edit({ conversationId, columnId, message, onEdit, onError }: MessageRowProps): ReactNode {
  const say = useMessages(words)
  const [text, setText] = useState(() => textOf(message))
  const isQuestion = message.role === 'user'
  const save = (): void => {
    if (text.trim() === '') return
    const issue = edit(conversationId, columnId, message, text)
    onError(issue)
    if (issue === undefined) onEdit(undefined)
  }
  return (
    <form
      className="pg-form"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <textarea
        className="input pg-edit"
        aria-label={isQuestion ? say.editQuestion : say.editAnswer}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: somebody asked to edit it
        autoFocus
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.stopPropagation()
            onEdit(undefined)
          }
          const isPlain = !event.shiftKey && !event.nativeEvent.isComposing
          if (event.key === 'Enter' && isQuestion && isPlain) {
            event.preventDefault()
            save()
          }
        }}
      />
      <span className="row">
        <Button kind="primary" size="small" submits isDisabled={text.trim() === ''}>
          {isQuestion ? say.saveAndAsk : say.save}
        </Button>
        <Button size="small" onPress={() => onEdit(undefined)}>
          {say.cancel}
        </Button>
      </span>
    </form>
  )
}
