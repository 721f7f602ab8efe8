/** Scalers compared on the same load: a table, replicas against load, P99 against the SLO, and changes with reasons. */

import type { ReplayAnswer, ReplayedScaler } from '@hadal/protocol'
import { type ReactNode, useMemo, useState } from 'react'
import {
  Card,
  Disclosure,
  formatCount,
  formatMillis,
  formatPercent,
  formatTime,
  LineChart,
  Segmented,
  type Series,
  Table,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { scalingWords } from './scaling-words.ts'

const colors = [1, 3, 4, 5, 6] as const

export function ReplayResult({ replay }: { readonly replay: ReplayAnswer }): ReactNode {
  const say = useMessages(scalingWords)
  const { title, about, scalers, sloMillis, assumptions, notes } = replay
  return (
    <>
      <Card title={say.result} lead={about === undefined ? title : `${title}: ${about}`} isFlush>
        <Summary scalers={scalers} />
      </Card>
      <Card>
        <ReplayCharts replay={replay} />
      </Card>
      <Changes scalers={scalers} />
      <Disclosure summary={say.assumptions}>
        <ul className="ops-list">
          {[...assumptions, ...notes].map((each) => (
            <li key={each}>{each}</li>
          ))}
          <li>
            {say.promised}: {formatMillis(sloMillis)}. {say.overHint}
          </li>
        </ul>
      </Disclosure>
    </>
  )
}

function Summary({ scalers }: Pick<ReplayAnswer, 'scalers'>): ReactNode {
  const say = useMessages(scalingWords)
  type Row = ReplayedScaler
  const number = (
    key: string,
    label: string,
    of: (row: Row) => number,
    format: (value: number) => string,
  ) => ({
    key,
    label,
    isNumber: true,
    render: (row: Row) => format(of(row)),
    sortBy: of,
  })
  return (
    <Table
      label={say.result}
      rows={scalers}
      keyOf={({ name }) => name}
      columns={[
        {
          key: 'scaler',
          label: say.scaler,
          render: ({ name }) => <strong>{name}</strong>,
          sortBy: ({ name }) => name,
        },
        number('hours', say.engineHours, ({ summary }) => summary.engineHours, formatCount),
        number('over', say.over, ({ summary }) => summary.overSloShare, formatShare),
        number('refused', say.refused, ({ summary }) => summary.refusedShare, formatShare),
        number('busy', say.utilisation, ({ summary }) => summary.utilisation, formatPercent),
        {
          key: 'updown',
          label: say.updown,
          isNumber: true,
          render: ({ summary: { ups, downs } }) => `${formatCount(ups)}, ${formatCount(downs)}`,
        },
        number('back', say.takenBack, ({ summary }) => summary.takenBack, formatCount),
        {
          key: 'range',
          label: say.range,
          isNumber: true,
          render: ({ summary: { least, most } }) =>
            least === most ? formatCount(most) : say.toRange(formatCount(least), formatCount(most)),
        },
      ]}
    />
  )
}

/** Scalers differ in hundredths of a percent, and a few in a million are not none. */
function formatShare(share: number): string {
  if (share > 0 && share < 0.0001) return '<0.01%'
  return share > 0 && share < 0.01 ? `${(share * 100).toFixed(2)}%` : formatPercent(share)
}

function ReplayCharts({ replay }: { readonly replay: ReplayAnswer }): ReactNode {
  const say = useMessages(scalingWords)
  const { scalers, sloMillis } = replay
  const columns = useMemo(() => {
    const own = scalers[0]?.points ?? []
    return {
      x: own.map(({ at }) => Date.parse(at)),
      load: own.map(({ load }) => load),
      engines: scalers.map(({ name, points }) => ({
        label: name,
        values: points.map((each) => each.replicas),
      })),
      latencies: scalers.map(({ name, points }) => ({
        label: name,
        values: points.map((each) => each.latencyP99Millis ?? null),
      })),
    }
  }, [scalers])
  const drawn = (all: readonly Pick<Series, 'label' | 'values'>[]): readonly Series[] =>
    all.map((each, index) => ({
      ...each,
      color: colors[index % colors.length],
      isDashed: index > 0,
    }))
  return (
    <div className="ops-charts">
      <figure>
        <figcaption>
          {say.loadChart} <span className="soft small">{say.engineChartLead}</span>
        </figcaption>
        <LineChart
          label={say.loadChart}
          x={columns.x}
          xKind="time"
          format={formatCount}
          group="replay"
          height={280}
          series={[
            { label: say.load, values: columns.load, color: 2, isFilled: true },
            ...drawn(columns.engines),
          ]}
        />
      </figure>
      <figure>
        <figcaption>{say.p99Chart}</figcaption>
        <LineChart
          label={say.p99Chart}
          x={columns.x}
          xKind="time"
          format={formatMillis}
          group="replay"
          height={280}
          series={drawn(columns.latencies)}
          marks={[{ value: sloMillis, label: say.promised }]}
        />
      </figure>
    </div>
  )
}

function Changes({ scalers }: Pick<ReplayAnswer, 'scalers'>): ReactNode {
  const say = useMessages(scalingWords)
  const [name, setName] = useState(scalers[0]?.name ?? '')
  const shown = scalers.find((each) => each.name === name) ?? scalers[0]
  if (shown === undefined) return null
  return (
    <Card
      title={say.changes(shown.name)}
      isFlush
      actions={
        scalers.length < 2 ? undefined : (
          <Segmented
            label={say.scaler}
            value={shown.name}
            options={scalers.map((each) => ({ value: each.name, label: each.name }))}
            onChange={setName}
          />
        )
      }
    >
      <Table
        label={say.changes(shown.name)}
        rows={shown.changes}
        keyOf={({ at }) => at}
        maxRows={12}
        empty={say.noChanges}
        columns={[
          {
            key: 'when',
            label: say.when,
            render: ({ at }) => <span className="number">{formatTime(Date.parse(at))}</span>,
            sortBy: ({ at }) => at,
          },
          {
            key: 'change',
            label: say.change,
            isNumber: true,
            render: ({ from, to }) => (
              <strong
                className={to > from ? 'warn' : 'good'}
              >{`${formatCount(from)} → ${formatCount(to)}`}</strong>
            ),
          },
          { key: 'why', label: say.why, isText: true, render: ({ text }) => text },
        ]}
      />
    </Card>
  )
}
