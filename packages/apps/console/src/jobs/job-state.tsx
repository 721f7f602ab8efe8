/** State of a job: status, duration, and error. */

import type { JobSummary, JobState as State } from '@hadal/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { Badge, ErrorState, formatMillis } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { jobWords } from './job-words.ts'

const tones = { running: 'accent', done: 'good', failed: 'bad', cancelled: 'plain' } as const

export function JobBadge({ state }: { readonly state: State }): ReactNode {
  const say = useMessages(jobWords)
  return <Badge tone={tones[state]}>{say[state]}</Badge>
}

export function JobTime({ job }: { readonly job: JobSummary }): ReactNode {
  const say = useMessages(jobWords)
  const isRunning = job.endedAt === undefined
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isRunning])
  const millis = Math.max(0, (job.endedAt ?? now) - job.startedAt)
  const whole = isRunning ? Math.round(millis / 1000) * 1000 : millis
  return <span className="soft number">{(isRunning ? say.since : say.took)(formatMillis(whole))}</span>
}

/** In the command's own words. */
export function JobError({ job }: { readonly job: JobSummary }): ReactNode {
  if (job.error === undefined) return null
  const { code, message, help } = job.error
  return <ErrorState error={new ApiError(500, code, message, help)} />
}
