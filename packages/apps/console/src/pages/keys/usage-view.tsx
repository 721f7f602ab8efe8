/** Monthly usage: total, by day, key and model, and the last twelve months. */

import type { KeyList, UsageReport, UsageRow } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { usePolled } from '../../api/use-polled.ts'
import {
  Button,
  Card,
  ErrorState,
  formatCount,
  formatPercent,
  LineChart,
  Segmented,
  Select,
  type Series,
  Skeleton,
  Stat,
} from '../../design/index.ts'
import { useMessages } from '../../messages/use-messages.ts'
import { go, useRoute } from '../../shell/route.ts'
import { keysWords } from './keys-words.ts'
import { formatMoney } from './money.ts'
import { dailyCurve, adjacentMonth, monthlyCurve, totalOf, type UsageCurve } from './usage-figures.ts'
import { UsageTable } from './usage-table.tsx'

const pollMillis = 10_000
type Measure = 'tokens' | 'requests' | 'cost'

export function UsageView({ list }: { readonly list: KeyList }): ReactNode {
  const say = useMessages(keysWords)
  const { query } = useRoute()
  const [measure, setMeasure] = useState<Measure>('tokens')
  const requested = query.get('month') ?? ''
  const month = /^[2-9]\d{3}-(0[1-9]|1[0-2])$/.test(requested) ? requested : list.month
  const key = list.keys.find(({ id }) => id === query.get('key'))
  const to = (next: { readonly month?: string; readonly key?: string }): void => {
    const wanted = { month, key: key?.id ?? '', ...next }
    go('keys', ['usage'], {
      ...(wanted.month !== list.month && { month: wanted.month }),
      ...(wanted.key !== '' && { key: wanted.key }),
    })
  }
  const ofKey = key === undefined ? '' : `&key=${encodeURIComponent(key.id)}`
  const days = usePolled<UsageReport>(`/hadal/usage?by=day&month=${month}${ofKey}`, pollMillis)
  const models = usePolled<UsageReport>(`/hadal/usage?by=model&month=${month}${ofKey}`, pollMillis)
  const keys = usePolled<UsageReport>(
    key === undefined ? `/hadal/usage?by=key&month=${month}` : undefined,
    pollMillis,
  )
  const months = usePolled<UsageReport>(`/hadal/usage?by=month&month=${list.month}${ofKey}`, 6 * pollMillis)
  const all = totalOf(days.data?.usage ?? [])
  const chart = (label: string, { x, rows }: UsageCurve): ReactNode => (
    <LineChart
      label={label}
      x={x}
      xKind="time"
      series={seriesOf(rows, measure, say)}
      format={(value) => (measure === 'cost' ? formatMoney(value, list.currency) : formatCount(value))}
    />
  )
  return (
    <>
      <div className="row">
        <div className="row">
          <Button icon="left" label={say.before} onPress={() => to({ month: adjacentMonth(month, -1) })} />
          <strong className="number keys-month">{month}</strong>
          <Button
            icon="right"
            label={say.after}
            isDisabled={month >= list.month}
            onPress={() => to({ month: adjacentMonth(month, 1) })}
          />
        </div>
        <Select
          label={say.key}
          isLabelHidden
          value={key?.id ?? ''}
          options={[
            { value: '', label: say.allKeys },
            ...list.keys.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(id) => to({ key: id })}
        />
        <span className="spacer" />
        <Segmented<Measure>
          label={say.measure}
          value={measure}
          options={[
            { value: 'tokens', label: say.tokens },
            { value: 'requests', label: say.requests },
            { value: 'cost', label: say.cost },
          ]}
          onChange={setMeasure}
        />
      </div>
      {days.error !== undefined && days.data === undefined && (
        <ErrorState error={days.error} onRetry={days.refresh} />
      )}
      {days.data === undefined ? (
        days.isLoading && <Skeleton lines={10} />
      ) : (
        <>
          <div className="stats">
            <Stat label={say.requests} value={formatCount(all.requests)} />
            <Stat
              label={say.prompt}
              value={formatCount(all.promptTokens)}
              hint={`${formatPercent(all.promptTokens === 0 ? 0 : all.cachedTokens / all.promptTokens)} ${say.cached}`}
            />
            <Stat label={say.completion} value={formatCount(all.completionTokens)} />
            <Stat label={say.cost} value={formatMoney(all.costMicros, list.currency)} />
          </div>
          <div className="keys-charts">
            <Card title={say.byDay}>{chart(say.byDay, dailyCurve(days.data.usage, month, list.now))}</Card>
            {months.data !== undefined && (
              <Card title={say.lastMonths}>{chart(say.lastMonths, monthlyCurve(months.data.usage))}</Card>
            )}
          </div>
        </>
      )}
      {keys.data !== undefined && key === undefined && (
        <Card title={say.byKey} isFlush>
          <UsageTable
            label={say.byKey}
            head={say.key}
            rows={keys.data.usage}
            currency={list.currency}
            month={month}
            onPress={({ of }) => to({ key: of })}
          />
        </Card>
      )}
      {models.data !== undefined && (
        <Card title={say.byModel} isFlush>
          <UsageTable
            label={say.byModel}
            head={say.model}
            rows={models.data.usage}
            currency={list.currency}
            month={month}
          />
        </Card>
      )}
      <p className="small faint">{say.inUtc}</p>
    </>
  )
}

function seriesOf(
  rows: UsageCurve['rows'],
  measure: Measure,
  say: { readonly [K in 'prompt' | 'cached' | 'completion' | 'requests' | 'cost']: string },
): Series[] {
  const curve = (label: string, read: (row: UsageRow | UsageCurve['rows'][number]) => number): Series => ({
    label,
    values: rows.map(read),
  })
  if (measure === 'requests') return [{ ...curve(say.requests, ({ requests }) => requests), isFilled: true }]
  if (measure === 'cost') return [{ ...curve(say.cost, ({ costMicros }) => costMicros), isFilled: true }]
  return [
    curve(say.prompt, ({ promptTokens }) => promptTokens),
    { ...curve(say.cached, ({ cachedTokens }) => cachedTokens), isDashed: true },
    curve(say.completion, ({ completionTokens }) => completionTokens),
  ]
}
