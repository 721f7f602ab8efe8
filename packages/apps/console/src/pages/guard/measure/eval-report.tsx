/** An evaluation report: metrics, distributions, curves, groups, and misclassified texts. */

import type { GuardEvalExcerpt, GuardEvalReport } from '@hadal/protocol'
import { type ReactNode, useState } from 'react'
import { Card, formatCount, formatPercent, Segmented, Select, Stat, Table } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { guardWords } from '../guard-words.ts'
import { formatMicros } from '../verdict-words.tsx'
import { CurvePlot } from './curve-plot.tsx'
import { type Curve, precisionCurves, rocCurves } from './curves.ts'
import { GroupsTable, ShareCell } from './groups-table.tsx'
import { ScorePlot } from './score-plot.tsx'

export function EvalReportView({ report }: { readonly report: GuardEvalReport }): ReactNode {
  const say = useMessages(guardWords)
  const { summary, scores, roc } = report
  const [shown, setShown] = useState('all')
  const [isCorner, setCorner] = useState<'whole' | 'corner'>('corner')
  const { recall, falsePositives, recallAtRate } = summary.all
  const share = (counted: typeof recall): { value: string; hint: string } =>
    counted === undefined
      ? { value: '–', hint: '' }
      : {
          value: formatPercent(counted.share),
          hint: `${say.ofCount(formatCount(counted.count), formatCount(counted.of))}; 95 %: ${formatPercent(counted.low)}–${formatPercent(counted.high)}`,
        }
  const nameOf = ({ name }: { readonly name: string }): string =>
    name === 'en' || name === 'zh' || name === 'other' ? say[name] : name
  const legend = (curve: Curve): string => {
    const auc = summary.languages.find(({ name }) => name === curve.name)?.auc
    return auc === undefined ? nameOf(curve) : `${nameOf(curve)}, AUC ${auc.toFixed(4)}`
  }
  const histogram = scores.find(({ check }) => check === shown) ?? scores[0]
  return (
    <>
      <div className="stats">
        <Stat label={say.recall} {...share(recall)} />
        <Stat label={say.falsePositives} {...share(falsePositives)} />
        <Stat label={say.recallAtRate(formatPercent(summary.rate))} {...share(recallAtRate)} />
        {summary.latency
          .filter(({ name }) => name === 'all')
          .map(({ p50Micros, p99Micros }) => (
            <Stat
              key="latency"
              label={`${say.latency}, P50`}
              value={formatMicros(p50Micros)}
              hint={`P99 ${formatMicros(p99Micros)}`}
            />
          ))}
      </div>
      <div className="guard-plots">
        {histogram !== undefined && (
          <Card
            title={say.scores}
            lead={say.scoresLead}
            actions={
              <Select
                label={say.checkName}
                isLabelHidden
                value={histogram.check}
                options={scores.map(({ check }) => ({
                  value: check,
                  label: check === 'all' ? say.all : check,
                }))}
                onChange={setShown}
              />
            }
          >
            <ScorePlot scores={histogram} />
          </Card>
        )}
        {roc.length > 0 && (
          <Card
            title={say.roc}
            lead={say.rocLead}
            actions={
              <Segmented
                label={say.falsePositives}
                value={isCorner}
                options={[
                  { value: 'corner', label: say.corner },
                  { value: 'whole', label: say.whole },
                ]}
                onChange={setCorner}
              />
            }
          >
            <CurvePlot
              label={say.roc}
              xLabel={say.falsePositives}
              yLabel={say.recall}
              curves={rocCurves(roc)}
              xMost={isCorner === 'corner' ? 0.1 : 1}
              nameOf={legend}
            />
          </Card>
        )}
        {roc.length > 0 && (
          <Card title={say.pr} lead={say.prLead}>
            <CurvePlot
              label={say.pr}
              xLabel={say.recall}
              yLabel={say.precision}
              curves={precisionCurves(report)}
              nameOf={nameOf}
            />
          </Card>
        )}
      </div>
      {roc.length === 0 && <p className="soft">{say.curvesNeedBoth}</p>}
      <Card title={say.layersMeasured} isFlush>
        <Table
          label={say.layersMeasured}
          rows={summary.layers}
          keyOf={({ layer }) => layer}
          columns={[
            { key: 'layer', label: say.layer, render: ({ layer }) => layer },
            ...(['alone', 'without'] as const).flatMap((how) =>
              (['recall', 'falsePositives'] as const).map((what) => ({
                key: `${how} ${what}`,
                label: `${how === 'alone' ? say.alone : say.withoutIt}: ${say[what]}`,
                render: (row: (typeof summary.layers)[number]) => (
                  <ShareCell counted={row[how][what]} isGood={what === 'recall'} label={say[what]} />
                ),
              })),
            ),
          ]}
        />
      </Card>
      <div className="guard-plots">
        {summary.categories.length > 0 && (
          <Card title={say.families} isFlush>
            <GroupsTable label={say.families} groups={summary.categories} />
          </Card>
        )}
        <Card title={say.sources} isFlush>
          <GroupsTable label={say.sources} groups={summary.sources} />
        </Card>
        <Card title={say.languages} isFlush>
          <GroupsTable
            label={say.languages}
            groups={summary.languages.map((group) => ({ ...group, name: nameOf(group) }))}
          />
        </Card>
        <Card title={say.latency} isFlush>
          <Table
            label={say.latency}
            rows={summary.latency}
            keyOf={({ name }) => name}
            columns={[
              {
                key: 'name',
                label: say.checkName,
                render: ({ name }) => (name === 'all' ? say.all : name === 'views' ? say.views : name),
              },
              ...(['p50Micros', 'p99Micros', 'maxMicros'] as const).map((what, at) => ({
                key: what,
                label: ['P50', 'P99', 'max'][at]!,
                isNumber: true,
                render: (row: (typeof summary.latency)[number]) => formatMicros(row[what]),
              })),
            ]}
          />
        </Card>
      </div>
      <Wrong title={say.missedTexts} texts={report.missed} />
      <Wrong title={say.wronglyTexts} texts={report.wronglyStopped} />
    </>
  )
}

function Wrong(props: { readonly title: string; readonly texts: readonly GuardEvalExcerpt[] }): ReactNode {
  const say = useMessages(guardWords)
  const { title, texts } = props
  if (texts.length === 0) return null
  return (
    <Card title={title} isFlush>
      <Table
        label={title}
        rows={texts}
        keyOf={({ at }) => at}
        maxRows={10}
        columns={[
          { key: 'text', label: say.text, isText: true, render: ({ excerpt }) => excerpt },
          { key: 'source', label: say.source, isExtra: true, render: ({ source }) => source },
          { key: 'by', label: say.foundBy, isExtra: true, render: ({ by }) => by ?? '–' },
        ]}
      />
    </Card>
  )
}
