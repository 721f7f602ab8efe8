/** The form for a key: it is tried first, and replaces another only if the server accepts it. */

import { type ReactNode, useState } from 'react'
import { type Access, type Api, access } from '../api/access.ts'
import type { ApiError } from '../api/api-error.ts'
import { keys } from '../api/keys.ts'
import { forgetKeys, tryKey } from '../api/session.ts'
import { Button, Dialog, Icon, Notice, Segmented, TextField, toast } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { useStore } from '../store.ts'
import { shellWords } from './words.ts'

export interface KeyFormProps {
  readonly api: Api
  readonly onDone?: () => void
}

export function KeyForm({ api, onDone }: KeyFormProps): ReactNode {
  const say = useMessages(shellWords)
  const now = useStore(access[api])
  const [typed, setTyped] = useState('')
  const [isTrying, setTrying] = useState(false)
  const [refusal, setRefusal] = useState<ApiError>()
  const submit = async (): Promise<void> => {
    const key = typed.trim()
    if (key === '') return
    setTrying(true)
    const error = await tryKey(api, key)
    setTrying(false)
    setRefusal(error)
    if (error !== undefined) return
    setTyped('')
    toast({ text: say.wasAccepted, tone: 'good' })
    onDone?.()
  }
  const error = refusal ?? (now.state === 'refused' ? now.error : undefined)
  return (
    <form
      className="shell-key-form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Icon name={api === 'admin' ? 'lock' : 'key'} />
      <h2>{api === 'admin' ? say.adminTitle : now.state === 'refused' ? say.clientTitle : say.apiKey}</h2>
      <p className="soft">{api === 'admin' ? say.adminLead : say.clientLead}</p>
      {error !== undefined && (
        <Notice tone={hasKey(api) || refusal !== undefined ? 'bad' : 'plain'}>
          <strong>{refusal === undefined ? why(say, api, now, error) : whyRefused(say, error)}</strong>
          <span>{`${error.message}.`.replace(/\.\.$/, '.')}</span>
          {error.help !== undefined && <span className="soft">{error.help}</span>}
          <code>{error.code}</code>
        </Notice>
      )}
      <TextField
        label={api === 'admin' ? say.adminKey : say.apiKey}
        type="password"
        value={typed}
        onChange={setTyped}
        hint={say.keyHint}
        autoComplete="off"
        isCode
        isFirst
      />
      <Button kind="primary" submits isBusy={isTrying} isDisabled={typed.trim() === ''}>
        {say.useKey}
      </Button>
    </form>
  )
}

type Said = ReturnType<typeof useMessages<(typeof shellWords)['en']>>

const hasKey = (api: Api): boolean => {
  const { adminKey, apiKey } = keys.get()
  return api === 'admin' ? adminKey !== '' : apiKey !== '' || adminKey !== ''
}

/** In one sentence what the server has against the key that is in use. */
export function why(say: Said, api: Api, now: Access, error: ApiError): string {
  if (!hasKey(api)) return say.noKeyYet
  if (error.code === 'key_expired') return say.keyIsOver
  return now.state === 'refused' && now.wasOpen ? say.noLonger : say.notAccepted
}

const whyRefused = (say: Said, error: ApiError): string =>
  error.code === 'key_expired' ? say.keyIsOver : error.needsKey ? say.notAccepted : ''

export interface KeyDialogProps {
  /** Undefined: closed. */
  readonly api: Api | undefined
  readonly onClose: () => void
}

export function KeyDialog({ api, onClose }: KeyDialogProps): ReactNode {
  const say = useMessages(shellWords)
  const { apiKey, adminKey } = useStore(keys)
  const [chosen, setChosen] = useState<Api>()
  const shown = chosen ?? api
  const kept = shown === 'admin' ? adminKey : apiKey
  const close = (): void => {
    setChosen(undefined)
    onClose()
  }
  return (
    <Dialog
      title={say.keysOfTab}
      isOpen={api !== undefined}
      onClose={close}
      actions={
        (apiKey !== '' || adminKey !== '') && (
          <Button
            kind="danger"
            onPress={() => {
              forgetKeys()
              close()
            }}
          >
            {say.forgetKeys}
          </Button>
        )
      }
    >
      {shown !== undefined && (
        <>
          <Segmented
            label={say.keysOfTab}
            value={shown}
            options={[
              { value: 'client', label: say.apiKey, icon: 'key' },
              { value: 'admin', label: say.adminKey, icon: 'lock' },
            ]}
            onChange={setChosen}
          />
          <KeyForm key={shown} api={shown} onDone={close} />
          {kept !== '' && <p className="soft small">{say.keyInUse}</p>}
        </>
      )}
    </Dialog>
  )
}
