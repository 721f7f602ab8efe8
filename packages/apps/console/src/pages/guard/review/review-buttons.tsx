/** Marks a text as attack or benign; a missed attack can then be learned. */

import type {
  GuardAction,
  GuardFacts,
  GuardReview,
  GuardReviewGiven,
  GuardRole,
  GuardVerdictRecord,
} from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { getJson } from '../../../api/request.ts'
import { useAction } from '../../../api/use-action.ts'
import { Button, ErrorState, Notice, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { stops } from '../verdict-words.tsx'
import { Teach } from './teach.tsx'

export interface ReviewButtonsProps {
  /** Absent if the audit kept no text; the user may paste it. */
  readonly text?: string
  readonly record?: GuardVerdictRecord
  readonly role: GuardRole
  readonly action: GuardAction
  readonly facts: GuardFacts
  readonly onChange?: () => void
}

export function ReviewButtons(props: ReviewButtonsProps): ReactNode {
  const { text, record, role, action, facts, onChange } = props
  const say = useMessages(guardWords)
  const [pasted, setPasted] = useState('')
  const [kept, setKept] = useState<GuardReview>()
  const given = text ?? (pasted === '' ? undefined : pasted)
  const reviewing = useAction(async (isAttack: boolean) => {
    const body: GuardReviewGiven = {
      isAttack,
      role,
      ...(given !== undefined && { text: given }),
      ...(record !== undefined && { record: record.id }),
    }
    setKept(await getJson<GuardReview>('/hadal/guard/reviews', { body }))
    onChange?.()
  })
  const teaches = kept?.isAttack === true && kept.text !== undefined
  return (
    <div className="stack">
      {record !== undefined && text === undefined && (
        <TextField label={say.pasteText} hint={say.noExcerpt} rows={3} value={pasted} onChange={setPasted} />
      )}
      <div className="row">
        <Button
          icon="warning"
          isBusy={reviewing.isBusy}
          isPressed={kept?.isAttack === true}
          onPress={() => void reviewing.run(true)}
        >
          {say.isAttack}
        </Button>
        <Button
          icon="check"
          isBusy={reviewing.isBusy}
          isPressed={kept?.isAttack === false}
          onPress={() => void reviewing.run(false)}
        >
          {say.isBenign}
        </Button>
      </div>
      {reviewing.error !== undefined && <ErrorState error={reviewing.error} />}
      {kept !== undefined && (
        <Notice tone={kept.isAttack === stops(action) ? 'good' : 'warn'}>
          {kept.isAttack === stops(action) ? say.wasRight : say.wasWrong}. {say.reviewed}
        </Notice>
      )}
      {teaches && (
        <Teach text={kept.text!} role={role} facts={facts} {...(onChange !== undefined && { onChange })} />
      )}
    </div>
  )
}
