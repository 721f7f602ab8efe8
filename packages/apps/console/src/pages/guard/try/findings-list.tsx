/** Findings, most severe first, numbered like the marks in the text. */

import type { GuardFinding } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { type Column, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { ActionBadge } from '../verdict-words.tsx'

interface Numbered extends GuardFinding {
  readonly number: number
}

export function FindingsList({ findings }: { readonly findings: readonly GuardFinding[] }): ReactNode {
  const say = useMessages(guardWords)
  if (findings.length === 0) return <p className="soft">{say.noFindings}</p>
  const rows: readonly Numbered[] = findings.map((finding, at) => ({ ...finding, number: at + 1 }))
  const columns: readonly Column<Numbered>[] = [
    { key: 'number', label: '#', isNumber: true, render: ({ number }) => number },
    { key: 'did', label: say.did, render: ({ action }) => <ActionBadge action={action} /> },
    { key: 'rule', label: say.rule, render: ({ rule }) => <code>{rule}</code> },
    {
      key: 'why',
      label: say.why,
      isText: true,
      render: ({ why, nearest }) => (nearest === undefined ? why : `${why} (${say.nearest(nearest)})`),
    },
    {
      key: 'where',
      label: say.where,
      render: ({ span, view }) => (
        <span className="number">
          {span.start}–{span.end}
          {view !== 'original' && <span className="faint"> {view}</span>}
        </span>
      ),
    },
  ]
  return <Table label={say.findings} columns={columns} rows={rows} keyOf={({ number }) => String(number)} />
}
