/** Throttles a callback to once per animation frame, or twice a second in hidden tabs, which have none. */

export interface EveryFrame {
  readonly want: () => void
  readonly cancel: () => void
}

export function everyFrame(draw: () => void): EveryFrame {
  let stop: (() => void) | undefined
  const now = (): void => {
    stop = undefined
    draw()
  }
  return {
    want() {
      if (stop !== undefined) return
      // A frame that was requested before the tab was hidden waits until it is shown: the timer runs then.
      const timer = setTimeout(() => {
        stop?.()
        now()
      }, 500)
      const frame = document.hidden
        ? 0
        : requestAnimationFrame(() => {
            clearTimeout(timer)
            now()
          })
      stop = () => {
        clearTimeout(timer)
        cancelAnimationFrame(frame)
      }
    },
    cancel() {
      stop?.()
      stop = undefined
    },
  }
}
