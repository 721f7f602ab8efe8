/** Curves of selected runs, polled while they are visible. */

import type { RunMetrics } from '@hadal/protocol'
import { useEffect, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { getJson } from '../../../api/request.ts'
import { cursorOf, type RunCurves, withAnswer } from './curves-of-run.ts'

export interface FollowedCurves {
  readonly curves: ReadonlyMap<string, RunCurves>
  /** Error of the last poll; earlier points stay. */
  readonly error: ApiError | undefined
}

const restMillis = 2000
/** The server has more to read. */
const readingMillis = 100

/** `ids` must keep its identity while the runs are the same. */
export function useCurves(ids: readonly string[]): FollowedCurves {
  const [state, setState] = useState<FollowedCurves>({ curves: new Map(), error: undefined })
  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const curves = new Map<string, RunCurves>()
    const ask = async (id: string): Promise<void> => {
      const cursor = cursorOf(curves.get(id))
      const query = cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}`
      const path = `/hadal/runs/${encodeURIComponent(id)}/metrics${query}`
      curves.set(id, withAnswer(curves.get(id), await getJson<RunMetrics>(path, { signal: stop.signal })))
    }
    const round = async (): Promise<void> => {
      let error: ApiError | undefined
      if (!document.hidden)
        for (const id of ids)
          await ask(id).catch((thrown: unknown) => {
            error = thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
          })
      if (stop.signal.aborted) return
      setState((was) => (isSame(was, curves, error) ? was : { curves: new Map(curves), error }))
      const isReading = [...curves.values()].some((each) => each.isReading)
      timer = setTimeout(() => void round(), isReading && error === undefined ? readingMillis : restMillis)
    }
    setState({ curves: new Map(), error: undefined })
    void round()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [ids])
  return state
}

/** Nothing is drawn again for nothing. */
function isSame(
  was: FollowedCurves,
  curves: ReadonlyMap<string, RunCurves>,
  error: ApiError | undefined,
): boolean {
  if (was.error !== error || was.curves.size !== curves.size) return false
  for (const [id, { cursor, isReading }] of curves) {
    const before = was.curves.get(id)
    if (before?.cursor !== cursor || before.isReading !== isReading) return false
  }
  return true
}
