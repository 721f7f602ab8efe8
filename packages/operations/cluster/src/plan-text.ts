/** Formats a plan for a terminal. */

import type { FieldChange, ObjectPlan, RolloutPlan, RolloutStrategy, WorkloadPlan } from '@hadal/fleet'
import { objectName } from '@hadal/fleet'
import type { Style } from '@hadal/output'
import { say, translate, wrapText } from '@hadal/output'
import { fieldChangeLines } from './field-change-lines.ts'

export interface Place {
  readonly server: string
  readonly context: string
  readonly namespace: string
}

export function planText(plan: RolloutPlan, place: Place, style: Style, columns: number): string {
  const { bold } = style
  const sections = [
    [
      `${bold('cluster')}  ${place.context} (${place.server}), namespace ${place.namespace}`,
      ...gpuLines(plan, style, columns),
    ],
    objectLines(plan, style, columns),
    section(
      'pods',
      plan.workloads.flatMap((each) => workloadLines(each, style, columns)),
      bold,
    ),
    section(
      say`notes`,
      plan.warnings.flatMap((each) => wrapText(each, columns, '  ')),
      bold,
    ),
    section(
      say`apply would reject it`,
      plan.blockers.flatMap(({ code, message, help }) => [
        ...wrapText(`${style.red(`error[${code}]:`)} ${message}`, columns, '  '),
        ...wrapText(`${style.cyan(translate('help:'))} ${help}`, columns, '  '),
      ]),
      bold,
    ),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function section(title: string, lines: readonly string[], bold: (text: string) => string): readonly string[] {
  return lines.length === 0 ? [] : [bold(title), ...lines]
}

function gpuLines({ gpus }: RolloutPlan, { bold, dim }: Style, columns: number): string[] {
  if (gpus === undefined) return []
  if (gpus.total === 0) return [`${bold('GPUs')}     none`]
  const nodes = gpus.byNode.map(
    ({ node, free, total, isOpen }) => say`${node} ${free} of ${total}${isOpen ? '' : ' (closed)'}`,
  )
  const isSpread = gpus.free > gpus.maxOnOneNode
  return [
    `${bold('GPUs')}     ${gpus.free} of ${gpus.total} free${isSpread ? say`, at most ${gpus.maxOnOneNode} on one node` : ''}`,
    ...(nodes.length > 1 ? wrapText(nodes.join(', '), columns, '         ').map(dim) : []),
  ]
}

const signs: Readonly<Record<ObjectPlan['action'], string>> = {
  create: '+',
  change: '~',
  unchanged: '=',
  delete: '-',
  leaveOut: '!',
}

function objectLines({ objects }: RolloutPlan, style: Style, columns: number): string[] {
  const { green, yellow, red, dim } = style
  const paint = { create: green, change: yellow, unchanged: dim, delete: red, leaveOut: yellow }
  const lines = objects
    .filter(({ action }) => action !== 'unchanged')
    .flatMap((object) => {
      const { action, manifest, changes, restartsPods } = object
      const note =
        action === 'change' && restartsPods
          ? say`  replaces pods`
          : action === 'leaveOut'
            ? say`  skipped`
            : ''
      return [
        `${paint[action](`${signs[action]} ${objectName(manifest)}`)}${dim(note)}`,
        ...briefChanges(changes).flatMap((change) => fieldChangeLines(change, style, columns)),
      ]
    })
  const same = objects.filter(({ action }) => action === 'unchanged').length
  if (same > 0) lines.push(dim(say`= ${same} unchanged`))
  return lines
}

const maxChanges = 8

/** All of them are what `diff` is for. */
const briefChanges = (changes: readonly FieldChange[]): readonly FieldChange[] => changes.slice(0, maxChanges)

function workloadLines(
  { name, replicas, gpusEach, strategy, why, ends, isNew }: WorkloadPlan,
  style: Style,
  columns: number,
): string[] {
  const gpus = gpusEach === 0 ? '' : say` of ${gpusEach} ${gpusEach === 1 ? 'GPU' : 'GPUs'}`
  const how = ends ? (isNew ? say`new` : howText(strategy)) : style.red(say`never completes`)
  return [
    `  ${name}: ${replicas} ${replicas === 1 ? say`replica` : say`replicas`}${gpus}, ${how}`,
    ...wrapText(why, columns, '    '),
  ]
}

function howText({ how }: RolloutStrategy): string {
  switch (how) {
    case 'surge':
      return say`alongside the old ones`
    case 'inPlace':
      return say`one at a time`
    case 'recreate':
      return say`all at once`
    default:
      return say`as in the manifests`
  }
}

export function planJson(plan: RolloutPlan, place: Place): unknown {
  return {
    ...place,
    gpus: plan.gpus,
    objects: plan.objects.map(({ manifest, action, changes, restartsPods }) => ({
      object: objectName(manifest),
      apiVersion: manifest.apiVersion,
      action,
      restartsPods,
      changes,
    })),
    workloads: plan.workloads.map(({ key: _, ...workload }) => workload),
    warnings: plan.warnings,
    blockers: plan.blockers.map(({ code, message, help }) => ({ code, message, help })),
  }
}
