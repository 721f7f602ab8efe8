/** Renders events and pods of `kubectl -o json` or `-o yaml` as lines like those of `kubectl get events`. */

import { isPlainObject } from '@hadal/base'
import { parseAllDocuments } from 'yaml'
import { stampOfField } from './line-stamp.ts'

export interface ObjectLine {
  readonly number: number
  readonly text: string
  readonly at?: number
}

/** Larger texts are read line by line as plain text. YAML parsing is slow. */
const maxJson = 64 * 1024 * 1024
const maxYaml = 1024 * 1024

/** A list that a capture keeps has items, and no kind. */
const hasObjects =
  /["']?kind["']?\s*:\s*["']?(?:[A-Z]\w*List|List|Event|Pod)\b|"(?:involvedObject|containerStatuses)"\s*:/

/** Undefined where the text is something else, or has nothing that could be a cause. */
export function linesOfObjects(text: string): readonly ObjectLine[] | undefined {
  if (!hasObjects.test(text.slice(0, 65_536) + text.slice(-4096))) return undefined
  const find = lineFinder(text)
  const lines = documentsOf(text)
    .flatMap(itemsOf)
    .flatMap((item) => linesOfItem(item).map((line) => ({ ...line, number: find(item) })))
  return lines.length === 0 ? undefined : lines
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (isPlainObject(value) ? (value as Fields) : {})
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).replaceAll(/\s+/g, ' ') : ''

function documentsOf(text: string): readonly Fields[] {
  try {
    if (/^\ufeff?\s*[{[]/.test(text))
      return text.length <= maxJson ? [fieldsOf(JSON.parse(text.replace(/^\ufeff/, '')))] : []
    if (text.length > maxYaml || !/^(?:---|apiVersion:|kind:|items:)/.test(text.trimStart())) return []
    // Aliases could stand for more than memory holds; kubectl writes none.
    return parseAllDocuments(text, { logLevel: 'silent' })
      .filter(({ errors }) => errors.length === 0)
      .map((document) => fieldsOf(document.toJS({ maxAliasCount: 0 })))
  } catch {
    return []
  }
}

const itemsOf = (document: Fields): readonly Fields[] =>
  Array.isArray(document.items) ? listOf(document.items) : [document]

function linesOfItem(item: Fields): readonly Omit<ObjectLine, 'number'>[] {
  if (typeof item.reason === 'string' && (item.involvedObject !== undefined || item.regarding !== undefined))
    return [eventLine(item)]
  return item.kind === 'Pod' || fieldsOf(item.status).containerStatuses !== undefined ? podLines(item) : []
}

function eventLine(event: Fields): Omit<ObjectLine, 'number'> {
  const object = fieldsOf(event.involvedObject ?? event.regarding)
  const times = [
    event.lastTimestamp,
    fieldsOf(event.series).lastObservedTime,
    event.eventTime,
    event.firstTimestamp,
    event.deprecatedLastTimestamp,
  ]
  const who = `${textOf(object.kind).toLowerCase()}/${textOf(object.name)}`
  return {
    text: [textOf(event.type), textOf(event.reason), who, textOf(event.message ?? event.note)].join('  '),
    ...timed(times),
  }
}

function podLines(pod: Fields): readonly Omit<ObjectLine, 'number'>[] {
  const status = fieldsOf(pod.status)
  const who = `pod/${textOf(fieldsOf(pod.metadata).name)}`
  const lines: Omit<ObjectLine, 'number'>[] = []
  if (typeof status.reason === 'string')
    lines.push({ text: ['Warning', textOf(status.reason), who, textOf(status.message)].join('  ') })
  for (const { type, status: holds, reason, message, lastTransitionTime } of listOf(status.conditions))
    if (holds === 'False' && typeof message === 'string' && type === 'PodScheduled')
      lines.push({
        text: [
          'Warning',
          reason === 'Unschedulable' ? 'FailedScheduling' : textOf(reason),
          who,
          textOf(message),
        ].join('  '),
        ...timed([lastTransitionTime]),
      })
  const containers = [...listOf(status.initContainerStatuses), ...listOf(status.containerStatuses)]
  for (const { name, state, lastState } of containers)
    for (const [title, where] of [
      ['State', fieldsOf(state)],
      ['Last State', fieldsOf(lastState)],
    ] as const)
      lines.push(...stateLines(`${who}  container ${textOf(name)}`, title, where))
  return lines
}

function stateLines(who: string, title: string, state: Fields): readonly Omit<ObjectLine, 'number'>[] {
  const ended = fieldsOf(state.terminated)
  const waiting = fieldsOf(state.waiting)
  const lines: Omit<ObjectLine, 'number'>[] = []
  if (state.terminated !== undefined && ended.exitCode !== 0) {
    const signal = ended.signal === undefined ? '' : `, Signal: ${textOf(ended.signal)}`
    const said = ended.message === undefined ? '' : `, Message: ${textOf(ended.message)}`
    lines.push({
      text: `Warning  ${textOf(ended.reason)}  ${who}: ${title}: Terminated, Reason: ${textOf(ended.reason)}, Exit Code: ${textOf(ended.exitCode)}${signal}${said}`,
      ...timed([ended.finishedAt]),
    })
  }
  if (state.waiting !== undefined)
    lines.push({
      text: `Warning  ${textOf(waiting.reason)}  ${who}: ${title}: Waiting, Reason: ${textOf(waiting.reason)}, Message: ${textOf(waiting.message)}`,
    })
  return lines
}

function timed(fields: readonly unknown[]): { at?: number } {
  const at = fields.map(stampOfField).find((stamp) => stamp !== undefined)?.millis
  return at === undefined ? {} : { at }
}

/** Finds an item's line by its uid, which is unique, or its name. Items come in order. */
function lineFinder(text: string): (item: Fields) => number {
  let counted = 0
  let number = 1
  return (item) => {
    const metadata = fieldsOf(item.metadata)
    const mark = textOf(metadata.uid) || textOf(metadata.name)
    const at = mark === '' ? -1 : text.indexOf(mark, counted)
    for (
      let next = text.indexOf('\n', counted);
      at !== -1 && next !== -1 && next < at;
      next = text.indexOf('\n', next + 1)
    ) {
      number += 1
      counted = next + 1
    }
    return number
  }
}
