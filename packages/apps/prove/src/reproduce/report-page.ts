/** The report as one HTML page that needs nothing else: no scripts, no fonts, nothing loaded; the raw results are in it. */

import { createHash } from 'node:crypto'
import { formatMillis } from '@hadal/base'
import { curveStyle, escapeXml, pageStyle } from '@hadal/output'
import {
  type ClaimResult,
  machineText,
  otherLoad,
  outcomeOf,
  type ProveReport,
  summaryOf,
} from '../report/prove-report.ts'
import { plotFigure } from './plot-figure.ts'
import { proveStyle } from './report-style.ts'
import { measuredText } from './report-text.ts'

const title = 'What is claimed, measured'

/** `rawTexts`: JSON by the id of the claim. */
export function provePage(report: ProveReport, rawTexts: Readonly<Record<string, string>>): string {
  const { results } = report
  const style = `${pageStyle}${curveStyle}${proveStyle}`
  // Nothing else may run or load here, whatever a result holds.
  const hash = createHash('sha256').update(style).digest('base64')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="summary">${escapeXml(summaryOf(report))}</p>
${facts(report)}
</header>
<main>
${overview(results)}
${results.map((result) => section(result, rawTexts[result.id])).join('\n')}
</main>
<footer class="facts"><p>Verdicts are computed from the raw results, which each claim links to: <code>hadal prove --from FOLDER</code> judges them again. Docs: docs/prove.md.</p></footer>
</body>
</html>
`
}

function facts(report: ProveReport): string {
  const { hadal, commit, startedAt, mode, seed, seconds, machine, notReached } = report
  const load = otherLoad(report)
  const rows = [
    ['measured', `${startedAt.slice(0, 16).replace('T', ' ')} UTC, in ${formatMillis(seconds * 1000)}`],
    ['how', `--${mode}, seed ${seed}`],
    ['machine', machineText(machine)],
    ['version', `hadal ${hadal}${commit === undefined ? '' : `, commit ${commit}`}`],
    ...(load === undefined
      ? []
      : [
          [
            'busy',
            `other work ran beside: load average ${load} on ${machine.threads} threads; what was timed says less`,
          ],
        ]),
    ...(notReached.length === 0 ? [] : [['stopped before', notReached.join(', ')]]),
  ]
  return `<dl class="about">${rows.map(([name, text]) => pair(name!, text!)).join('')}</dl>`
}

function overview(results: readonly ClaimResult[]): string {
  const rows = results.map(
    (result) =>
      `<tr><th scope="row"><a href="#${escapeXml(result.id)}">${escapeXml(result.title)}</a></th><td>${escapeXml(result.claimed)}</td><td>${escapeXml(measuredText(result))}</td><td>${badge(result)}</td></tr>`,
  )
  return `<table class="overview"><thead><tr><th scope="col">claim</th><th scope="col">claimed</th><th scope="col">measured</th><th scope="col">verdict</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`
}

function section(result: ClaimResult, rawText: string | undefined): string {
  const { id, claimed, page, command, judgement, failure, seconds, loadAverage } = result
  const rows = [
    ['claimed', claimed],
    ['measured', judgement?.verdict === 'not here' ? judgement.measured : measuredText(result)],
    ['conditions', judgement?.conditions ?? ''],
    ['took', seconds === undefined ? '' : `${formatMillis(seconds * 1000)}${busy(loadAverage)}`],
    ['guide', page === '' ? '' : `docs/${page}`],
    ...(failure === undefined ? [] : [['error', `${failure.code}: ${failure.help}`]]),
  ].filter(([, text]) => text !== '')
  const plots = (judgement?.plots ?? []).map(plotFigure).join('\n')
  return `<section id="${escapeXml(id)}">
<h2>${escapeXml(result.title)} ${badge(result)}</h2>
${judgement === undefined ? '' : `<p class="reason">${withCode(judgement.reason)}</p>`}
<dl>${rows.map(([name, text]) => pair(name!, text!)).join('')}</dl>
${plots === '' ? '' : `<div class="charts">${plots}</div>`}
<p class="again"><code>${escapeXml(command)}</code>${rawLink(id, rawText)}</p>
</section>`
}

const busy = (loadAverage: number | undefined): string =>
  loadAverage === undefined ? '' : `; load average of the machine before it ${loadAverage}`

/** What would make the page slow to open stays in its folder. */
const maxRawCharacters = 2_000_000

function rawLink(id: string, rawText: string | undefined): string {
  if (rawText === undefined) return ''
  if (rawText.length > maxRawCharacters)
    return `<span>raw results: ${escapeXml(id)}/raw.json beside this page</span>`
  const data = Buffer.from(rawText).toString('base64')
  return `<a download="${escapeXml(id)}-raw.json" href="data:application/json;base64,${data}">raw results</a>`
}

const badge = (result: ClaimResult): string => {
  const outcome = outcomeOf(result)
  return `<span class="verdict ${outcome.replaceAll(' ', '-')}">${outcome}</span>`
}

const pair = (name: string, text: string): string =>
  `<div><dt>${escapeXml(name)}</dt><dd>${withCode(text)}</dd></div>`

/** Text between backticks is code. */
const withCode = (text: string): string => escapeXml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
