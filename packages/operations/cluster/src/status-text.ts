/** Renders the status on one screen. */

import type { Style } from '@hadal/output'
import { cutText, formatTable, say, wrapText } from '@hadal/output'
import { shortTime } from './short-time.ts'
import { type AutoscalerStatus, isReady, type WorkloadStatus } from './status-of.ts'
import { distinct } from './wait-for-rollout.ts'

export function statusText(
  workloads: readonly WorkloadStatus[],
  now: number,
  style: Style,
  columns: number,
): string {
  const { bold, green, red, dim } = style
  const head = ['', 'READY', 'GPUS', 'REVISION', 'RESTARTS', 'AGE'].map(bold)
  const rows = workloads.map((each) => [
    each.name,
    (isReady(each) ? green : red)(`${each.ready}/${each.wanted}`),
    String(each.gpus),
    each.revision === undefined ? '' : String(each.revision),
    String(each.restarts),
    each.createdAt === undefined ? '' : shortTime(now - Date.parse(each.createdAt)),
  ])
  const table = formatTable([head, ...rows], ['left', 'right', 'right', 'right', 'right', 'right'])
  const details = workloads.flatMap((each) => [
    ...each.images.map((image) => dim(cutText(`${each.name}  ${image}`, columns))),
    ...(each.scaler === undefined ? [] : scalerLines(each.name, each.scaler, style, columns)),
  ])
  const troubles = workloads
    .filter((each) => !isReady(each))
    .flatMap((each) => troubleLines(each, style, columns))
  return [table, details.join('\n'), troubles.join('\n')].filter((part) => part !== '').join('\n\n')
}

function scalerLines(
  workload: string,
  { kind, name, min, max, trouble }: AutoscalerStatus,
  { dim, yellow }: Style,
  columns: number,
): string[] {
  const line = dim(cutText(`${workload}  ${kind} ${name}, ${min} to ${max ?? '?'}`, columns))
  return trouble === undefined
    ? [line]
    : [line, ...wrapText(say`autoscaling is off: ${trouble}`, columns, '  ').map(yellow)]
}

function troubleLines(
  { progress: { line, troubles } }: WorkloadStatus,
  { bold, red, dim }: Style,
  columns: number,
): string[] {
  return [
    bold(cutText(line, columns)),
    ...distinct(troubles).flatMap(({ sentence, fix }) => [
      ...wrapText(sentence, columns, '  ').map(red),
      ...wrapText(fix, columns, '  ').map(dim),
    ]),
  ]
}
