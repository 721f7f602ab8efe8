/** `hadal guard learn` for one text: verdict before, result, and verdict after. */

import type { GuardAction, GuardCheckAnswer, GuardFacts, GuardRole } from '@hadal/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { getJson } from '../../../api/request.ts'
import { Button, CodeBlock, ErrorState, Facts, Notice } from '../../../design/index.ts'
import { JobError } from '../../../jobs/job-state.tsx'
import { useJob } from '../../../jobs/use-job.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { ActionBadge, stops } from '../verdict-words.tsx'

export interface TeachProps {
  readonly text: string
  readonly role: GuardRole
  readonly facts: GuardFacts
  /** Something was learnt. */
  readonly onChange?: () => void
}

const config = `guard: {
  files: { attacks: 'guard-attacks.jsonl' },
},`

export function Teach(props: TeachProps): ReactNode {
  const say = useMessages(guardWords)
  if (props.facts.learnsInto === undefined)
    return (
      <>
        <p className="soft">{say.teachNowhere}</p>
        <CodeBlock code={config} language="ts" label="hadal.config.ts" />
      </>
    )
  return <TeachHere {...props} />
}

interface Outcome {
  readonly outcome: 'learned' | 'known'
  readonly id: string
}

function TeachHere({ text, role, onChange }: TeachProps): ReactNode {
  const say = useMessages(guardWords)
  const [jobId, setJobId] = useState<string>()
  const { job, start, isStarting, actionError } = useJob('guard-learn', jobId)
  const mine = jobId === undefined || job?.summary.id !== jobId ? undefined : job
  const isDone = mine?.summary.state === 'done'
  const outcome = isDone ? (mine.result as Outcome | undefined) : undefined
  const [before, setBefore] = useState<GuardAction>()
  const [after, setAfter] = useState<GuardAction>()
  const [error, setError] = useState<ApiError>()

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is done
  useEffect(() => {
    if (!isDone) return
    onChange?.()
    const stop = new AbortController()
    void follow(text, role, stop.signal, setAfter).catch((thrown: unknown) => {
      if (!stop.signal.aborted) setError(asApiError(thrown))
    })
    return () => stop.abort()
  }, [isDone])

  const teach = async (): Promise<void> => {
    setError(undefined)
    setAfter(undefined)
    try {
      setBefore((await check(text, role)).action)
      setJobId((await start({ text }))?.id)
    } catch (thrown) {
      setError(asApiError(thrown))
    }
  }
  const isRunning = isStarting || mine?.summary.state === 'running'
  return (
    <div className="stack">
      <p className="soft">{say.teachWhy}</p>
      <div className="row">
        <Button kind="primary" icon="plus" isBusy={isRunning} onPress={() => void teach()}>
          {isRunning ? say.teaching : say.teach}
        </Button>
      </div>
      {error !== undefined && <ErrorState error={error} />}
      {actionError !== undefined && <ErrorState error={actionError} />}
      {mine !== undefined && <JobError job={mine.summary} />}
      {outcome !== undefined && (
        <Notice tone="good">{(outcome.outcome === 'learned' ? say.learnt : say.known)(outcome.id)}</Notice>
      )}
      {before !== undefined && isDone && (
        <Facts
          facts={[
            { label: say.before, value: <ActionBadge action={before} /> },
            {
              label: say.after,
              value: after === undefined ? say.waitsForGuard : <ActionBadge action={after} />,
            },
          ]}
        />
      )}
    </div>
  )
}

const check = (text: string, role: GuardRole, signal?: AbortSignal): Promise<GuardCheckAnswer> =>
  getJson('/hadal/guard/check', { body: { text, role }, ...(signal !== undefined && { signal }) })

/** A running guard looks at its file each second or so. */
const tries = 12
const pauseMillis = 700

async function follow(
  text: string,
  role: GuardRole,
  signal: AbortSignal,
  say: (action: GuardAction) => void,
): Promise<void> {
  for (let left = tries; left > 0; left -= 1) {
    const { action } = await check(text, role, signal)
    if (stops(action) || left === 1) return say(action)
    await new Promise((resolve) => setTimeout(resolve, pauseMillis))
    signal.throwIfAborted()
  }
}

const asApiError = (thrown: unknown): ApiError =>
  thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
