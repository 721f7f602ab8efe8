/** Text that is being written, at a pace that leaves the page time for everything else. */

import { useEffect, useLayoutEffect, useRef, useState } from 'react'

/** Maximum new text per frame; at 60 frames a second, more than any model generates. */
const maxCharacters = 1_200
/** A render that took longer than this many milliseconds is followed by an equally long pause. */
const easyMillis = 8

/**
 * `text`, or the prefix of it rendered so far: it grows with each frame until all is shown, also after `isStreaming` has ended. The
 * initial text, and a replaced text, are shown at once.
 */
export function useSteadyText(text: string, isStreaming: boolean): string {
  const [shown, setShown] = useState(text)
  const began = useRef(0)
  const nextAt = useRef(0)
  const latest = useRef(text)
  const cancel = useRef<(() => void) | undefined>(undefined)
  useLayoutEffect(() => {
    latest.current = text
    if (began.current === 0) return
    const now = performance.now()
    const work = now - began.current
    began.current = 0
    nextAt.current = work > easyMillis ? now + work : 0
  })
  const goesOn = text.startsWith(shown)
  useEffect(() => {
    if (text === shown || !goesOn || cancel.current !== undefined) return
    const show = (): void => {
      cancel.current = undefined
      began.current = performance.now()
      setShown((was) => next(was, latest.current))
    }
    const wait = nextAt.current - performance.now()
    // A hidden page has no frames, and needs none.
    const frame = wait <= 0 ? requestAnimationFrame(show) : undefined
    const timer = wait > 0 ? setTimeout(show, wait) : undefined
    cancel.current = () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [text, shown, goesOn])
  useEffect(
    () => () => {
      cancel.current?.()
      cancel.current = undefined
    },
    [],
  )
  useEffect(() => {
    if (!goesOn || (!isStreaming && document.hidden)) setShown(text)
  }, [goesOn, isStreaming, text])
  return goesOn ? shown : text
}

/** Not between the halves of a character. */
function next(shown: string, text: string): string {
  if (!text.startsWith(shown)) return text
  const end = shown.length + maxCharacters
  return text.slice(0, /[\uD800-\uDBFF]/.test(text[end - 1] ?? '') ? end + 1 : end)
}
