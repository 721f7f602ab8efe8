/** Renders leader, engine counts, reasons and unreliable measurements as text. */

import { shortTime } from '@hadal/cluster'
import type { Style } from '@hadal/output'
import { formatTable, say, wrapText } from '@hadal/output'
import type { ReadStatus } from './read-status.ts'
import type { KeptDecision, ModelStatus } from './scaler-status.ts'

export interface StatusView {
  readonly now: number
  readonly style: Style
  readonly columns: number
}

/** Whether a controller is active and working. */
export const isDeciding = ({ leader, isDryRun, models }: ReadStatus): boolean =>
  (leader !== null || isDryRun === true) && models.every(({ fault }) => fault === null)

const shownDecisions = 5

export function statusText(status: ReadStatus, view: StatusView): string {
  const { style } = view
  const models = status.models.map((model) => modelText(model, view))
  const none = style.dim(say`no decisions yet`)
  return [leaderLine(status, view), ...(models.length > 0 ? models : [none])].join('\n\n')
}

function leaderLine(status: ReadStatus, { now, style }: StatusView): string {
  const { leader, isDryRun, leadsSince, renewedAt } = status
  if (isDryRun) return style.yellow(say`nothing is changed (--dry-run)`)
  if (leader === 'here') return say`${style.green(say`active`)}, for the engines on its machine`
  const ago = (at: number | undefined): string => (at === undefined ? '' : shortTime(now - at))
  if (leader === null) {
    const since = renewedAt === undefined ? '' : say`; last seen ${ago(renewedAt)} ago`
    return say`${style.red(say`no leader`)}: engines are unchanged${since}`
  }
  // A suffix makes it unique.
  const name = style.bold(leader.replace(/_[0-9a-f-]{36}$/, ''))
  const since = leadsSince === undefined ? '' : say` for ${ago(leadsSince)}`
  return `${name} ${style.green(say`leads`)}${since}`
}

function modelText(status: ModelStatus, view: StatusView): string {
  const { style, columns } = view
  const { model, target, replicas, readyReplicas, minReplicas, maxReplicas, bound, fault, decisions } = status
  const count =
    replicas === null
      ? style.yellow(say`unknown count`)
      : say`${replicas} ${replicas === 1 ? say`engine` : say`engines`}, ${readyReplicas ?? 0} ready`
  const range = style.dim(
    say`${minReplicas} to ${maxReplicas}${bound === undefined ? '' : say`, at most ${bound}`}`,
  )
  const head = `${style.bold(model)}  ${count}  ${range}  ${style.dim(target)}`
  const last = decisions.at(-1)
  const unusable = (last?.signals ?? []).flatMap(({ name, unusable: why }) =>
    why === undefined ? [] : [`${name}: ${why}`],
  )
  return [
    head,
    ...(fault === null ? [] : wrapText(fault, columns, '  ').map(style.red)),
    ...unusable.flatMap((each) => wrapText(say`unusable  ${each}`, columns, '  ').map(style.yellow)),
    ...(decisions.length === 0 ? [] : [decisionTable(decisions.slice(-shownDecisions), view)]),
  ].join('\n')
}

/** Newest first: it describes the current state. */
function decisionTable(decisions: readonly KeptDecision[], { now, style, columns }: StatusView): string {
  const rows = decisions.toReversed().map((decision) => {
    const { action, reason, from, to } = decision
    const at = decision.since ?? decision.at
    const change = action === 'hold' ? String(to) : `${from} → ${to}`
    return [say`  ${shortTime(now - at)} ago`, change, reason, withoutCount(decision)]
  })
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)) + 2)
  const before = widths.reduce((sum, width) => sum + width, 0)
  const room = Math.max(24, columns - before)
  const lines = rows.flatMap(([at, change, reason, text]) =>
    wrapText(text!, room).map((line, index) =>
      index === 0 ? [style.dim(at!), changeText(change!, style), reason!, line] : [' ', '', '', line],
    ),
  )
  return formatTable(lines, ['left', 'right', 'left', 'left'])
}

const changeText = (change: string, style: Style): string =>
  change.includes('→') ? style.bold(change) : change

/** `4 to 6 engines: each is 96 % busy`: the number has a separate column. */
const withoutCount = ({ text }: KeptDecision): string => text.replace(/^(\d+ to )?\d+ engines?: /, '')
