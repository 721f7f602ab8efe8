/** Polls an endpoint while the page is visible. */

import { useCallback, useEffect, useState } from 'react'
import { useStore } from '../store.ts'
import type { Api } from './access.ts'
import { ApiError } from './api-error.ts'
import { connection } from './connection.ts'
import { keys } from './keys.ts'
import { getJson } from './request.ts'

export interface Polled<T> {
  /** The last answer there was; it stays while a later question fails. */
  readonly data: T | undefined
  readonly error: ApiError | undefined
  readonly isLoading: boolean
  readonly refresh: () => void
}

/** Polls once, and every `everyMillis` if set; never while the tab is hidden, and one request at a time. Continues after a failure. */
export function usePolled<T>(path: string | undefined, everyMillis?: number, as: Api = 'admin'): Polled<T> {
  const [round, setRound] = useState(0)
  const [state, setState] = useState<{ path?: string; data?: T; error?: ApiError }>({})
  const given = useStore(keys)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refresh, or another key, asks again
  useEffect(() => {
    if (path === undefined) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isAsking = false
    /** A poll that was skipped or failed runs when the tab is visible or the server is back. */
    let isDue = false
    const ask = async (): Promise<void> => {
      isDue = document.hidden
      if (isDue || isAsking) return
      isAsking = true
      clearTimeout(timer)
      try {
        const data = await getJson<T>(path, { signal: stop.signal, as })
        setState({ path, data })
      } catch (error) {
        if (stop.signal.aborted) return
        isDue = true
        setState((was) => ({
          path,
          ...(was.path === path && was.data !== undefined && { data: was.data }),
          error: error instanceof ApiError ? error : new ApiError(0, 'unexpected', String(error)),
        }))
      }
      isAsking = false
      if (everyMillis !== undefined && !stop.signal.aborted) timer = setTimeout(ask, everyMillis)
    }
    const askIfDue = (): void => {
      if (isDue && connection.get() !== 'down') void ask()
    }
    document.addEventListener('visibilitychange', askIfDue)
    const forget = connection.subscribe(askIfDue)
    void ask()
    return () => {
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', askIfDue)
      forget()
    }
  }, [path, everyMillis, round, as, given])
  const refresh = useCallback(() => setRound((was) => was + 1), [])
  const current = state.path === path ? state : {}
  return {
    data: current.data,
    error: current.error,
    isLoading: path !== undefined && current.data === undefined && current.error === undefined,
    refresh,
  }
}
