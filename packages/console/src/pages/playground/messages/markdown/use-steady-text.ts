/** Text that is being written, at a pace that leaves the page time for everything else. */

import { useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Of the time that passes, drawing takes a third at most. */
const restPerWork = 2

/**
 * `text` as it was at the last frame that had time for it. When `isStreaming` ends, it is all there at once. A frame that
 * took long is followed by a pause in proportion.
 */
export function useSteadyText(text: string, isStreaming: boolean): string {
  const [shown, setShown] = useState(text)
  const latest = useRef(text)
  const began = useRef(0)
  const nextAt = useRef(0)
  const waiting = useRef<(() => void) | undefined>(undefined)
  useLayoutEffect(() => {
    if (began.current === 0) return
    const now = performance.now()
    const work = now - began.current
    began.current = 0
    nextAt.current = work > 6 ? now + work * restPerWork : 0
  })
  useEffect(() => {
    latest.current = text
    if (!isStreaming || waiting.current !== undefined) return
    const show = (): void => {
      waiting.current = undefined
      began.current = performance.now()
      setShown(latest.current)
    }
    const wait = nextAt.current - performance.now()
    if (wait <= 0) {
      const frame = requestAnimationFrame(show)
      waiting.current = () => cancelAnimationFrame(frame)
    } else {
      const timer = setTimeout(show, wait)
      waiting.current = () => clearTimeout(timer)
    }
  }, [text, isStreaming])
  useEffect(
    () => () => {
      waiting.current?.()
      waiting.current = undefined
    },
    [],
  )
  return isStreaming ? shown : text
}
