/** A dialog that creates or edits a key; sends only changed fields. */

import type { MadeKey, ServiceKey } from '@hadal/protocol'
import { type ReactNode, useEffect, useState } from 'react'
import { getJson } from '../../api/request.ts'
import { useAction } from '../../api/use-action.ts'
import { Button, Dialog, ErrorState, NumberField, Select, TextField, toast } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { changesOf, draftOf, type LimitDraft } from './key-limits.ts'
import { keysWords } from './keys-words.ts'

export interface KeyFormProps {
  readonly currency: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Absent: a new one is made. */
  readonly held?: ServiceKey
  readonly onMade?: (made: MadeKey) => void
  readonly onChanged?: () => void
}

export function KeyForm(props: KeyFormProps): ReactNode {
  const { currency, isOpen, onClose, held, onMade, onChanged } = props
  const say = useMessages(keysWords)
  const [name, setName] = useState('')
  const [draft, setDraft] = useState(draftOf)
  const [isTried, setTried] = useState(false)
  const was = draftOf(held)
  const changes = changesOf(draft, was)
  const isNameMissing = held === undefined && name.trim() === ''
  const isBudgetMissing = draft.budgetUnit !== 'none' && draft.budget === undefined
  const saving = useAction(async () => {
    if (held === undefined) onMade?.(await getJson<MadeKey>('/hadal/keys', { body: { name, ...changes } }))
    else {
      await getJson(`/hadal/keys/${encodeURIComponent(held.id)}`, { method: 'PATCH', body: changes })
      toast({ text: say.saved(held.name), tone: 'good' })
      onChanged?.()
    }
  })
  const { forget } = saving
  // biome-ignore lint/correctness/useExhaustiveDependencies: each opening begins anew
  useEffect(() => {
    if (!isOpen) return
    setName('')
    setDraft(draftOf(held))
    setTried(false)
    forget()
  }, [isOpen])
  const save = (): void => {
    setTried(true)
    if (!isNameMissing && !isBudgetMissing) void saving.run()
  }
  const hasNothing = held !== undefined && Object.keys(changes).length === 0
  return (
    <Dialog
      title={held === undefined ? say.createTitle : say.editTitle(held.name)}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{say.cancel}</Button>
          <Button kind="primary" isBusy={saving.isBusy} isDisabled={hasNothing} onPress={save}>
            {held === undefined ? say.createAction : say.save}
          </Button>
        </>
      }
    >
      <div className="stack">
        {saving.error !== undefined && <ErrorState error={saving.error} />}
        {held === undefined && (
          <TextField
            label={say.name}
            hint={say.nameHint}
            error={isTried && isNameMissing ? say.nameNeeded : undefined}
            value={name}
            maxLength={200}
            onChange={setName}
            onEnter={save}
          />
        )}
        <p className="soft small">{say.limitsHint}</p>
        <LimitFields
          draft={draft}
          currency={currency}
          budgetError={isTried && isBudgetMissing ? say.budgetNeeded : undefined}
          onChange={(next) => setDraft({ ...draft, ...next })}
        />
      </div>
    </Dialog>
  )
}

interface LimitFieldsProps {
  readonly draft: LimitDraft
  readonly currency: string
  readonly budgetError: string | undefined
  readonly onChange: (next: Partial<LimitDraft>) => void
}

function LimitFields({ draft, currency, budgetError, onChange }: LimitFieldsProps): ReactNode {
  const say = useMessages(keysWords)
  const isMoney = draft.budgetUnit === 'money'
  return (
    <div className="fields">
      <NumberField
        label={say.requestsPerMinute}
        value={draft.requestsPerMinute}
        min={1}
        step={1}
        placeholder={say.any}
        onChange={(requestsPerMinute) => onChange({ requestsPerMinute })}
      />
      <NumberField
        label={say.tokensPerMinute}
        hint={say.tokensHint}
        value={draft.tokensPerMinute}
        min={1}
        step={1}
        placeholder={say.any}
        onChange={(tokensPerMinute) => onChange({ tokensPerMinute })}
      />
      <NumberField
        label={say.maxConcurrent}
        value={draft.maxConcurrent}
        min={1}
        step={1}
        placeholder={say.any}
        onChange={(maxConcurrent) => onChange({ maxConcurrent })}
      />
      <Select
        label={say.budgetKind}
        hint={say.budgetHint}
        value={draft.budgetUnit}
        options={[
          { value: 'none', label: say.budgetNone },
          { value: 'tokens', label: say.budgetTokens },
          { value: 'money', label: say.budgetMoney(currency) },
        ]}
        onChange={(budgetUnit) => onChange({ budgetUnit, budget: undefined })}
      />
      {draft.budgetUnit !== 'none' && (
        <NumberField
          label={say.budgetAmount}
          error={budgetError}
          value={draft.budget}
          min={0}
          step={isMoney ? 0.01 : 1}
          unit={isMoney ? currency : say.tokenUnit}
          onChange={(budget) => onChange({ budget })}
        />
      )}
      <TextField
        label={say.models}
        hint={say.modelsHint}
        value={draft.models}
        isCode
        onChange={(models) => onChange({ models })}
      />
      <TextField
        label={say.expires}
        hint={say.expiresHint}
        type="date"
        value={draft.expires}
        onChange={(expires) => onChange({ expires })}
      />
      <NumberField
        label={say.priority}
        hint={say.priorityHint}
        value={draft.priority}
        step={1}
        placeholder="0"
        onChange={(priority) => onChange({ priority })}
      />
      <NumberField
        label={say.weight}
        hint={say.weightHint}
        value={draft.weight}
        min={0.001}
        max={1000}
        step={0.001}
        placeholder="1"
        onChange={(weight) => onChange({ weight })}
      />
    </div>
  )
}
