/** A verdict for display: action and reason, location and encoding, and the result of each check. */

import type { StepTiming, Verdict, VerdictFinding, View } from '@hadal/guard'
import { formatTable, recognise, type Style, say, visibleLength } from '@hadal/output'
import { placeInView } from './place-in-view.ts'
import { fit, showAll, showSpan } from './show-span.ts'

export interface ShownVerdict {
  readonly verdict: Verdict
  /** The original text. */
  readonly text: string
  readonly views: readonly View[]
  /** Suspicion threshold of each scoring check. */
  readonly thresholds: Readonly<Record<string, number>>
}

const maxFindings = 6

export function verdictText(
  { verdict, text, views, thresholds }: ShownVerdict,
  style: Style,
  columns: number,
): string {
  const { findings } = verdict
  const shown = findings.slice(0, maxFindings)
  const rest = findings.length - shown.length
  const parts = [
    headLine(verdict, style),
    ...shown.map((finding, at) => findingText(finding, at === 0, text, views, style, columns)),
    ...(rest > 0 ? [style.dim(say`and ${rest} more; see --json`)] : []),
    ...(verdict.reply === undefined ? [] : [say`reply: ${showAll(verdict.reply)}`]),
    ...(verdict.text !== text ? [say`forwarded as: ${fit(verdict.text, columns - 12)}`] : []),
    checksTable(verdict, thresholds, style),
  ]
  return parts.join('\n\n')
}

function headLine(verdict: Verdict, style: Style): string {
  const { action, findings, role, language, isNearMiss } = verdict
  const paint = colourOf(action, style)
  const reason = findings[0]
  const about = style.dim(`(${role}, ${language === 'other' ? say`other language` : language})`)
  const words = {
    allow: say`allowed`,
    flag: say`allowed, with a flag`,
    redact: say`allowed, redacted`,
    reply: say`blocked, with a reply`,
    block: say`blocked`,
  }[action]
  const by =
    reason === undefined ? '' : say` by ${style.bold(reason.check)}: ${showAll(recognise(reason.why))}`
  const near = isNearMiss ? style.yellow(say`; a near miss, which counts toward key budgets`) : ''
  return `${paint(style.bold(words))}${by}${near} ${about}`
}

function findingText(
  finding: VerdictFinding,
  /** The reason was already printed. */
  isWhySaid: boolean,
  text: string,
  views: readonly View[],
  style: Style,
  columns: number,
): string {
  const { action, rule, check, layer, why, nearest, span } = finding
  const facts = [check === layer ? layer : `${check}, ${layer}`, say`at ${span.start}-${span.end}`]
  if (nearest !== undefined) facts.push(say`nearest known: ${nearest}`)
  const room = Math.max(20, columns - 4)
  const { line, pointer } = showSpan(text, span, room, style)
  const lines = [
    `${colourOf(action, style)(action.padEnd(7))}${style.bold(rule)}  ${style.dim(facts.join(' · '))}`,
    ...(why === '' || isWhySaid ? [] : [`  ${showAll(recognise(why))}`]),
    `    ${line}`,
    `    ${pointer}`,
  ]
  const view = views.find(({ name }) => name === finding.view)
  if (view !== undefined && view.path.length > 0) {
    const label = `${view.path.join(' > ')}: `
    const read = readIn(view, finding)
    lines.push(`    ${style.cyan(label)}${fit(read, room - visibleLength(label))}`)
  }
  return lines.join('\n')
}

/** The view's text at the finding, or all of it if that cannot be located. */
function readIn(view: View, { span }: VerdictFinding): string {
  const place = placeInView(view, span)
  return place === undefined ? view.text : view.text.slice(place.start, place.end)
}

function checksTable(verdict: Verdict, thresholds: ShownVerdict['thresholds'], style: Style): string {
  const { findings, suspicion, abstained, failed, timings, micros } = verdict
  const rows = timings.map(({ check, layer, micros: taken }: StepTiming) => {
    const acted = findings.find((finding) => finding.check === check)
    const said =
      failed[check] !== undefined
        ? style.red(say`failed: ${showAll(failed[check])}`)
        : abstained[check] !== undefined
          ? style.yellow(say`abstains: ${showAll(abstained[check])}`)
          : acted === undefined
            ? '-'
            : colourOf(acted.action, style)(acted.action)
    return [
      check,
      check === layer || layer === 'views' ? '' : layer,
      said,
      ...suspicionCells(suspicion[check], thresholds[check]),
      time(taken),
    ]
  })
  const heads = [say`check`, say`layer`, say`verdict`, say`suspicion`, say`threshold`, 'µs'].map(style.dim)
  return formatTable(
    [heads, ...rows, [style.bold(say`all`), '', '', '', '', style.bold(time(micros))]],
    ['left', 'left', 'left', 'right', 'right', 'right'],
  )
}

function suspicionCells(suspicion: number | undefined, threshold: number | undefined): [string, string] {
  if (suspicion === undefined) return ['', '']
  return [suspicionText(suspicion), threshold === undefined ? '' : suspicionText(threshold)]
}

/** Near 1, the digits after the nines are the significant ones. */
export function suspicionText(suspicion: number): string {
  return suspicion > 0.99 && suspicion < 1
    ? String(Number(suspicion.toFixed(Math.min(6, 2 - Math.floor(Math.log10(1 - suspicion))))))
    : suspicion.toFixed(2)
}

const time = (micros: number): string =>
  micros < 10 ? micros.toFixed(1) : Math.round(micros).toLocaleString('en')

function colourOf(action: Verdict['action'], style: Style): (text: string) => string {
  if (action === 'allow') return style.green
  return action === 'block' || action === 'reply' ? style.red : style.yellow
}
