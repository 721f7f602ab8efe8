/** The list of keys with search and creation; each row shows limits and usage. */

import type { KeyList, MadeKey, ServiceKeyWithUsage } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { Button, type Column, EmptyState, formatCount, Switch, Table, TextField } from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { BudgetMeter } from './budget-meter.tsx'
import { KeyDialog } from './key-dialog.tsx'
import { KeyForm } from './key-form.tsx'
import { budgetUse, stateOf } from './key-limits.ts'
import { keysWords } from './keys-words.ts'
import { LimitBadges } from './limit-badges.tsx'
import { MadeKeyDialog } from './made-key-dialog.tsx'
import { formatMoney } from './money.ts'
import { StateBadge } from './state-badge.tsx'

export interface KeyListProps {
  readonly list: KeyList
  /** Requests the list again. */
  readonly onChange: () => void
}

export function KeyListView({ list, onChange }: KeyListProps): ReactNode {
  const say = useMessages(keysWords)
  const { rest } = useRoute()
  const [search, setSearch] = useState('')
  const [isAll, setAll] = useState(false)
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<MadeKey>()
  const { keys, currency, now } = list
  const opened = rest[0] === 'key' ? keys.find(({ id }) => id === rest[1]) : undefined
  const requested = search.trim().toLowerCase()
  const shown = keys.filter(
    (key) =>
      (isAll || stateOf(key, now) === 'active') &&
      [key.name, key.id, key.prefix].some((text) => text.toLowerCase().includes(requested)),
  )
  const make = (
    <Button kind="primary" icon="plus" onPress={() => setMaking(true)}>
      {say.create}
    </Button>
  )
  const columns: readonly Column<ServiceKeyWithUsage>[] = [
    {
      key: 'name',
      label: say.key,
      sortBy: ({ name }) => name.toLowerCase(),
      render: ({ name, prefix }) => (
        <span className="keys-name">
          <strong className="keys-called">{name}</strong>
          <code className="faint">{prefix}</code>
        </span>
      ),
    },
    {
      key: 'state',
      label: say.status,
      sortBy: (key) => stateOf(key, now),
      render: (key) => <StateBadge state={stateOf(key, now)} />,
    },
    {
      key: 'may',
      label: say.may,
      isText: true,
      isExtra: true,
      render: (key) => <LimitBadges limits={key} currency={currency} />,
    },
    {
      key: 'requests',
      label: say.requests,
      isNumber: true,
      sortBy: ({ used }) => used.requests,
      render: ({ used }) => formatCount(used.requests),
    },
    {
      key: 'tokens',
      label: say.tokens,
      isNumber: true,
      sortBy: ({ used }) => used.tokens,
      render: ({ used }) => formatCount(used.tokens),
    },
    {
      key: 'cost',
      label: say.cost,
      isNumber: true,
      isExtra: true,
      sortBy: ({ used }) => used.costMicros,
      render: ({ used }) => formatMoney(used.costMicros, currency),
    },
    {
      key: 'budget',
      label: say.budget,
      isExtra: true,
      sortBy: (key) => budgetUse(key, key.used)?.share ?? -1,
      render: (key) => <BudgetMeter limits={key} used={key.used} currency={currency} />,
    },
  ]
  return (
    <>
      {keys.length === 0 ? (
        <EmptyState title={say.noKeys} icon="key" action={make}>
          <p>{say.noKeysWhy}</p>
        </EmptyState>
      ) : (
        <>
          <div className="row">
            <TextField
              label={say.search}
              isLabelHidden
              type="search"
              value={search}
              placeholder={say.search}
              onChange={setSearch}
            />
            <Switch label={say.showAll} isOn={isAll} onChange={setAll} />
            <span className="spacer" />
            {make}
          </div>
          <Table
            label={say.keys}
            columns={columns}
            rows={shown}
            keyOf={({ id }) => id}
            onPress={({ id }) => go('keys', ['key', id])}
            {...(opened !== undefined && { selected: opened.id })}
            empty={say.noMatch}
          />
          <p className="small faint">
            {say.figuresOf(list.month)} {say.inUtc}
          </p>
        </>
      )}
      <KeyForm
        currency={currency}
        isOpen={isMaking}
        onClose={() => setMaking(false)}
        onMade={(key) => {
          setMaking(false)
          setMade(key)
          onChange()
        }}
      />
      {made !== undefined && <MadeKeyDialog made={made} onClose={() => setMade(undefined)} />}
      {opened !== undefined && (
        <KeyDialog held={opened} list={list} onClose={() => go('keys')} onChange={onChange} />
      )}
    </>
  )
}
