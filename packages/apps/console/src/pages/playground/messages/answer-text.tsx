/** The text of a response: as Markdown, tokens, or a tree if it is constrained to JSON. */

import { type ReactNode, useMemo } from 'react'
import { CopyButton, Segmented } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { createStore, type Store, useStore } from '../../../store.ts'
import type { TextPart } from '../conversation.ts'
import { JsonTree } from './json/json-tree.tsx'
import { prettyJson } from './json/pretty-json.ts'
import { CodeFigure } from './markdown/code-figure.tsx'
import { Markdown } from './markdown/markdown.tsx'
import { TokenText } from './tokens/token-text.tsx'
import { words } from './words.ts'

type View = 'text' | 'tokens' | 'json'

/** Shared by all responses: the chosen view applies to the next one, too. */
const preferred: Store<View> = createStore<View>('text')

export interface AnswerTextProps {
  readonly part: TextPart
  readonly isStreaming: boolean
  readonly isJson: boolean
}

export function AnswerText({ part, isStreaming, isJson }: AnswerTextProps): ReactNode {
  const say = useMessages(words)
  const wanted = useStore(preferred)
  const { text, tokens } = part
  const value = useMemo(
    () => (isJson && !isStreaming ? parsed(text) : undefined),
    [text, isJson, isStreaming],
  )
  const views = [
    { value: 'text' as const, label: value === undefined ? say.textView : say.treeView },
    ...(isJson ? [{ value: 'json' as const, label: say.jsonView }] : []),
    ...(tokens !== undefined && tokens.length > 0
      ? [{ value: 'tokens' as const, label: say.tokenView }]
      : []),
  ]
  const view = views.some(({ value }) => value === wanted) ? wanted : 'text'
  if (text === '' && tokens === undefined) return null
  return (
    <div className="ms-text">
      {views.length > 1 && (
        <div className="ms-views">
          <Segmented
            label={say.viewOf}
            value={view}
            options={views}
            onChange={(next) => preferred.set(next)}
          />
          {value !== undefined && view === 'text' && <CopyButton text={text} />}
        </div>
      )}
      {view === 'tokens' && tokens !== undefined ? (
        <TokenText tokens={tokens} />
      ) : value !== undefined && view === 'text' ? (
        <JsonTree value={value.json} />
      ) : isJson ? (
        <JsonText text={text} />
      ) : (
        <Markdown text={text} isStreaming={isStreaming} />
      )}
    </div>
  )
}

export function JsonText({ text }: { readonly text: string }): ReactNode {
  const pretty = useMemo(() => prettyJson(text), [text])
  return <CodeFigure code={pretty} language="json" />
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null ? { json } : undefined
  } catch {
    return undefined
  }
}
