/** The message input, with the stop button. */

import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect } from 'react'
import { Button, Notice } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { Issue } from '../session.ts'
import { words } from '../words.ts'

export interface ComposerProps {
  readonly text: string
  readonly onChange: (text: string) => void
  readonly isBusy: boolean
  readonly issue: Issue | undefined
  readonly onSend: () => void
  readonly onStop: () => void
  readonly onEditLast: () => void
  readonly ref: RefObject<HTMLTextAreaElement | null>
  /** Switches next to it. */
  readonly children: ReactNode
}

export function Composer(props: ComposerProps): ReactNode {
  const { text, onChange, isBusy, issue, onSend, onStop, onEditLast, ref, children } = props
  const say = useMessages(words)
  // biome-ignore lint/correctness/useExhaustiveDependencies: as high as its text
  useLayoutEffect(() => {
    const { current } = ref
    if (current === null) return
    current.style.height = 'auto'
    current.style.height = `${current.scrollHeight}px`
  }, [text])
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter that ends a word of Chinese or Japanese is no end of the message.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      if (text.trim() !== '' && !isBusy) onSend()
    }
    if (event.key === 'ArrowUp' && text === '' && !isBusy) {
      event.preventDefault()
      onEditLast()
    }
  }
  return (
    <div className="pg-composer">
      {issue !== undefined && <Notice tone="warn">{issueWords(say, issue)}</Notice>}
      <div className="pg-composer-frame">
        <textarea
          ref={ref}
          rows={1}
          aria-label={say.ask}
          aria-describedby="pg-hint"
          placeholder={say.askPlaceholder}
          value={text}
          onChange={({ target }) => onChange(target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="pg-composer-foot">
          <div className="row">{children}</div>
          {isBusy ? (
            <Button kind="primary" icon="stop" label={say.stop} onPress={onStop} />
          ) : (
            <Button
              kind="primary"
              icon="send"
              label={say.send}
              isDisabled={text.trim() === ''}
              onPress={onSend}
            />
          )}
        </div>
      </div>
      <p id="pg-hint" className="pg-hint">
        {say.askHint}
      </p>
    </div>
  )
}

function issueWords(say: typeof words.en | (typeof words)['zh'], { place, detail }: Issue): string {
  const word = say[`error_${place}`]
  return typeof word === 'function' ? word(detail) : word
}
