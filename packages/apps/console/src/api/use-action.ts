/** An action on the server: pending state and error. */

import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from './api-error.ts'

export interface Action<Values extends readonly unknown[]> {
  readonly isBusy: boolean
  /** Error of the last run; cleared when the action runs again. */
  readonly error: ApiError | undefined
  /** Whether it was done. One at a time: while it is under way, nothing more begins. */
  readonly run: (...values: Values) => Promise<boolean>
  readonly forget: () => void
}

export function useAction<Values extends readonly unknown[]>(
  act: (...values: Values) => Promise<void>,
): Action<Values> {
  const [state, setState] = useState<{ isBusy: boolean; error?: ApiError }>({ isBusy: false })
  const current = useRef(act)
  const isBusy = useRef(false)
  useEffect(() => {
    current.current = act
  })
  const run = useCallback(async (...values: Values): Promise<boolean> => {
    if (isBusy.current) return false
    isBusy.current = true
    setState({ isBusy: true })
    try {
      await current.current(...values)
      setState({ isBusy: false })
      return true
    } catch (thrown) {
      const error = thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
      setState({ isBusy: false, error })
      return false
    } finally {
      isBusy.current = false
    }
  }, [])
  const forget = useCallback(() => setState({ isBusy: false }), [])
  return { ...state, error: state.error, run, forget }
}
