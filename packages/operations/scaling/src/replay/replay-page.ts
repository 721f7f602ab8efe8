/** Renders a replay as a self-contained HTML page: engines and load, P99 and SLO, every change with its reason. */

import { formatMillis } from '@hadal/base'
import type { Replay } from '@hadal/fleet'
import { escapeXml, pageStyle } from '@hadal/output'
import {
  overText,
  type ReplayReport,
  short,
  summaryCells,
  summaryHeads,
  timeTextOf,
  titleOf,
} from './replay-text.ts'
import { thinned } from './thinned-replay.ts'
import { type TimeChart, type TimeSeries, timeChart } from './time-chart.ts'

const points = 960
/** More lines lie on each other. */
const maxDrawn = 4
const maxChanges = 2000

export function replayPage(report: ReplayReport, version: string): string {
  const { workload, about, replays, assumptions } = report
  const title = titleOf(workload)
  const facts = [...(about === undefined ? [] : [about]), ...assumptions, 'times are UTC']
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${pageStyle}${replayStyle}</style>
<h1>${escapeXml(title)}</h1>
<p class="facts">${facts.map(escapeXml).join(' · ')}</p>
${workload.notes.map((note) => `<p class="note">${escapeXml(note)}</p>`).join('\n')}
${summaryTable(replays)}
<p class="facts">${escapeXml(overText(report))}; taken back: changes that the next one undid within ten minutes</p>
${charts(report)}
${replays.map((replay) => changesOf(replay, report)).join('\n')}
<p class="facts">hadal ${escapeXml(version)}</p>
</html>
`
}

function charts({ workload, replays, sloMillis }: ReplayReport): string {
  const drawn = replays.slice(0, maxDrawn)
  const byScaler = drawn.map((replay) => thinned(replay, workload, points))
  const first = byScaler[0]!
  const timeText = timeTextOf(workload)
  const times = first.map(({ at }) => at)
  const each = (
    look: TimeSeries['look'],
    read: (point: (typeof first)[number]) => number | undefined,
  ): TimeSeries[] =>
    drawn
      .map(({ scaler }, index) => ({
        name: scaler,
        values: byScaler[index]!.map(read),
        look,
        paint: `s${index}`,
      }))
      // Where lines lie on each other the service's own is seen.
      .reverse()
  const load: TimeSeries = {
    name: 'load',
    values: first.map((point) => point.load),
    look: 'area',
    paint: 'load',
  }
  const chart = (
    name: string,
    unit: string,
    rest: Pick<TimeChart, 'series' | 'mark' | 'isCount' | 'format'>,
  ): string =>
    `<figure><figcaption>${escapeXml(name)} <span>${escapeXml(unit)}</span></figcaption>${timeChart({ title: name, times, timeText, ...rest })}</figure>`
  const legend = drawn
    .map(({ scaler }, index) => `<span class="s${index}">${escapeXml(scaler)}</span>`)
    .join('')
  return `<p class="legend">${legend}<span class="load">load</span></p>
${chart('Engines', 'requested, and the load in engines', {
  series: [load, ...each('steps', ({ replicas }) => replicas)],
  isCount: true,
  format: short,
})}
${chart('P99', 'of responses', {
  series: each('line', ({ latencyP99Millis }) => latencyP99Millis),
  mark: { name: `SLO: ${formatMillis(sloMillis)}`, value: sloMillis },
  format: formatMillis,
})}
${chart('Waiting', 'requests', { series: each('line', ({ backlog }) => backlog), isCount: true, format: short })}`
}

function summaryTable(replays: readonly Replay[]): string {
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell, index) => `<${index === 0 ? 'th' : tag}>${escapeXml(cell)}</${index === 0 ? 'th' : tag}>`).join('')}</tr>`
  return `<table>${row('th', summaryHeads)}${replays.map((replay) => row('td', summaryCells(replay))).join('')}</table>`
}

function changesOf({ scaler, changes }: Replay, { workload }: ReplayReport): string {
  const time = timeTextOf(workload)
  const rows = changes
    .slice(0, maxChanges)
    .map(
      ({ at, from, to, text }) =>
        `<tr><th>${escapeXml(time(at))}</th><td>${from} to ${to}</td><td class="why">${escapeXml(text)}</td></tr>`,
    )
  if (changes.length === 0) return `<p>${escapeXml(scaler)} would have changed nothing.</p>`
  const rest = changes.length - maxChanges
  const more = rest > 0 ? `<tr><th></th><td></td><td class="why">and ${rest} times more</td></tr>` : ''
  return `<details${changes.length > 100 ? '' : ' open'}><summary>${escapeXml(scaler)} would have scaled ${changes.length === 1 ? 'once' : `${changes.length} times`}</summary>
<table>${rows.join('')}${more}</table></details>`
}

const replayStyle = `
figure { margin: 0 0 1.5rem; overflow-x: auto } svg { min-width: 52rem; display: block }
figcaption { position: sticky; left: 0 }
svg .line { fill: none; stroke-width: 1.8 } svg .area { stroke: none }
svg .load { fill: var(--line) } svg .mark { stroke: var(--soft); stroke-dasharray: 6 4 }
.legend span { margin-right: 1.2rem; font-weight: 600 } .legend .load { color: var(--soft) }
.legend .s0 { color: var(--one) } .legend .s1 { color: var(--two) } .legend .s2 { color: var(--three) } .legend .s3 { color: var(--four) }
.note { border-left: 3px solid var(--two); padding-left: .7rem; margin: .4rem 0 }
td.why { text-align: left; white-space: normal } th:first-child { text-align: left }
summary { font-weight: 600; margin-top: 1.2rem; cursor: pointer } details table { margin-top: .5rem }
`
