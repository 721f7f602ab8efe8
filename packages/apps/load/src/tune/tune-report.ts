/** The report of `hadal tune`, as text and HTML. */

import type { Percentiles } from '@hadal/batching'
import type { Style } from '@hadal/output'
import { escapeXml, formatTable, lineChart, pageStyle, recognise, say, translate } from '@hadal/output'
import { short } from '../load/text-report.ts'
import { promises } from './frontier.ts'
import type { Knobs } from './knobs.ts'
import type { Point, TuneReport, Validation } from './tune-plan.ts'

export function tuneText(report: TuneReport, style: Style): string {
  const parts = [
    costLines(report).map(style.dim).join('\n'),
    pointTable(report, style),
    validationTable(report, style),
    unkeptLine(report, style),
    frontierBars(report, style),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** The SLO in words. */
export function describeSlo({ ttftMillis, itlMillis, embedMillis }: TuneReport['slo']): string {
  const promised = [
    ttftMillis !== undefined && `first tokens within ${ttftMillis} ms`,
    itlMillis !== undefined && `tokens within ${itlMillis} ms`,
    embedMillis !== undefined && `embeddings within ${embedMillis} ms`,
  ].filter((part) => part !== false)
  return `99 of 100 ${promised.join(', ')}`
}

function costLines({ costs, slowdown, machine, tried }: TuneReport): string[] {
  const digits = (value: number): string => String(Number(value.toPrecision(3)))
  return [
    ...costs.map(
      ({ threads, step, medianError }) =>
        say`${threads} ${threads === 1 ? say`thread` : say`threads`}: ${digits(step.perStep)} ms per step, ${digits(step.perDecodeToken)} per decode token, ${digits(step.perPrefillToken)} per prompt token, ${digits(step.perAttendedToken * 1000)} per 1000 context tokens (median error ${Math.round(medianError * 100)}%)`,
    ),
    say`under real load, steps take ${digits(slowdown)} times as long`,
    machine.guesses === undefined
      ? say`speculative decoding: no speedup`
      : say`speculative decoding: ${digits(machine.guesses.tokensPerStep)} tokens per step, of ${digits(machine.guesses.draftTokens)} drafted`,
    say`${tried} settings simulated`,
  ]
}

const knobTitles: Readonly<Record<keyof Knobs, string>> = {
  maxBatchSize: 'size',
  maxBatchTokens: 'tokens',
  maxPrefillTokensWhileDecoding: 'prefill',
  timeoutMicros: 'timeout',
  threads: 'threads',
  contextLength: 'context',
  speculation: 'drafts',
}
const shownKnobs = Object.keys(knobTitles) as (keyof Knobs)[]

const showKnob = (knobs: Knobs, name: keyof Knobs): string =>
  name === 'timeoutMicros' ? `${knobs[name] / 1000} ms` : String(knobs[name])

function pointTable({ points }: TuneReport, style: Style): string {
  const p99 = (percentiles: Percentiles | undefined): string =>
    percentiles === undefined ? '-' : short(percentiles.p99)
  const heads = [
    say`predicted`,
    ...shownKnobs.map((name) => translate(knobTitles[name])),
    'req/s',
    'TTFT p99',
    'ITL p99',
    'embed p99',
  ]
  const rows = points.map(({ name, knobs, foreseen }) => [
    recognise(name),
    ...shownKnobs.map((each) => showKnob(knobs, each)),
    ...(foreseen === undefined
      ? [style.red(say`cannot meet SLO`), '-', '-', '-']
      : [
          style.bold(short(foreseen.report.requestsPerSecond)),
          p99(foreseen.report.ttftMillis),
          p99(foreseen.report.itlMillis),
          p99(foreseen.report.embedMillis),
        ]),
  ])
  return formatTable(
    [heads.map(style.dim), ...rows],
    heads.map((_, column) => (column === 0 ? 'left' : 'right')),
  )
}

function validationTable({ validations }: TuneReport, style: Style): string {
  if (validations.length === 0) return ''
  const p99 = (percentiles: Percentiles | undefined): string =>
    percentiles === undefined ? '-' : short(percentiles.p99)
  const heads = [
    say`under real load`,
    'came/s',
    'done/s',
    'TTFT p99',
    'ITL p99',
    'embed p99',
    say`failed`,
    say`SLO`,
  ]
  const rows = validations.flatMap(({ name, attempts }: Validation) =>
    attempts.map(({ offered, report, broken }) => [
      recognise(name),
      short(offered),
      style.bold(short(report.requestsPerSecond)),
      p99(report.ttftMillis),
      p99(report.itlMillis),
      p99(report.embedMillis),
      String(report.requests - report.done),
      broken.length === 0
        ? style.green(say`met`)
        : style.red(broken.map((each) => `${each.name} ${short(each.value)}`).join(', ')),
    ]),
  )
  return formatTable(
    [heads.map(style.dim), ...rows],
    heads.map((_, column) => (column === 0 || column === heads.length - 1 ? 'left' : 'right')),
  )
}

/** Candidates were validated under real load and none met the SLO, so the result is only a prediction. */
export function isUnkept({ validations }: TuneReport): boolean {
  return validations.length > 0 && validations.every(({ kept }) => kept === 0)
}

function unkeptLine(report: TuneReport, style: Style): string {
  if (!isUnkept(report)) return ''
  return style.yellow(
    say`No settings met the SLO under real load, even at half the predicted rate: other processes may be using the machine. The following values are predictions.`,
  )
}

const barWidth = 36

function frontierBars({ frontier }: TuneReport, style: Style): string {
  const most = Math.max(...frontier.flatMap(({ requestsPerSecond }) => requestsPerSecond), Number.MIN_VALUE)
  const rows = promises.flatMap((millis, at) =>
    frontier.map(({ name, requestsPerSecond }, index) => {
      const value = requestsPerSecond[at]!
      const bar = '█'.repeat(Math.round((value / most) * barWidth))
      const isFound = index === frontier.length - 1
      return [
        index === 0 ? `${millis} ms` : '',
        recognise(name),
        `${isFound ? style.green(bar) : style.cyan(bar)} ${short(value)}`,
      ]
    }),
  )
  const title = style.dim(say`requests/s by SLO for the P99 (simulated)`)
  return `${title}\n${formatTable(rows, ['right', 'left', 'left'])}`
}

export function tuneHtml(report: TuneReport, model: string, version: string): string {
  const { frontier, points, slo } = report
  const chart = lineChart({
    categories: promises.map((millis) => `${millis} ms`),
    unit: 'requests/s',
    series: frontier.map(({ name, requestsPerSecond }) => ({ name, values: requestsPerSecond })),
  })
  const rows = points.map(
    ({ name, knobs, foreseen }: Point) =>
      `<tr><th>${escapeXml(name)}</th>${shownKnobs.map((each) => `<td>${escapeXml(showKnob(knobs, each))}</td>`).join('')}<td>${foreseen === undefined ? '-' : short(foreseen.report.requestsPerSecond)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(model)} tuned</title>
<style>${pageStyle}</style>
<h1>${escapeXml(model)} tuned</h1>
<p class="facts">${escapeXml(describeSlo(slo))}</p>
<figure><figcaption>What it bears <span>requests/s, by the 99th percentile that is promised (simulated)</span></figcaption>${chart}</figure>
<table>
<tr><th>settings</th>${shownKnobs.map((name) => `<th>${escapeXml(knobTitles[name])}</th>`).join('')}<th>req/s</th></tr>
${rows.join('\n')}
</table>
<p class="facts">hadal ${escapeXml(version)}</p>
</html>
`
}
