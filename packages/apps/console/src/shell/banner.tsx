/** Banner above the page for server and key problems: shown once, and removed when they are resolved. */

import { type ReactNode, useEffect, useState } from 'react'
import { type Access, type Api, access } from '../api/access.ts'
import { askAgain, type Connection, connection } from '../api/connection.ts'
import { Button, Icon } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { useStore } from '../store.ts'
import { pageOf } from './pages.ts'
import { useRoute } from './route.ts'
import { KeyDialog, why } from './sign-in.tsx'
import { shellWords } from './words.ts'

const backMillis = 4000

export function Banner(): ReactNode {
  const say = useMessages(shellWords)
  const now = useStore(connection)
  const isBack = useIsBack(now)
  const client = useStore(access.client)
  const admin = useStore(access.admin)
  const { page } = useRoute()
  const [requested, setRequested] = useState<Api>()
  const refused = refusedApi(pageOf(page)?.needsAdmin ?? false, { client, admin })
  return (
    <div className="shell-banners" role="status">
      {now !== 'up' && (
        <div className={`shell-banner shell-banner-${now === 'down' ? 'bad' : 'warn'}`}>
          {now === 'down' ? <Icon name="warning" /> : <span className="spinner" aria-hidden="true" />}
          <span>{say[now]}</span>
          {now === 'down' && (
            <Button size="small" icon="refresh" onPress={askAgain}>
              {say.askNow}
            </Button>
          )}
        </div>
      )}
      {isBack && (
        <div className="shell-banner shell-banner-good">
          <Icon name="check" />
          <span>{say.back}</span>
        </div>
      )}
      {now !== 'down' && refused !== undefined && (
        <div className="shell-banner shell-banner-warn">
          <Icon name="key" />
          <span>
            {refused.api === 'client' && refused.error.code === 'key_missing'
              ? say.clientTitle
              : `${why(say, refused.api, refused.access, refused.error)} ${refused.error.message}.`}
          </span>
          <Button size="small" onPress={() => setRequested(refused.api)}>
            {say.giveKeys}
          </Button>
        </div>
      )}
      <KeyDialog api={requested} onClose={() => setRequested(undefined)} />
    </div>
  )
}

interface Refused {
  readonly api: Api
  readonly access: Access
  readonly error: Extract<Access, { state: 'refused' }>['error']
}

/** An administrator's page that was never let in asks for the key itself. */
function refusedApi(needsAdmin: boolean, apis: Readonly<Record<Api, Access>>): Refused | undefined {
  const api = needsAdmin ? 'admin' : 'client'
  const now = apis[api]
  if (now.state !== 'refused' || (needsAdmin && !now.wasOpen)) return undefined
  return { api, access: now, error: now.error }
}

/** For some seconds after the server was away. */
function useIsBack(now: Connection): boolean {
  const [wasAway, setWasAway] = useState(false)
  useEffect(() => {
    if (now !== 'up') {
      setWasAway(true)
      return
    }
    const timer = setTimeout(() => setWasAway(false), backMillis)
    return () => clearTimeout(timer)
  }, [now])
  return wasAway && now === 'up'
}
