/** Jobs of one kind and the followed one, by default the newest. Keeps its state and reconnects if the server is unreachable. */

import type { JobDetail, JobEvent, JobKind, JobList, JobSummary } from '@hadal/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { events } from '../api/events.ts'
import { getJson, send } from '../api/request.ts'
import { usePolled } from '../api/use-polled.ts'

export interface FollowedJob {
  readonly summary: JobSummary
  readonly lines: readonly string[]
  readonly progress: readonly unknown[]
  readonly result: unknown
}

export interface UsedJobs {
  /** Newest first. Undefined while unknown. */
  readonly jobs: readonly JobSummary[] | undefined
  /** Whether this server runs such jobs; undefined while unknown. */
  readonly isAvailable: boolean | undefined
  readonly job: FollowedJob | undefined
  /** Error of the last request about jobs. */
  readonly error: ApiError | undefined
  /** Why the last start or end failed. */
  readonly actionError: ApiError | undefined
  readonly isStarting: boolean
  readonly isCancelling: boolean
  readonly start: (options: object) => Promise<JobSummary | undefined>
  readonly cancel: () => Promise<void>
  readonly refresh: () => void
}

const pollMillis = 5000
/** Lines come by the hundred: they are drawn so often. */
const drawMillis = 150
const maxLines = 2000
const maxProgress = 5000
const retryMillis = [500, 1000, 2000, 5000]

export function useJob(kind: JobKind, id?: string): UsedJobs {
  const { data, error, refresh } = usePolled<JobList>('/hadal/jobs', pollMillis)
  const [started, setStarted] = useState<JobSummary>()
  const [actionError, setActionError] = useState<ApiError>()
  const [isStarting, setStarting] = useState(false)
  const [isCancelling, setCancelling] = useState(false)

  const listed = data?.jobs.filter((job) => job.kind === kind)
  // Until the list has it, too.
  const isListed = listed?.some((job) => job.id === started?.id) === true
  useEffect(() => {
    if (isListed) setStarted(undefined)
  }, [isListed])
  const jobs = started === undefined || isListed ? listed : [started, ...(listed ?? [])]
  const followed = id ?? jobs?.[0]?.id
  const job = useFollowed(followed, refresh)

  const start = useCallback(
    async (options: object): Promise<JobSummary | undefined> => {
      setActionError(undefined)
      setStarting(true)
      try {
        const made = await getJson<JobSummary>('/hadal/jobs', { body: { kind, options } })
        setStarted(made)
        refresh()
        return made
      } catch (thrown) {
        setActionError(asApiError(thrown))
        return undefined
      } finally {
        setStarting(false)
      }
    },
    [kind, refresh],
  )
  const cancel = useCallback(async (): Promise<void> => {
    if (followed === undefined) return
    setActionError(undefined)
    setCancelling(true)
    try {
      await send(`/hadal/jobs/${encodeURIComponent(followed)}`, { method: 'DELETE' })
      refresh()
    } catch (thrown) {
      setActionError(asApiError(thrown))
    } finally {
      setCancelling(false)
    }
  }, [followed, refresh])

  return {
    jobs,
    isAvailable: data?.kinds.includes(kind),
    job,
    error,
    actionError,
    isStarting,
    isCancelling,
    start,
    cancel,
    refresh,
  }
}

/** One job, from its stream of events; it begins anew where that breaks. */
function useFollowed(id: string | undefined, onEnd: () => void): FollowedJob | undefined {
  const [job, setJob] = useState<FollowedJob>()
  const ended = useRef(onEnd)
  ended.current = onEnd
  useEffect(() => {
    if (id === undefined) return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const follow = async (attempt: number): Promise<void> => {
      try {
        if (await readJob(id, stop.signal, setJob)) ended.current()
        return
      } catch (thrown) {
        if (stop.signal.aborted) return
        // The server has forgotten it, or was started again: it runs no more.
        if (asApiError(thrown).status === 404) {
          setJob(undefined)
          ended.current()
          return
        }
        const wait = retryMillis[Math.min(attempt, retryMillis.length - 1)]
        timer = setTimeout(() => void follow(attempt + 1), wait)
      }
    }
    void follow(0)
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [id])
  return job?.summary.id === id ? job : undefined
}

/** Follows a job until its end. Returns whether the job was still running at first. */
async function readJob(
  id: string,
  signal: AbortSignal,
  onChange: (job: FollowedJob) => void,
): Promise<boolean> {
  const path = `/hadal/jobs/${encodeURIComponent(id)}`
  const first = await getJson<JobDetail>(path, { signal })
  onChange(followedOf(first))
  if (first.state !== 'running') return false
  let lines: string[] = []
  let progress: unknown[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const draw = (): void => {
    timer = undefined
    lines = lines.slice(-maxLines)
    progress = progress.slice(-maxProgress)
    onChange({ summary: first, lines, progress, result: undefined })
  }
  try {
    for await (const { event, data } of events(path, { signal })) {
      const reported = { type: event, ...JSON.parse(data) } as JobEvent
      if (reported.type === 'ended') {
        clearTimeout(timer)
        onChange(followedOf(reported.job))
        return true
      }
      if (reported.type === 'line') lines.push(reported.text)
      else if (reported.type === 'progress') progress.push(reported.value)
      timer ??= setTimeout(draw, drawMillis)
    }
  } finally {
    clearTimeout(timer)
  }
  throw new ApiError(0, 'unreachable', 'The connection to the server was lost.')
}

function followedOf({ lines, progress, result, ...summary }: JobDetail): FollowedJob {
  return { summary, lines, progress, result }
}

function asApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
}
