/** One key: details, limits and usage this month; edit and revoke. */

import type { KeyList, ServiceKey, ServiceKeyWithUsage, UsageReport } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { getJson } from '../../api/request.ts'
import { useAction } from '../../api/use-action.ts'
import { usePolled } from '../../api/use-polled.ts'
import {
  Button,
  ButtonLink,
  Confirm,
  Dialog,
  ErrorState,
  Facts,
  formatCount,
  formatTime,
  toast,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { hrefOf } from '../../shell/route.ts'
import { BudgetMeter } from './budget-meter.tsx'
import { KeyForm } from './key-form.tsx'
import { stateOf } from './key-limits.ts'
import { keysWords } from './keys-words.ts'
import { LimitBadges } from './limit-badges.tsx'
import { formatMoney } from './money.ts'
import { StateBadge } from './state-badge.tsx'
import { UsageTable } from './usage-table.tsx'

export interface KeyDialogProps {
  readonly held: ServiceKeyWithUsage
  readonly list: KeyList
  readonly onClose: () => void
  readonly onChange: () => void
}

export function KeyDialog({ held, list, onClose, onChange }: KeyDialogProps): ReactNode {
  const say = useMessages(keysWords)
  const [isEditing, setEditing] = useState(false)
  const [isRevoking, setRevoking] = useState(false)
  const { id, name, prefix, createdAt, used } = held
  const { currency, now } = list
  const state = stateOf(held, now)
  const { data, error } = usePolled<UsageReport>(
    `/hadal/usage?by=model&month=${list.month}&key=${encodeURIComponent(id)}`,
  )
  const revoking = useAction(async () => {
    await getJson<ServiceKey>(`/hadal/keys/${encodeURIComponent(id)}`, { method: 'DELETE' })
    setRevoking(false)
    toast({ text: say.revokeDone(name), tone: 'good' })
    onChange()
  })
  return (
    // Siblings: an event that closes an inner dialog would also close the outer one.
    <>
      <Dialog
        title={name}
        isOpen
        onClose={onClose}
        place="side"
        actions={
          <>
            <ButtonLink href={hrefOf('keys', ['usage'], { key: id })}>{say.details}</ButtonLink>
            {state !== 'revoked' && (
              <>
                <Button icon="edit" onPress={() => setEditing(true)}>
                  {say.edit}
                </Button>
                <Button kind="danger" onPress={() => setRevoking(true)}>
                  {say.revoke}
                </Button>
              </>
            )}
          </>
        }
      >
        <div className="stack">
          <Facts
            facts={[
              { label: say.status, value: <StateBadge state={state} /> },
              { label: say.id, value: <code>{id}</code> },
              { label: say.starts, value: <code>{prefix}</code> },
              { label: say.made, value: formatTime(createdAt) },
              { label: say.may, value: <LimitBadges limits={held} currency={currency} /> },
              { label: say.requests, value: formatCount(used.requests) },
              { label: say.tokens, value: formatCount(used.tokens) },
              { label: say.cost, value: formatMoney(used.costMicros, currency) },
            ]}
          />
          {held.budget != null && <BudgetMeter limits={held} used={used} currency={currency} hasWords />}
          <h3>
            {say.byModel}, {list.month}
          </h3>
          {error !== undefined && <ErrorState error={error} />}
          {data !== undefined && (
            <UsageTable
              label={say.byModel}
              head={say.model}
              rows={data.usage}
              currency={currency}
              month={data.month}
            />
          )}
        </div>
      </Dialog>
      <KeyForm
        currency={currency}
        held={held}
        isOpen={isEditing}
        onClose={() => setEditing(false)}
        onChanged={() => {
          setEditing(false)
          onChange()
        }}
      />
      <Confirm
        title={say.revokeTitle(name)}
        isOpen={isRevoking}
        onClose={() => setRevoking(false)}
        action={say.revoke}
        isBusy={revoking.isBusy}
        onConfirm={() => void revoking.run()}
      >
        {revoking.error !== undefined && <ErrorState error={revoking.error} />}
        <p>{say.revokeWhy}</p>
      </Confirm>
    </>
  )
}
