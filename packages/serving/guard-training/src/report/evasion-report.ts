/** An evasion run: for the terminal, and as an HTML page. */

import { formatMillis } from '@hadal/base'
import { fit } from '@hadal/guard-lab'
import type { Style } from '@hadal/output'
import {
  curveStyle,
  escapeXml,
  formatTable,
  pageStyle,
  say,
  shareAxis,
  standaloneSvg,
  xyChart,
} from '@hadal/output'
import type { Lockout } from '../evasion/replay-lockout.ts'
import type { Evasion } from '../evasion/run-evasion.ts'
import { percent, shareText } from './eval-text.ts'

/** @internal */
export interface EvasionReport {
  readonly date: string
  readonly guard: string
  readonly oracle: 'label' | 'score'
  readonly queries: number
  readonly seed: number
  readonly attacks: number
  /** The whole guard first. */
  readonly evasions: readonly Evasion[]
  /** For the whole guard: the effect of a key budget, and whether the policy has one. */
  readonly lockout: Lockout & {
    readonly isOn: boolean
    readonly blocked: number
    readonly pauseMillis: number
  }
}

/**
 * The report of `hadal guard attack` for a terminal.
 *
 * @internal
 */
export function evasionText(report: EvasionReport, shown: number, style: Style, columns: number): string {
  const whole = report.evasions[0]!
  return [
    style.dim(describeRun(report)),
    curveTable(report, style),
    lockoutText(report, style),
    operatorTable(whole, style),
    disguises(whole, shown, style, columns),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

export function describeRun({ attacks, queries, oracle, guard, seed }: EvasionReport): string {
  const seen = oracle === 'label' ? 'whether a text was stopped' : 'whether a text was stopped, and its score'
  return `${attacks} attacks, up to ${queries} questions each; a caller sees ${seen}; ${guard}, seed ${seed}`
}

/** Selected points of the curve for comparison. */
const shownPoints = [1, 10, 50]

function curveTable({ evasions, queries }: EvasionReport, style: Style): string {
  const points = [...shownPoints.filter((point) => point < queries), queries]
  const heads = [
    say`evaded`,
    say`missed unmodified`,
    ...points.map((point) => say`in ${point}`),
    say`median`,
  ].map(style.dim)
  const rows = evasions.map(({ target, missed, curve, medianQueries }) => [
    target === 'guard' ? style.bold('the guard') : `only ${target}`,
    String(missed),
    ...points.map((point) => {
      const share = curve.findLast(({ queries }) => queries <= point)?.evaded
      if (share === undefined || share.of === 0) return '-'
      return point === queries ? shareText(share) : percent(share.share)
    }),
    medianQueries === undefined ? '-' : String(medianQueries),
  ])
  return formatTable([heads, ...rows], ['left', ...Array<'right'>(heads.length - 1).fill('right')])
}

function lockoutText({ lockout }: EvasionReport, style: Style): string {
  const {
    isOn,
    blocked,
    beforeLockout,
    medianQueriesToLockout,
    medianMillis,
    medianMillisWithout,
    pauseMillis,
  } = lockout
  const every = `a question each ${formatMillis(pauseMillis)}`
  const lines = [
    `${isOn ? 'The budget of a key' : 'A budget of a key, which this policy lacks,'} locks a caller out at ${blocked} blocked questions${medianQueriesToLockout === undefined ? '' : `, here after ${medianQueriesToLockout} (median)`}.`,
    `Before any lockout ${shareText(beforeLockout)} of the attacks get through.`,
    ...(medianMillis === undefined || medianMillisWithout === undefined
      ? []
      : [
          `An attack that gets through takes ${formatMillis(medianMillisWithout)} without it (${every}), ${formatMillis(medianMillis)} with the waiting (medians).`,
        ]),
  ]
  return lines.map((line) => (isOn ? line : style.yellow(line))).join('\n')
}

function operatorTable({ operators }: Evasion, style: Style): string {
  const heads = [say`disguise`, say`total queries`, say`successful attacks`].map(style.dim)
  const rows = Object.entries(operators)
    .toSorted(([, a], [, b]) => b.passed / b.tried - a.passed / a.tried)
    .map(([name, { tried, passed }]) => [name, String(tried), percent(passed / tried)])
  return rows.length === 0 ? '' : formatTable([heads, ...rows], ['left', 'right', 'right'])
}

function disguises({ attempts }: Evasion, most: number, style: Style, columns: number): string {
  const through = attempts.filter(({ undiluted }) => undiluted !== undefined).slice(0, most)
  if (through.length === 0) return ''
  const lines = through.map(
    ({ attack, undiluted, queries, operators }) =>
      `${style.dim(`${queries} ${queries === 1 ? say`query` : say`queries`}, ${[...new Set(operators)].join(', ')}:`)}\n  ${fit(attack, columns - 2)}\n  ${style.yellow(fit(undiluted!, columns - 2))}`,
  )
  return [say`Successful attacks:`, ...lines].join('\n')
}

/**
 * The report of `hadal guard attack` as one HTML page.
 *
 * @internal
 */
export function evasionHtml(report: EvasionReport, version: string): string {
  const rows = report.evasions.map(
    ({ target, missed, curve, medianQueries }) =>
      `<tr><th class="left">${escapeXml(target)}</th><td>${missed}</td>${curve.map(({ evaded }) => `<td>${evaded.of === 0 ? '-' : escapeXml(percent(evaded.share))}</td>`).join('')}<td>${medianQueries ?? '-'}</td></tr>`,
  )
  const points = report.evasions[0]!.curve.map(({ queries }) => `<th>${queries}</th>`).join('')
  const plain = { bold: String, dim: String, red: String, green: String, yellow: String, cyan: String }
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A guard under attack</title>
<style>${pageStyle}${curveStyle}</style>
<h1>A guard under attack</h1>
<p class="facts">${escapeXml(describeRun(report))}</p>
<div class="charts"><figure><figcaption>Evasion <span>share of stopped attacks that got past, by questions asked</span></figcaption>${evasionChart(report)}</figure></div>
<p>${escapeXml(lockoutText(report, plain))}</p>
<table>
<tr><th class="left">got past</th><th>missed as is</th>${points}<th>median</th></tr>
${rows.join('\n')}
</table>
<p class="facts">hadal ${escapeXml(version)}, ${escapeXml(report.date)}</p>
</html>
`
}

/**
 * For a standalone file.
 *
 * @internal
 */
export const evasionSvg = (report: EvasionReport): string => standaloneSvg(evasionChart(report))

function evasionChart({ evasions, queries }: EvasionReport): string {
  return xyChart({
    title: 'Evasion',
    x: {
      name: 'questions asked',
      from: 1,
      to: Math.max(queries, 2),
      isLog: true,
      ticks: [1, 10, 100, 1000].filter((tick) => tick <= queries),
      format: String,
    },
    y: shareAxis('got past'),
    // If nothing is blocked, there is nothing to evade.
    series: evasions.flatMap(({ target, attempts, curve }) =>
      attempts.length === 0
        ? []
        : [
            {
              name: target,
              isDashed: target !== 'guard',
              points: curve.map(({ queries, evaded }) => ({ x: queries, y: evaded.share })),
            },
          ],
    ),
  })
}
