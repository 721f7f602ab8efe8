/** The request of a column as code, in the language one likes. */

import { type ReactNode, useState } from 'react'
import { CodeBlock, Dialog, Notice, Switch, Tabs } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import type { Column } from '../conversation.ts'
import { bodyOf } from '../session.ts'
import { words } from '../words.ts'
import { type CodeLanguage, copiedCode } from './copied-code.ts'

export interface CodeDialogProps {
  readonly column: Column
  /** Draft text in the composer. */
  readonly unsent: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function CodeDialog({ column, unsent, isOpen, onClose }: CodeDialogProps): ReactNode {
  const say = useMessages(words)
  const [language, setLanguage] = useState<CodeLanguage>('curl')
  const [isStreamed, setStreamed] = useState(false)
  const { body, issue } = bodyOf(column, unsent)
  const issueWord = issue && say[`fault_${issue.place}`]
  return (
    <Dialog title={say.codeWhat} isOpen={isOpen} onClose={onClose} place="side">
      <div className="pg-form">
        <Tabs
          label={say.codeWhat}
          value={language}
          tabs={[
            { value: 'curl', label: 'curl' },
            { value: 'typescript', label: 'TypeScript' },
            { value: 'python', label: 'Python' },
          ]}
          onChange={setLanguage}
        />
        <div role="tabpanel" aria-label={language} className="pg-form">
          <Switch label={say.streamed} isOn={isStreamed} onChange={setStreamed} />
          {body === undefined ? (
            <Notice tone="warn">
              {typeof issueWord === 'function' ? issueWord(issue?.detail ?? '') : issueWord}
            </Notice>
          ) : (
            <CodeBlock
              language={language === 'curl' ? 'sh' : language}
              label={say.codeWhat}
              code={copiedCode(language, { origin: location.origin, body, isStreamed })}
            />
          )}
          <p className="pg-hint">{say.codeNote}</p>
        </div>
      </div>
    </Dialog>
  )
}
