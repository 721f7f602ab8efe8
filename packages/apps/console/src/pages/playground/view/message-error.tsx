/** Why a response failed or is incomplete: the server's message, and when to retry. */

import { type ReactNode, useEffect, useState } from 'react'
import { Button, Notice } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { MessageError } from '../conversation.ts'
import { words } from '../words.ts'

export interface MessageErrorProps {
  readonly error: MessageError
  readonly onAgain: () => void
  /** Where something came that one can go on with. */
  readonly onGoOn: (() => void) | undefined
}

export function MessageErrorNotice({ error, onAgain, onGoOn }: MessageErrorProps): ReactNode {
  const say = useMessages(words)
  const left = useSecondsUntil(error.retryAt)
  const own: Readonly<Record<string, string>> = { stream_cut: say.cut, unreachable: say.unreachable }
  return (
    <Notice
      tone="bad"
      action={
        <span className="row">
          {onGoOn !== undefined && (
            <Button size="small" icon="play" onPress={onGoOn}>
              {say.goOn}
            </Button>
          )}
          <Button size="small" icon="refresh" onPress={onAgain}>
            {say.again}
          </Button>
        </span>
      }
    >
      <p>{own[error.code] ?? error.message}</p>
      {error.help !== undefined && <p>{error.help}</p>}
      {left > 0 && <p>{say.retryIn(left)}</p>}
      <code>{error.code}</code>
    </Notice>
  )
}

/** Whole seconds, counted down. */
function useSecondsUntil(moment: number | undefined): number {
  const [seconds, setSeconds] = useState(() => secondsUntil(moment))
  useEffect(() => {
    setSeconds(secondsUntil(moment))
    if (moment === undefined) return
    const timer = setInterval(() => {
      const left = secondsUntil(moment)
      setSeconds(left)
      if (left === 0) clearInterval(timer)
    }, 1000)
    return () => clearInterval(timer)
  }, [moment])
  return seconds
}

const secondsUntil = (moment: number | undefined): number =>
  moment === undefined ? 0 : Math.max(0, Math.ceil((moment - Date.now()) / 1000))
