/**
 * A code block: language, copy, wrapping, code. Long blocks are split into slices, so that appended text re-renders a single one and
 * off-screen slices are skipped.
 */

import { memo, type ReactNode, useId, useMemo, useState } from 'react'
import { Button, CopyButton } from '../../../../design/index.ts'
import { defineMessages, useMessages } from '../../../../messages/use-messages.ts'
import { visibleText } from './safe-link.ts'
import { sliceLines } from './slice-lines.ts'

const words = defineMessages({
  en: { copy: 'Copy code', wrap: 'Wrap lines', noWrap: 'Do not wrap', code: 'Code' },
  zh: { copy: '复制代码', wrap: '自动换行', noWrap: '不换行', code: '代码' },
})

export interface CodeFigureProps {
  readonly code: string
  /** As the model named it; may be empty. */
  readonly language: string
  readonly isInset?: boolean
}

export const CodeFigure = memo(function CodeFigure({ code, language, isInset }: CodeFigureProps): ReactNode {
  const say = useMessages(words)
  const [isWrapped, setWrapped] = useState(false)
  const id = useId()
  const slices = useMemo(() => sliceLines(code), [code])
  const name = language === '' ? say.code : visibleText(language)
  return (
    <figure className={isInset ? 'md-figure md-inset' : 'md-figure'} aria-labelledby={id}>
      <figcaption>
        <span id={id}>{name}</span>
        <Button kind="quiet" onPress={() => setWrapped(!isWrapped)}>
          {isWrapped ? say.noWrap : say.wrap}
        </Button>
        <CopyButton text={code} label={say.copy} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <pre className={isWrapped ? 'md-wrapped' : undefined} tabIndex={0}>
        <code>
          {slices.map((slice, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: slices but the last never change
            <Slice key={index} text={slice} />
          ))}
        </code>
      </pre>
    </figure>
  )
})

const Slice = memo(function Slice({ text }: { readonly text: string }): ReactNode {
  return <span className="md-slice">{visibleText(text)}</span>
})
