/** A page's own look at one answer of the server, again and again while somebody looks at the page. */

import { useCallback, useEffect, useState } from 'react'
import { ApiError } from './api-error.ts'
import { getJson } from './request.ts'

export interface Polled<T> {
  /** The last answer there was; it stays while a later question fails. */
  readonly data: T | undefined
  readonly error: ApiError | undefined
  readonly isLoading: boolean
  readonly refresh: () => void
}

/** Asks once, and each `everyMillis` where that is said; never while the tab is hidden, and one question at a time. */
export function usePolled<T>(path: string | undefined, everyMillis?: number): Polled<T> {
  const [round, setRound] = useState(0)
  const [state, setState] = useState<{ path?: string; data?: T; error?: ApiError }>({})
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refresh asks again
  useEffect(() => {
    if (path === undefined) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const data = await getJson<T>(path, { signal: stop.signal })
          setState({ path, data })
        } catch (error) {
          if (stop.signal.aborted) return
          setState((was) => ({
            path,
            ...(was.path === path && was.data !== undefined && { data: was.data }),
            error: error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error)),
          }))
        }
      }
      if (everyMillis !== undefined && !stop.signal.aborted) timer = setTimeout(ask, everyMillis)
    }
    void ask()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [path, everyMillis, round])
  const refresh = useCallback(() => setRound((was) => was + 1), [])
  const current = state.path === path ? state : {}
  return {
    data: current.data,
    error: current.error,
    isLoading: path !== undefined && current.data === undefined && current.error === undefined,
    refresh,
  }
}
