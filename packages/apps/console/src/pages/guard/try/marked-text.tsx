/** A text with numbered marks for its findings; invisible characters are escaped. */

import type { GuardFinding, GuardView } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { formatCount } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { splitMarks } from './split-marks.ts'

export interface MarkedTextProps {
  readonly view: Pick<GuardView, 'text' | 'marks'>
  readonly findings: readonly GuardFinding[]
}

/** Limit for rendering speed. */
const maxShown = 20_000

export function MarkedText({ view, findings }: MarkedTextProps): ReactNode {
  const say = useMessages(guardWords)
  const { text, marks } = view
  const shown = text.slice(0, maxShown)
  return (
    <>
      <pre
        className="guard-text"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        tabIndex={0}
      >
        {splitMarks(shown, marks).map(({ start, text: part, finding }) => {
          if (finding === undefined) return <span key={start}>{seen(part)}</span>
          const { rule, action, why } = findings[finding]!
          return (
            <mark key={start} className={`guard-mark guard-mark-${action}`} title={`${rule}: ${why}`}>
              {seen(part)}
              <sup>{finding + 1}</sup>
            </mark>
          )
        })}
      </pre>
      {text.length > maxShown && <p className="small faint">{say.cut(formatCount(maxShown))}</p>}
    </>
  )
}

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u
const runs = /((?:(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}])+)/u
const maxNamed = 8

/** Characters that cannot be seen by their numbers: of a long run the first. */
export function seen(text: string): ReactNode {
  const parts = text.split(runs)
  if (parts.length === 1) return text
  let at = 0
  return parts.map((part) => {
    const key = at
    at += part.length
    if (part === '' || !unseen.test(part) || /^[\n\t]/.test(part)) return part
    const all = [...part]
    const names = all.slice(0, maxNamed).map((each) => each.codePointAt(0)!.toString(16).toUpperCase())
    return (
      <span key={key} className="guard-unseen">
        {`U+${names.join(' ')}${all.length > maxNamed ? ` … ×${all.length}` : ''}`}
      </span>
    )
  })
}
