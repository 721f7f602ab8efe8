/** A new key's secret, shown once. Not stored in the page, and gone when the dialog closes. */

import type { MadeKey } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Button, CodeBlock, CopyButton, Dialog, Notice } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { keysWords } from './keys-words.ts'

export interface MadeKeyDialogProps {
  readonly made: MadeKey
  readonly onClose: () => void
}

export function MadeKeyDialog({ made: { key, secret }, onClose }: MadeKeyDialogProps): ReactNode {
  const say = useMessages(keysWords)
  const use = `curl ${location.origin}/v1/models -H "Authorization: Bearer $HADAL_API_KEY"`
  return (
    <Dialog
      title={say.madeTitle}
      isOpen
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {say.done}
        </Button>
      }
    >
      <div className="stack">
        <p>
          <strong>{key.name}</strong> <code className="faint">{key.id}</code>
        </p>
        <Notice tone="warn">{say.madeOnce}</Notice>
        <div className="keys-secret">
          <span>
            <span className="visually-hidden">{say.secret}: </span>
            <code>{secret}</code>
          </span>
          <CopyButton text={secret} label={say.copy} />
        </div>
        <CodeBlock code={use} language="sh" label={say.useIt} isWrapped />
      </div>
    </Dialog>
  )
}
