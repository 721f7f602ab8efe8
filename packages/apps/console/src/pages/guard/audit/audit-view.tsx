/** Recent verdicts: `#/guard/audit?action=block&layer=classifier`. Refreshes automatically. */

import type { GuardAction, GuardFacts, GuardVerdictRecord } from '@hadal/protocol'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Button,
  CodeBlock,
  type Column,
  EmptyState,
  ErrorState,
  formatTime,
  Select,
  Skeleton,
  Table,
  TextField,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { go, useRoute } from '../../../shell/route.ts'
import { guardWords } from '../guard-words.ts'
import { ActionBadge, formatMicros } from '../verdict-words.tsx'
import { type AuditFilters, changed, filterNames, filtersOf, pathOf } from './audit-filters.ts'
import { LockedCallers } from './locked-callers.tsx'
import { VerdictDialog } from './verdict-dialog.tsx'

const atOnce = 50
const pollMillis = 5000
const lateMillis = 400
const actions: readonly GuardAction[] = ['block', 'reply', 'redact', 'flag', 'allow']
const layers = ['rules', 'classifier', 'similarity', 'perplexity', 'output']

const config = `guard: {
  audit: {
    file: 'guard.sqlite',
    retentionMillis: '30d',
    excerptCharacters: 400, // of texts; 0 keeps none
  },
},`

export function AuditView({ facts }: { readonly facts: GuardFacts }): ReactNode {
  const say = useMessages(guardWords)
  const { query } = useRoute()
  const filters = filtersOf(query)
  const isNewest = filters.before === undefined
  const { data, error, isLoading, refresh } = usePolled<{ verdicts: readonly GuardVerdictRecord[] }>(
    facts.hasAudit ? pathOf(filters, atOnce) : undefined,
    isNewest ? pollMillis : undefined,
  )
  const to = (next: AuditFilters): void => go('guard', ['audit'], changed(filters, next))
  if (!facts.hasAudit)
    return (
      <>
        <EmptyState title={say.auditOff} icon="file">
          <p>{say.auditOffWhy}</p>
        </EmptyState>
        <CodeBlock code={config} language="ts" label="hadal.config.ts" />
        <LockedCallers facts={facts} />
      </>
    )
  const verdicts = data?.verdicts ?? []
  const last = verdicts.at(-1)
  const opened = Number(query.get('verdict'))
  return (
    <>
      <Filters filters={filters} onChange={to} />
      {error !== undefined && data === undefined && <ErrorState error={error} onRetry={refresh} />}
      {isLoading && <Skeleton lines={8} />}
      {data !== undefined && (
        <>
          {verdicts.length === 0 ? (
            <EmptyState title={say.auditEmpty} icon="shield">
              {say.auditEmptyWhy}
            </EmptyState>
          ) : (
            <VerdictTable
              verdicts={verdicts}
              opened={opened}
              onOpen={(id) =>
                go('guard', ['audit'], {
                  ...changed(filters, {
                    ...(filters.before !== undefined && { before: filters.before }),
                  }),
                  verdict: String(id),
                })
              }
            />
          )}
          <div className="row">
            {!isNewest && (
              <Button icon="left" onPress={() => to({})}>
                {say.newest}
              </Button>
            )}
            {last !== undefined && verdicts.length === atOnce && (
              <Button icon="right" onPress={() => to({ before: String(last.id) })}>
                {say.older}
              </Button>
            )}
            <span className="spacer" />
            {verdicts.length > 0 && (
              <Button kind="quiet" icon="download" onPress={() => save(verdicts)}>
                {say.exportJson}
              </Button>
            )}
          </div>
        </>
      )}
      <LockedCallers facts={facts} />
      {opened > 0 && (
        <VerdictDialog
          id={opened}
          known={verdicts.find(({ id }) => id === opened)}
          facts={facts}
          onClose={() =>
            go('guard', ['audit'], {
              ...changed(filters, {
                ...(filters.before !== undefined && { before: filters.before }),
              }),
            })
          }
        />
      )}
    </>
  )
}

interface FiltersProps {
  readonly filters: AuditFilters
  readonly onChange: (next: AuditFilters) => void
}

function Filters({ filters, onChange }: FiltersProps): ReactNode {
  const say = useMessages(guardWords)
  const choices = <T extends string>(values: readonly T[], name: (value: T) => string) => [
    { value: '', label: say.any },
    ...values.map((value) => ({ value: value as string, label: name(value) })),
  ]
  const none = Object.fromEntries(filterNames.map((name) => [name, '']))
  return (
    <search className="guard-filters" aria-label={say.audit}>
      <Select
        label={say.did}
        value={filters.action ?? ''}
        options={choices(actions, (action) => say[action])}
        onChange={(action) => onChange({ action })}
      />
      <Select
        label={say.layer}
        value={filters.layer ?? ''}
        options={choices(layers, (layer) => layer)}
        onChange={(layer) => onChange({ layer })}
      />
      <LateField label={say.filterKey} value={filters.key ?? ''} onChange={(key) => onChange({ key })} />
      <LateField
        label={say.filterRequest}
        value={filters.request ?? ''}
        onChange={(request) => onChange({ request })}
      />
      <TextField
        label={say.since}
        type="datetime-local"
        value={filters.since ?? ''}
        onChange={(since) => onChange({ since })}
      />
      <TextField
        label={say.until}
        type="datetime-local"
        value={filters.until ?? ''}
        onChange={(until) => onChange({ until })}
      />
      {Object.keys(filters).length > 0 && (
        <div>
          <Button kind="quiet" icon="close" onPress={() => onChange(none)}>
            {say.clear}
          </Button>
        </div>
      )}
    </search>
  )
}

interface LateFieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** The address and the server are updated after typing stops, not for each letter. */
function LateField({ label, value, onChange }: LateFieldProps): ReactNode {
  const [typed, setTyped] = useState(value)
  const say = useRef(onChange)
  useEffect(() => {
    say.current = onChange
  })
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => say.current(typed), lateMillis)
    return () => clearTimeout(timer)
  }, [typed, value])
  return <TextField label={label} value={typed} onChange={setTyped} onEnter={() => onChange(typed)} />
}

interface VerdictTableProps {
  readonly verdicts: readonly GuardVerdictRecord[]
  readonly opened: number
  readonly onOpen: (id: number) => void
}

function VerdictTable({ verdicts, opened, onOpen }: VerdictTableProps): ReactNode {
  const say = useMessages(guardWords)
  const columns: readonly Column<GuardVerdictRecord>[] = [
    { key: 'at', label: say.at, render: ({ at }) => <span className="number">{formatTime(at)}</span> },
    { key: 'did', label: say.did, render: ({ action }) => <ActionBadge action={action} /> },
    { key: 'role', label: say.words, isExtra: true, render: ({ role }) => say[role] },
    {
      key: 'key',
      label: say.caller,
      isExtra: true,
      render: ({ key }) =>
        key === undefined ? <span className="faint">–</span> : shortened(key.name || key.id),
    },
    {
      key: 'found',
      label: say.foundBy,
      render: ({ findings: [first], findingCount }) =>
        first === undefined ? (
          <span className="faint">–</span>
        ) : (
          <code>
            {first.rule}
            {findingCount > 1 && ` +${findingCount - 1}`}
          </code>
        ),
    },
    { key: 'why', label: say.why, isText: true, render: ({ findings: [first] }) => first?.why ?? '' },
    {
      key: 'time',
      label: say.time,
      isNumber: true,
      sortBy: ({ micros }) => micros,
      render: ({ micros }) => formatMicros(micros),
    },
  ]
  return (
    <Table
      label={say.audit}
      columns={columns}
      rows={verdicts}
      keyOf={({ id }) => String(id)}
      onPress={({ id }) => onOpen(id)}
      {...(opened > 0 && { selected: String(opened) })}
    />
  )
}

const shortened = (name: string): string => (name.length > 24 ? `${name.slice(0, 23)}…` : name)

function save(verdicts: readonly GuardVerdictRecord[]): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(verdicts, null, 2)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'guard-verdicts.json'
  link.click()
  URL.revokeObjectURL(url)
}
