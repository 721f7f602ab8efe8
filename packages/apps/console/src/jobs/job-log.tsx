/** Live output of a job: scrolls to the end unless the user has scrolled up. */

import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { useMessages } from '../messages/use-messages.ts'
import './jobs.css'
import { jobWords } from './job-words.ts'

export interface JobLogProps {
  readonly lines: readonly string[]
  readonly label?: string
}

export function JobLog({ lines, label }: JobLogProps): ReactNode {
  const say = useMessages(jobWords)
  const box = useRef<HTMLPreElement>(null)
  const isAtEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines move the end
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  const look = (): void => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = box.current ?? {}
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24
  }
  return (
    <pre
      ref={box}
      className="job-log"
      role="log"
      aria-live="off"
      aria-label={label ?? say.log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
      tabIndex={0}
      onScroll={look}
    >
      {lines.length === 0 ? <span className="faint">{say.logEmpty}</span> : lines.join('\n')}
    </pre>
  )
}
