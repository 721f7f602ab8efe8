/** Callers that the guard has locked out for trying again and again, and the end of that. */

import type { GuardFacts } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { getJson } from '../../../api/request.ts'
import { useAction } from '../../../api/use-action.ts'
import { usePolled } from '../../../api/use-polled.ts'
import { Button, Card, ErrorState, formatMillis, Table, toast } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'

interface Locked {
  readonly caller: string
  readonly seconds: number
}

export function LockedCallers({ facts }: { readonly facts: GuardFacts }): ReactNode {
  const say = useMessages(guardWords)
  const { data, error, refresh } = usePolled<{ locked: readonly Locked[] }>(
    facts.locksOut ? '/hadal/guard/locked' : undefined,
    5000,
  )
  const unlocking = useAction(async (caller: string) => {
    await getJson('/hadal/guard/unlock', { body: { caller } })
    toast({ text: say.unlocked(caller), tone: 'good' })
    refresh()
  })
  const locked = data?.locked ?? []
  return (
    <Card title={say.locked} lead={say.lockedLead}>
      <div className="stack">
        {unlocking.error !== undefined && <ErrorState error={unlocking.error} />}
        {error !== undefined && data === undefined && <ErrorState error={error} onRetry={refresh} />}
        {!facts.locksOut && <p className="soft">{say.lockedOff}</p>}
        {facts.locksOut && data !== undefined && locked.length === 0 && (
          <p className="soft">{say.lockedNone}</p>
        )}
        {locked.length > 0 && (
          <Table
            label={say.locked}
            rows={locked}
            keyOf={({ caller }) => caller}
            columns={[
              { key: 'caller', label: say.caller, render: ({ caller }) => <code>{caller}</code> },
              {
                key: 'for',
                label: say.time,
                isNumber: true,
                render: ({ seconds }) => say.forTime(formatMillis(1000 * seconds)),
              },
              {
                key: 'unlock',
                label: say.unlock,
                render: ({ caller }) => (
                  <Button size="small" isBusy={unlocking.isBusy} onPress={() => void unlocking.run(caller)}>
                    {say.unlock}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </div>
    </Card>
  )
}
