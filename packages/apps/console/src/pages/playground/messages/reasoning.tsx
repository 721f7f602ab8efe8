/** Reasoning, collapsed, with its duration and token count. */

import { type ReactNode, useEffect, useState } from 'react'
import { formatCount, formatMillis, Icon } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { ReasoningPart } from '../conversation.ts'
import { Markdown } from './markdown/markdown.tsx'
import { words } from './words.ts'

const place = 'hadal.reasoning.unfolds'

export interface ReasoningProps {
  readonly part: ReasoningPart
  readonly isStreaming: boolean
  readonly tokenCount: number | undefined
}

/** If the user unfolds reasoning while it streams, later reasoning unfolds too, until it is folded. */
export function Reasoning({ part, isStreaming, tokenCount }: ReasoningProps): ReactNode {
  const say = useMessages(words)
  const isThinking = isStreaming && part.millis === undefined
  const [chosen, setChosen] = useState<boolean>()
  const isOpen = chosen ?? (isThinking && unfolds())
  const elapsed = useElapsed(isThinking)
  const millis = part.millis ?? (isThinking ? elapsed : undefined)
  const title = isThinking
    ? say.thinking
    : part.millis === undefined
      ? say.thought
      : say.thoughtFor(formatMillis(part.millis))
  const toggle = (): void => {
    setChosen(!isOpen)
    if (isThinking) keepUnfolds(!isOpen)
  }
  if (part.text === '' && !isThinking) return null
  return (
    <section className="ms-reasoning" data-thinking={isThinking || undefined}>
      <button type="button" className="ms-fold" aria-expanded={isOpen} onClick={toggle}>
        <Icon name={isOpen ? 'down' : 'right'} />
        <span>{title}</span>
        <span className="ms-faint">
          {[
            isThinking && millis !== undefined ? formatMillis(millis) : '',
            tokenCount !== undefined && tokenCount > 0 ? say.tokens(formatCount(tokenCount)) : '',
          ]
            .filter((each) => each !== '')
            .join(' · ')}
        </span>
      </button>
      {isOpen && (
        <div className="ms-thoughts">
          <Markdown text={part.text} isStreaming={isThinking} />
        </div>
      )}
    </section>
  )
}

/** Elapsed ms, in whole seconds, while `isOn`. */
function useElapsed(isOn: boolean): number {
  const [millis, setMillis] = useState(0)
  useEffect(() => {
    if (!isOn) return
    const began = Date.now()
    const timer = setInterval(() => setMillis(Math.floor((Date.now() - began) / 1000) * 1000), 1000)
    return () => clearInterval(timer)
  }, [isOn])
  return millis
}

function unfolds(): boolean {
  try {
    return localStorage.getItem(place) === 'yes'
  } catch {
    return false
  }
}

function keepUnfolds(does: boolean): void {
  try {
    localStorage.setItem(place, does ? 'yes' : 'no')
  } catch {
    // Without a place to keep it, it holds for this answer alone.
  }
}
