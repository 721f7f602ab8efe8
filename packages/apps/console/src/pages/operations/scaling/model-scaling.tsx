/** One autoscaled model: replicas, load, and decisions with reasons. */

import type { ScaleDecisionAnswer, ScaledModelAnswer, ScalerAnswer } from '@hadal/protocol'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import {
  Badge,
  Card,
  formatCount,
  formatMillis,
  formatPercent,
  formatTime,
  LineChart,
  Notice,
  Stat,
  Table,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { columnsOf, type ScalingSample, sampleNow, samplesOf, withSample } from './decision-series.ts'
import { scalingWords } from './scaling-words.ts'

export function ScalerLine({ status }: { readonly status: ScalerAnswer }): ReactNode {
  const say = useMessages(scalingWords)
  const { leader, isDryRun, renewedAt } = status
  if (isDryRun === true) return <Notice tone="warn">{say.dryRun}</Notice>
  const heard = renewedAt === undefined ? '' : ` (${say.renewed(formatTime(renewedAt))})`
  if (leader === null)
    return (
      <Notice tone="bad">
        {say.nobodyLeads}
        {heard}
      </Notice>
    )
  // A suffix makes a pod's name unique.
  const name = leader.replace(/_[0-9a-f-]{36}$/, '')
  return (
    <p className="soft">
      {leader === 'here' ? say.leadsHere : say.leads(name)}
      {heard}
    </p>
  )
}

export interface ModelScalingProps {
  readonly model: ScaledModelAnswer
  readonly sloMillis: number | undefined
}

export function ModelScaling({ model, sloMillis }: ModelScalingProps): ReactNode {
  const say = useMessages(scalingWords)
  const [seen, setSeen] = useState<readonly ScalingSample[]>([])
  useEffect(() => setSeen((was) => withSample(was, sampleNow(model))), [model])
  const { replicas, readyReplicas, minReplicas, maxReplicas, bound, fault, decisions, target } = model
  const last = decisions.at(-1)
  return (
    <Card title={model.model} lead={target}>
      {fault !== null && <Notice tone="bad">{fault}</Notice>}
      <div className="stats">
        <Stat
          label={say.engines}
          value={formatCount(replicas)}
          hint={say.ready(formatCount(readyReplicas))}
          tone={replicas !== null && readyReplicas !== null && readyReplicas < replicas ? 'warn' : 'plain'}
        />
        <Stat
          label={say.bounds}
          value={say.toRange(formatCount(minReplicas), formatCount(maxReplicas))}
          hint={bound === undefined ? undefined : say.atMost(bound)}
        />
        <Stat
          label={say.slo}
          value={sloMillis === undefined ? say.noSlo : formatMillis(sloMillis)}
          hint={sloMillis === undefined ? say.noSloHint : undefined}
        />
        <Stat
          label={say.last}
          value={last === undefined ? say.never : formatTime(last.at)}
          hint={last?.reason.replaceAll('_', ' ')}
        />
      </div>
      <ScalingCharts model={model} seen={seen} sloMillis={sloMillis} />
      <DecisionTable decisions={decisions} />
    </Card>
  )
}

interface ScalingChartsProps extends ModelScalingProps {
  readonly seen: readonly ScalingSample[]
}

function ScalingCharts({ model, seen, sloMillis }: ScalingChartsProps): ReactNode {
  const say = useMessages(scalingWords)
  const { minReplicas, maxReplicas } = model
  const columns = useMemo(() => columnsOf(samplesOf(model), seen), [model, seen])
  // One moment is no curve.
  if (columns.x.length < 2) return null
  const { x, replicas, ready, work, latencyMillis } = columns
  const hasLatency = latencyMillis.some((each) => each !== null)
  return (
    <div className="ops-charts">
      <figure>
        <figcaption>
          {say.engineChart} <span className="soft small">{say.engineChartLead}</span>
        </figcaption>
        <LineChart
          label={say.engineChart}
          x={x}
          xKind="time"
          format={formatCount}
          group={`scaling ${model.model}`}
          series={[
            { label: say.requested, values: replicas, color: 1 },
            { label: say.readyEngines, values: ready, color: 3, isDashed: true },
            { label: say.work, values: work, color: 2, isFilled: true },
          ]}
          marks={[
            { value: maxReplicas, label: say.most },
            { value: minReplicas, label: say.least },
          ]}
        />
      </figure>
      {hasLatency && (
        <figure>
          <figcaption>{say.latencyChart}</figcaption>
          <LineChart
            label={say.latencyChart}
            x={x}
            xKind="time"
            format={formatMillis}
            group={`scaling ${model.model}`}
            series={[{ label: say.latency, values: latencyMillis, color: 4 }]}
            marks={sloMillis === undefined ? [] : [{ value: sloMillis, label: say.promised }]}
          />
        </figure>
      )}
    </div>
  )
}

function DecisionTable({ decisions }: { readonly decisions: readonly ScaleDecisionAnswer[] }): ReactNode {
  const say = useMessages(scalingWords)
  const rows = decisions.toReversed()
  return (
    <Table
      label={say.decisionTable}
      rows={rows}
      keyOf={({ at, text }) => `${at} ${text}`}
      maxRows={12}
      empty={say.noDecisions}
      columns={[
        {
          key: 'when',
          label: say.when,
          render: ({ at, since }) => <span className="number">{formatTime(since ?? at)}</span>,
          sortBy: ({ at, since }) => since ?? at,
        },
        {
          key: 'change',
          label: say.change,
          isNumber: true,
          render: ({ action, from, to }) =>
            action === 'hold' ? (
              formatCount(to)
            ) : (
              <strong className={action === 'up' ? 'warn' : 'good'}>
                {`${formatCount(from)} → ${formatCount(to)}`}
              </strong>
            ),
        },
        {
          key: 'reason',
          label: say.reason,
          render: ({ action, reason }) => (
            <Badge tone={action === 'hold' ? 'plain' : action === 'up' ? 'warn' : 'good'}>
              {reason.replaceAll('_', ' ')}
            </Badge>
          ),
          sortBy: ({ reason }) => reason,
        },
        {
          key: 'why',
          label: say.why,
          isText: true,
          render: ({ text, changedFrom }) => (
            <>
              {text}
              {changedFrom !== undefined && (
                <span className="soft"> ({say.byHand(formatCount(changedFrom))})</span>
              )}
            </>
          ),
        },
        {
          key: 'signals',
          label: say.signals,
          isText: true,
          isExtra: true,
          render: ({ signals }) => <Signals signals={signals} />,
        },
      ]}
    />
  )
}

function Signals({ signals }: Pick<ScaleDecisionAnswer, 'signals'>): ReactNode {
  const say = useMessages(scalingWords)
  const { busy, backlog, latency, demand, forecast } = say
  const names: Readonly<Record<string, string>> = { busy, backlog, latency, demand, forecast }
  const shown = (name: string, value: number): string =>
    name === 'latency'
      ? formatMillis(value)
      : name === 'busy' || name === 'forecast'
        ? formatPercent(value / 100)
        : formatCount(value)
  return (
    <span className="ops-signals small">
      {signals.map(({ name, value, wants, unusable }) => (
        <span key={name} className={unusable === undefined ? 'soft' : 'warn'}>
          {names[name] ?? name} {unusable ?? (value === undefined ? '–' : shown(name, value))}
          {wants !== undefined && ` (${say.wants(formatCount(wants))})`}
        </span>
      ))}
    </span>
  )
}
