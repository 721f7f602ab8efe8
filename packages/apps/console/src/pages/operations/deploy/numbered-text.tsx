/** A file with line numbers and highlighted lines; scrolls to the requested one. */

import { memo, type ReactNode, useEffect, useRef } from 'react'
import { yamlTokens } from './yaml-tokens.ts'

export interface NumberedTextProps {
  readonly text: string
  readonly label: string
  /** From 1. */
  readonly line?: number | undefined
  readonly marked?: ReadonlySet<number> | undefined
}

/** A dashboard of 3000 lines is drawn at once; a longer file to here. */
const maxLines = 5000

export function NumberedText({ text, label, line, marked }: NumberedTextProps): ReactNode {
  const target = useRef<HTMLSpanElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file or line is another place
  useEffect(() => {
    target.current?.scrollIntoView({ block: 'center' })
  }, [line, text])
  const lines = text.replace(/\n$/, '').split('\n').slice(0, maxLines)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section className="ops-text" aria-label={label} tabIndex={0}>
      <pre>
        {lines.map((each, index) => {
          const number = index + 1
          const isRequested = number === line
          const looks = isRequested
            ? 'ops-line ops-line-asked'
            : marked?.has(number)
              ? 'ops-line ops-line-marked'
              : 'ops-line'
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text do not move
            <span key={index} ref={isRequested ? target : undefined} className={looks}>
              <Line text={each} />
              {'\n'}
            </span>
          )
        })}
      </pre>
    </section>
  )
}

const Line = memo(function Line({ text }: { readonly text: string }): ReactNode {
  return yamlTokens(text).map(({ kind, text: part }, index) =>
    kind === 'plain' ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one line do not move
      <span key={index} className={`ops-yaml-${kind}`}>
        {part}
      </span>
    ),
  )
})
