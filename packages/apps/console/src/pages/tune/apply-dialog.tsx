/** Writing settings into the config file: what changes is shown before, and what comes of it said after. */

import type { TuneApplied, TuneKnobs, TuneStatus } from '@hadal/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../../api/api-error.ts'
import { getJson } from '../../api/request.ts'
import { Button, CodeBlock, Dialog, ErrorState, Facts, Skeleton, toast } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { knobNames } from './knob-text.ts'
import { tuneWords } from './tune-words.ts'

export interface ApplyDialogProps {
  /** Undefined: closed. */
  readonly knobs: TuneKnobs | undefined
  readonly status: TuneStatus | undefined
  readonly onClose: () => void
  readonly onWritten: () => void
}

export function ApplyDialog({ knobs, status, onClose, onWritten }: ApplyDialogProps): ReactNode {
  const say = useMessages(tuneWords)
  const [preview, setPreview] = useState<TuneApplied>()
  const [error, setError] = useState<ApiError>()
  const [isWriting, setWriting] = useState(false)
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a further round asks again
  useEffect(() => {
    setPreview(undefined)
    setError(undefined)
    if (knobs === undefined) return
    const stop = new AbortController()
    getJson<TuneApplied>('/hadal/tune/apply', { body: { knobs, dryRun: true }, signal: stop.signal }).then(
      setPreview,
      (thrown: unknown) => stop.signal.aborted || setError(asApiError(thrown)),
    )
    return () => stop.abort()
  }, [knobs, round])
  const write = async (): Promise<void> => {
    setWriting(true)
    setError(undefined)
    try {
      const { file } = await getJson<TuneApplied>('/hadal/tune/apply', {
        body: { knobs, revision: preview?.revision },
      })
      toast({ text: say.written(file), tone: 'good' })
      onWritten()
      onClose()
    } catch (thrown) {
      setError(asApiError(thrown))
    } finally {
      setWriting(false)
    }
  }
  const lines = preview?.hunks.flatMap((hunk) => hunk.lines) ?? []
  return (
    <Dialog
      title={say.applyTitle}
      isOpen={knobs !== undefined}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{say.close}</Button>
          <Button
            kind="primary"
            isBusy={isWriting}
            isDisabled={preview === undefined || lines.length === 0}
            onPress={() => void write()}
          >
            {say.write}
          </Button>
        </>
      }
    >
      <div className="stack">
        {error !== undefined && <ErrorState error={error} onRetry={() => setRound(round + 1)} />}
        {error?.code === 'config_unwritable' && knobs !== undefined && (
          <CodeBlock code={configLines(knobs)} language="ts" />
        )}
        {preview === undefined && error === undefined && <Skeleton lines={5} />}
        {preview !== undefined && (
          <>
            <p>{preview.isNew ? say.applyNew(preview.file) : say.applyTo(preview.file)}</p>
            {lines.length === 0 ? (
              <p className="soft">{say.nothingToWrite}</p>
            ) : (
              <pre className="tune-diff">
                {lines.map(({ kind, text }, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines of one answer
                  <span key={index} className={`tune-${kind}`}>
                    {`${kind === 'added' ? '+' : '-'} ${text}\n`}
                  </span>
                ))}
              </pre>
            )}
            <Facts facts={consequences(preview, status?.config.isWatched === true, say)} />
          </>
        )}
      </div>
    </Dialog>
  )
}

/** As a config file has them. */
const configLines = (knobs: TuneKnobs): string =>
  knobNames
    .map((name) => `${name}: ${typeof knobs[name] === 'string' ? `'${knobs[name]}'` : knobs[name]},`)
    .join('\n')

type Say = typeof tuneWords.en | typeof tuneWords.zh

function consequences(
  { live, restart, overridden }: TuneApplied,
  isWatched: boolean,
  say: Say,
): { label: string; value: ReactNode }[] {
  const names = (settings: readonly (keyof TuneKnobs)[]): string =>
    settings.map((name) => say[name]).join(', ')
  return [
    ...(live.length > 0
      ? [
          {
            label: isWatched ? say.liveWatched : say.live,
            value: isWatched ? names(live) : say.liveSighup(names(live)),
          },
        ]
      : []),
    ...(restart.length > 0 ? [{ label: say.restart, value: names(restart) }] : []),
    ...(overridden.length > 0
      ? [
          {
            label: say.overridden,
            value: overridden.map(({ setting, by }) => say.overriddenBy(say[setting], by)).join('; '),
          },
        ]
      : []),
  ]
}

function asApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown))
}
