/** A tool call: name, streamed arguments, and result. */

import { type ReactNode, useMemo } from 'react'
import { Badge, Icon } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { ToolCallPart } from '../conversation.ts'
import { JsonText } from './answer-text.tsx'
import { JsonTree } from './json/json-tree.tsx'
import { CodeFigure } from './markdown/code-figure.tsx'
import { visibleText } from './markdown/safe-link.ts'
import { words } from './words.ts'

export interface ToolCallProps {
  readonly call: ToolCallPart
  readonly isStreaming: boolean
  readonly result: string | undefined
}

export function ToolCall({ call, isStreaming, result }: ToolCallProps): ReactNode {
  const say = useMessages(words)
  const name = visibleText(call.name)
  return (
    <section className="ms-call" aria-label={say.call(name)}>
      <header>
        <Icon name="wrench" />
        <code className="ms-call-name">{name}</code>
        <Badge tone={isStreaming ? 'accent' : result === undefined ? 'warn' : 'good'}>
          {isStreaming ? say.writing : result === undefined ? say.toAnswer : say.answered}
        </Badge>
      </header>
      <Arguments text={call.arguments} isStreaming={isStreaming} />
      {result !== undefined && (
        <>
          <h3 className="ms-label">{say.result}</h3>
          <Json text={result} />
        </>
      )}
    </section>
  )
}

function Arguments({
  text,
  isStreaming,
}: {
  readonly text: string
  readonly isStreaming: boolean
}): ReactNode {
  const say = useMessages(words)
  const value = useMemo(() => (isStreaming ? undefined : parsed(text)), [text, isStreaming])
  const isEmpty = text.trim() === '' || (value !== undefined && isEmptyObject(value.json))
  if (isEmpty) return isStreaming ? null : <p className="ms-faint">{say.noArguments}</p>
  if (value !== undefined) return <JsonTree value={value.json} />
  return (
    <>
      <JsonText text={text} />
      {!isStreaming && <p className="ms-note">{say.brokenArguments}</p>}
    </>
  )
}

function Json({ text }: { readonly text: string }): ReactNode {
  const value = useMemo(() => parsed(text), [text])
  const isTree = typeof value?.json === 'object' && value.json !== null
  return isTree ? <JsonTree value={value.json} /> : <CodeFigure code={text} language="" />
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
