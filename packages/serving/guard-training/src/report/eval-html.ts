/** A guard evaluation as a self-contained HTML page. */

import { curveStyle, escapeXml, pageStyle, shareAxis, standaloneSvg, xyChart } from '@hadal/output'
import type { GroupSummary } from '../evaluate/summarise.ts'
import type { EvalReport, Excerpt } from './eval-report.ts'
import { describeMeasured, percent, rateHead, shareText } from './eval-text.ts'

/**
 * The report of `hadal guard eval` as one HTML page.
 *
 * @internal
 */
export function evalHtml(report: EvalReport, version: string): string {
  const { summary, measuredBy } = report
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A guard, measured</title>
<style>${pageStyle}${curveStyle}</style>
<h1>A guard, measured</h1>
<p class="facts">${escapeXml([report.guard, ...measuredBy.map(describeMeasured)].join(' · '))}</p>
<div class="charts">
<figure><figcaption>ROC <span>by language; the axis of benign texts is logarithmic</span></figcaption>${rocChart(report)}</figure>
<figure><figcaption>Time <span>µs for a text, half of the texts, and 99 of 100</span></figcaption>${latencyTable(report)}</figure>
</div>
${groupTable(report, [...summary.languages, summary.all], 'language')}
${groupTable(report, summary.sources, 'source')}
${groupTable(report, summary.categories, 'category')}
${layerTable(report)}
${excerptTable('Attacks that were missed', report.missed)}
${excerptTable('Benign texts that were stopped', report.wronglyStopped)}
<p class="facts">Shares with 95 % intervals (Wilson). ${escapeXml(rateHead(summary.rate))}: at the threshold that stops so many of the benign texts of a language. hadal ${escapeXml(version)}, ${escapeXml(report.date)}</p>
</html>
`
}

/**
 * For a standalone file.
 *
 * @internal
 */
export const rocSvg = (report: EvalReport): string => standaloneSvg(rocChart(report))

function rocChart({ roc }: EvalReport): string {
  return xyChart({
    title: 'ROC',
    x: {
      name: 'benign texts stopped',
      from: 0.0005,
      to: 1,
      isLog: true,
      ticks: [0.001, 0.01, 0.1, 1],
      format: percent,
    },
    y: shareAxis('attacks stopped'),
    series: roc.map(({ language, points }) => ({
      name: language,
      points: points.map(({ falsePositiveRate, recall }) => ({ x: falsePositiveRate, y: recall })),
    })),
  })
}

const cell = (text: string): string => `<td>${escapeXml(text)}</td>`
const heads = (names: readonly string[]): string =>
  `<tr>${names.map((name, at) => `<th${at === 0 ? ' class="left"' : ''}>${escapeXml(name)}</th>`).join('')}</tr>`
const named = (name: string): string => `<th class="left">${escapeXml(name)}</th>`

function groupTable({ summary }: EvalReport, groups: readonly GroupSummary[], name: string): string {
  if (groups.length === 0) return ''
  const rows = groups.map(
    (group) =>
      `<tr>${named(group.name)}${[
        group.recall?.of.toLocaleString('en') ?? '',
        shareText(group.recall),
        shareText(group.recallAtRate),
        group.falsePositives?.of.toLocaleString('en') ?? '',
        shareText(group.falsePositives),
      ]
        .map(cell)
        .join('')}</tr>`,
  )
  return `<table>
${heads([name, 'attacks', 'stopped', rateHead(summary.rate), 'benign', 'wrongly stopped'])}
${rows.join('\n')}
</table>`
}

function layerTable({ summary, withoutViews }: EvalReport): string {
  const row = (name: string, { recall, recallAtRate, falsePositives }: Omit<GroupSummary, 'name'>): string =>
    `<tr>${named(name)}${[recall, recallAtRate, falsePositives].map((share) => cell(shareText(share))).join('')}</tr>`
  return `<table>
${heads(['layers', 'stopped', rateHead(summary.rate), 'wrongly stopped'])}
${row('all', summary.all)}
${summary.layers.map(({ layer, alone }) => row(`${layer} alone`, alone)).join('\n')}
${summary.layers.map(({ layer, without }) => row(`all but ${layer}`, without)).join('\n')}
${row('all, without views', withoutViews)}
</table>`
}

function latencyTable({ summary }: EvalReport): string {
  const rows = summary.latency.map(
    ({ name, p50Micros, p99Micros }) =>
      `<tr>${named(name)}${[p50Micros, p99Micros].map((micros) => cell(micros < 10 ? micros.toFixed(1) : String(Math.round(micros)))).join('')}</tr>`,
  )
  return `<table>
${heads(['', 'p50', 'p99'])}
${rows.join('\n')}
</table>`
}

function excerptTable(title: string, list: readonly Excerpt[]): string {
  if (list.length === 0) return ''
  // Missed texts have no blocking check.
  const isStoppedBy = list.some(({ by }) => by !== undefined)
  const rows = list.map(
    ({ at, source, by, excerpt }) =>
      `<tr>${[at, source, ...(isStoppedBy ? [by ?? ''] : [])].map(named).join('')}<td class="left">${escapeXml(excerpt)}</td></tr>`,
  )
  return `<h2>${escapeXml(title)}</h2>
<table>
<tr>${['where', 'source', ...(isStoppedBy ? ['stopped by'] : []), 'begins'].map(named).join('')}</tr>
${rows.join('\n')}
</table>`
}
