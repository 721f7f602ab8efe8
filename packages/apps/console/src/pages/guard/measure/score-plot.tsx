/** Suspicion histogram: attacks upwards, benign texts downwards, as fractions of their class. */

import type { GuardEvalReport } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Disclosure, formatPercent, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'

const [width, half, pad] = [460, 110, 48]

export function ScorePlot({ scores }: { readonly scores: GuardEvalReport['scores'][number] }): ReactNode {
  const say = useMessages(guardWords)
  const { attacks, benign, check } = scores
  const share = (counts: readonly number[]): number[] => {
    const all = counts.reduce((sum, count) => sum + count, 0)
    return counts.map((count) => (all === 0 ? 0 : count / all))
  }
  const [up, down] = [share(attacks), share(benign)]
  const most = Math.max(0.01, ...up, ...down)
  const step = (width - pad - 8) / attacks.length
  const bars = (shares: readonly number[], isUp: boolean): ReactNode =>
    shares.map((value, at) => {
      const tall = (value / most) * (half - 8)
      return (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
          key={at}
          className={isUp ? 'guard-bar-attacks' : 'guard-bar-benign'}
          x={pad + at * step + 1}
          y={isUp ? half - tall : half + 1}
          width={Math.max(1, step - 2)}
          height={tall}
        >
          <title>{`${rangeOf(at, shares.length)}: ${formatPercent(value)}`}</title>
        </rect>
      )
    })
  return (
    <figure className="guard-plot">
      <svg
        viewBox={`0 0 ${width} ${2 * half + 22}`}
        role="img"
        aria-label={`${say.scores}, ${check === 'all' ? say.all : check}`}
      >
        <line className="guard-grid" x1={pad} x2={width - 8} y1={half} y2={half} />
        {bars(up, true)}
        {bars(down, false)}
        <text x={pad - 5} y={12} textAnchor="end">
          {formatPercent(most)}
        </text>
        <text x={pad - 5} y={2 * half - 4} textAnchor="end">
          {formatPercent(most)}
        </text>
        {[0, 0.25, 0.5, 0.75, 1].map((mark) => (
          <text
            key={mark}
            x={pad + mark * (width - pad - 8)}
            y={2 * half + 14}
            textAnchor={mark === 1 ? 'end' : 'middle'}
          >
            {mark}
          </text>
        ))}
      </svg>
      <figcaption className="legend">
        <span className="row">
          <i className="guard-swatch guard-swatch-attacks" aria-hidden="true" />↑ {say.attacks}
        </span>
        <span className="row">
          <i className="guard-swatch guard-swatch-benign" aria-hidden="true" />↓ {say.benign}
        </span>
      </figcaption>
      <Disclosure summary={say.asTable}>
        <Table
          label={say.scores}
          rows={attacks.map((count, at) => ({ at, attacks: count, benign: benign[at]! }))}
          keyOf={({ at }) => String(at)}
          maxRows={8}
          columns={[
            { key: 'range', label: say.suspicion, render: ({ at }) => rangeOf(at, attacks.length) },
            { key: 'attacks', label: say.attacks, isNumber: true, render: (row) => row.attacks },
            { key: 'benign', label: say.benign, isNumber: true, render: (row) => row.benign },
          ]}
        />
      </Disclosure>
    </figure>
  )
}

const rangeOf = (at: number, of: number): string => `${(at / of).toFixed(2)}–${((at + 1) / of).toFixed(2)}`
