/**
 * Data of the live page: server state, steps, requests, metrics. Streams are open while the page is; history is kept. While the tab is
 * hidden or paused, only metrics are polled.
 */

import type { OperatorTimeline } from '@hadal/protocol'
import { type LiveState, parseMetricsText, type StepsEvent } from '@hadal/protocol'
import type { ApiError } from '../../../api/api-error.ts'
import { send } from '../../../api/request.ts'
import { createStore, type Store } from '../../../store.ts'
import { History } from '../history/history.ts'
import { readSample } from '../history/read-sample.ts'
import { StepLog } from '../timeline/step-log.ts'
import { follow } from './follow.ts'
import { type RequestRow, withBegun, withEnded, withoutOpen } from './request-log.ts'

const metricsMillis = 2_000
const requestsMillis = 1_000
/** Models come and go; of more than these, no history is kept. */
const maxHistories = 16

export interface LiveSession {
  readonly state: Store<LiveState | undefined>
  readonly error: Store<ApiError | undefined>
  readonly requests: Store<readonly RequestRow[]>
  readonly steps: StepLog
  /** History of a model; the same object for the same name. */
  historyOf(model: string): History
  /** Changes whenever a history has. */
  readonly historyVersion: Store<number>
  readonly isPaused: Store<boolean>
  /** Until what comes back is called. */
  open(): () => void
}

export function createLiveSession(): LiveSession {
  const state = createStore<LiveState | undefined>(undefined)
  const error = createStore<ApiError | undefined>(undefined)
  const requests = createStore<readonly RequestRow[]>([])
  const historyVersion = createStore(0)
  const isPaused = createStore(false)
  const steps = new StepLog()
  const histories = new Map<string, History>()

  const historyOf = (model: string): History => {
    const known = histories.get(model)
    if (known !== undefined) return known
    const history = new History()
    if (histories.size >= maxHistories) histories.delete(histories.keys().next().value!)
    histories.set(model, history)
    return history
  }

  // Many requests may come at once; the page is drawn for all of them together.
  let rows: readonly RequestRow[] = []
  let telling: ReturnType<typeof setTimeout> | undefined
  const reportRequests = (next: readonly RequestRow[]): void => {
    rows = next
    telling ??= setTimeout(() => {
      telling = undefined
      requests.set(rows)
    }, requestsMillis)
  }
  const hear = (event: string, data: unknown): void => {
    if (event === 'live') state.set(data as LiveState)
    else if (event === 'steps') steps.add(data as StepsEvent)
    else if (event === 'began') reportRequests(withBegun(rows, data as RequestRow))
    else if (event === 'ended') reportRequests(withEnded(rows, data as OperatorTimeline))
  }

  const readMetrics = async (signal: AbortSignal): Promise<void> => {
    const models = state.get()?.models ?? []
    if (models.length === 0) return
    const { samples } = parseMetricsText(await (await send('/metrics', { signal })).text())
    const at = Date.now()
    for (const { id } of models.slice(0, maxHistories)) historyOf(id).add(readSample(samples, id, at))
    if (!isPaused.get()) historyVersion.set((now) => now + 1)
  }

  const open = (): (() => void) => {
    const stop = new AbortController()
    const { signal } = stop
    let timer: ReturnType<typeof setTimeout> | undefined
    const poll = async (): Promise<void> => {
      await readMetrics(signal).catch(() => undefined)
      // Before the models are known, polling is ten times as fast.
      const pause = state.get() === undefined ? metricsMillis / 10 : metricsMillis
      if (!signal.aborted) timer = setTimeout(poll, pause)
    }
    void poll()
    // One stream, and none in hidden tabs: a browser allows six connections to a server for all its tabs.
    let reading: AbortController | undefined
    const settle = (): void => {
      const isWanted = !document.hidden && !isPaused.get()
      if (isWanted === (reading !== undefined)) return
      reading?.abort()
      reading = isWanted ? new AbortController() : undefined
      if (reading === undefined) return
      reportRequests(withoutOpen(rows))
      void follow('/hadal/live?with=steps,requests', {
        signal: reading.signal,
        onEvent: hear,
        onState: (is) => {
          error.set(is)
          if (is !== undefined) reportRequests(withoutOpen(rows))
        },
      })
    }
    settle()
    document.addEventListener('visibilitychange', settle)
    const unsubscribe = isPaused.subscribe(settle)
    return () => {
      document.removeEventListener('visibilitychange', settle)
      unsubscribe()
      reading?.abort()
      stop.abort()
      clearTimeout(timer)
      clearTimeout(telling)
      telling = undefined
    }
  }

  return { state, error, requests, steps, historyOf, historyVersion, isPaused, open }
}
