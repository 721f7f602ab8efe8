/** A guard evaluation for the terminal. */

import { fit } from '@hadal/guard-lab'
import { formatTable, recognise, type Style, say } from '@hadal/output'
import type { GroupSummary } from '../evaluate/summarise.ts'
import type { Share } from '../evaluate/wilson-interval.ts'
import type { EvalReport, Excerpt, MeasuredBy } from './eval-report.ts'

/**
 * The report of `hadal guard eval` for a terminal.
 *
 * @internal
 */
export function evalText(report: EvalReport, style: Style, columns: number): string {
  const { summary } = report
  const parts = [
    measuredLines(report, style, columns),
    groupTable(summary, [...summary.languages, summary.all], say`language`, style),
    groupTable(summary, summary.sources, say`source`, style),
    groupTable(summary, summary.categories, say`category`, style),
    layerTable(report, style),
    latencyTable(report, style),
    silentLine(report),
    excerptList(say`missed attacks, ${countOf(summary.all.recall, 'left')}`, report.missed, style, columns),
    excerptList(
      say`false positives, ${countOf(summary.all.falsePositives, 'hit')}`,
      report.wronglyStopped,
      style,
      columns,
    ),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function measuredLines({ guard, measuredBy }: EvalReport, style: Style, columns: number): string {
  const lines = [guard, ...measuredBy.map((by) => recognise(describeMeasured(by)))].map((line) =>
    style.dim(fit(line, columns)),
  )
  const repeated = measuredBy.reduce((sum, { repeated = 0 }) => sum + repeated, 0)
  const warning = say`${repeated.toLocaleString('en')} of them are near-duplicates of training texts: expect lower recall on others`
  return [...lines, ...(repeated === 0 ? [] : [style.yellow(fit(warning, columns))])].join('\n')
}

/** The evaluation method and its limitations. */
export function describeMeasured({ sources, texts, retrained, repeated = 0 }: MeasuredBy): string {
  const by =
    retrained === undefined
      ? `by the guard as it is${repeated === 0 ? '' : `, ${repeated.toLocaleString('en')} nearly as it was trained on`}`
      : `by a guard trained on ${retrained.on.toLocaleString('en')} others (${retrained.dropped.toLocaleString('en')} near-duplicates left out)`
  return `${texts.toLocaleString('en')} texts ${by}: ${sources.join(', ')}`
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(share < 0.1 ? 2 : 1))} %`

/**
 * A proportion with its confidence interval: `71.2 % (68-74)`.
 *
 * @internal
 */
export function shareText(share: Share | undefined): string {
  if (share === undefined) return '-'
  const digits = share.high < 0.1 ? 1 : 0
  return `${percent(share.share)} (${(share.low * 100).toFixed(digits)}-${(share.high * 100).toFixed(digits)})`
}

const countOf = (share: Share | undefined, which: 'hit' | 'left'): string => {
  if (share === undefined) return '0'
  return say`${(which === 'hit' ? share.count : share.of - share.count).toLocaleString('en')} of ${share.of.toLocaleString('en')}`
}

/** A column header for recall at a false-positive rate: `recall at 1 %`. */
export const rateHead = (rate: number): string => `recall at ${percent(rate)}`

function groupTable(
  { rate }: EvalReport['summary'],
  groups: readonly GroupSummary[],
  name: string,
  style: Style,
): string {
  if (groups.length === 0) return ''
  const heads = [
    name,
    say`attacks`,
    say`blocked`,
    recognise(rateHead(rate)),
    say`benign`,
    say`false positives`,
  ].map(style.dim)
  const rows = groups.map((group) => [
    group.name === 'all' ? style.bold(say`all`) : fit(group.name, 24),
    group.recall === undefined ? '' : group.recall.of.toLocaleString('en'),
    group.recall === undefined ? '' : shareText(group.recall),
    group.recallAtRate === undefined ? '' : shareText(group.recallAtRate),
    group.falsePositives === undefined ? '' : group.falsePositives.of.toLocaleString('en'),
    group.falsePositives === undefined ? '' : shareText(group.falsePositives),
  ])
  return formatTable([heads, ...rows], ['left', 'right', 'right', 'right', 'right', 'right'])
}

function layerTable({ summary, withoutViews }: EvalReport, style: Style): string {
  const heads = [say`layers`, say`blocked`, recognise(rateHead(summary.rate)), say`false positives`].map(
    style.dim,
  )
  const cells = (group: Omit<GroupSummary, 'name'>): string[] => [
    shareText(group.recall),
    shareText(group.recallAtRate),
    shareText(group.falsePositives),
  ]
  const rows = [
    [style.bold(say`all`), ...cells(summary.all)],
    ...summary.layers.map(({ layer, alone }) => [say`only ${layer}`, ...cells(alone)]),
    ...summary.layers.map(({ layer, without }) => [say`all except ${layer}`, ...cells(without)]),
    [say`all, without views`, ...cells(withoutViews)],
  ]
  return formatTable([heads, ...rows], ['left', 'right', 'right', 'right'])
}

function latencyTable({ summary }: EvalReport, style: Style): string {
  const heads = [say`µs per text`, 'p50', 'p99', say`most`].map(style.dim)
  const show = (micros: number): string =>
    micros < 10 ? micros.toFixed(1) : Math.round(micros).toLocaleString('en')
  const rows = summary.latency.map(({ name, p50Micros, p99Micros, maxMicros }) => [
    name === 'all' ? style.bold(name) : name,
    show(p50Micros),
    show(p99Micros),
    show(maxMicros),
  ])
  return formatTable([heads, ...rows], ['left', 'right', 'right', 'right'])
}

function silentLine({ summary }: EvalReport): string {
  const listed = (counts: Readonly<Record<string, number>>, verb: string): string[] =>
    Object.entries(counts).map(([check, count]) => say`${check} ${verb} ${count.toLocaleString('en')} texts`)
  return [...listed(summary.abstained, say`abstained from`), ...listed(summary.failed, say`failed on`)].join(
    '; ',
  )
}

const maxShown = 5

function excerptList(title: string, list: readonly Excerpt[], style: Style, columns: number): string {
  if (list.length === 0) return ''
  const lines = list.slice(0, maxShown).map(({ at, by, excerpt }) => {
    const place = `${at}${by === undefined ? '' : say` by ${by}`}`
    return `  ${style.dim(place)}\n    ${fit(excerpt, columns - 4)}`
  })
  return [title, ...lines].join('\n')
}
