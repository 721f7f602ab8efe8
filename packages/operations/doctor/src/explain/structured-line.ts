/** Renders JSON and `key=value` lines as readable messages. */

import { type LineStamp, stampOfField } from './line-stamp.ts'

export interface StructuredLine {
  /** A message and, after it, a stack: one or several lines. */
  readonly text: string
  readonly stamp: LineStamp | undefined
  /** Its level is that of news: info or below. */
  readonly isCalm: boolean
}

const messageKeys = ['msg', 'message', 'MESSAGE', 'log', 'text', 'event', '@message']
const detailKeys = [
  'err',
  'error',
  'exception',
  'exc_info',
  'stack',
  'stack_trace',
  'traceback',
  'detail',
  'reason',
]
const timeKeys = [
  'time',
  'ts',
  'timestamp',
  '@timestamp',
  'datetime',
  'asctime',
  '__REALTIME_TIMESTAMP',
  '_SOURCE_REALTIME_TIMESTAMP',
]
const tellingKey = /code|signal|exit|status|errno|syscall|xid|reason|path|address|port/i

/** Its quotes are looked for again and again. */
const longestPairs = 16_384

/** Undefined where the line is no object that has a message. */
export function readStructuredLine(line: string): StructuredLine | undefined {
  if (line.startsWith('{') && line.endsWith('}')) return readJson(line)
  if (line.length <= longestPairs && /^(?:time|ts|level|lvl)=/.test(line)) return readPairs(line)
  return undefined
}

function readJson(line: string): StructuredLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const fields = value as Readonly<Record<string, unknown>>
  const message = messageKeys.map((key) => wordsOf(fields[key])).find((words) => words !== '') ?? ''
  const details = detailKeys
    .map((key) => wordsOf(fields[key]))
    .filter((words) => words !== '' && words !== message)
  if (message === '' && details.length === 0) return undefined
  const reported = new Set([...messageKeys, ...detailKeys, ...timeKeys])
  const rest = Object.entries(fields).flatMap(([key, field]) =>
    !reported.has(key) && tellingKey.test(key) && isShort(field) ? [`${key}=${field}`] : [],
  )
  const stamp = timeKeys.map((key) => stampOfField(fields[key])).find((found) => found !== undefined)
  const head = [message.trimEnd(), ...rest].filter((part) => part !== '').join(' ')
  const text = [head, ...details].filter((part) => part !== '').join('\n')
  return { text, stamp, isCalm: isCalmLevel(fields.level ?? fields.severity ?? fields.levelname) }
}

/** By name, or by pino's number. */
const isCalmLevel = (level: unknown): boolean =>
  typeof level === 'number'
    ? level >= 10 && level <= 30
    : typeof level === 'string' && /^(?:trace|debug|info|notice)$/i.test(level)

const isShort = (field: unknown): boolean =>
  typeof field === 'number' ||
  typeof field === 'boolean' ||
  (typeof field === 'string' && field.length <= 200)

/** Message of a text, of the journal's byte array, or of an error with its stack. */
function wordsOf(field: unknown): string {
  if (typeof field === 'string') return field
  if (Array.isArray(field))
    return field.every((each) => typeof each === 'number' && each >= 0 && each < 256)
      ? new TextDecoder().decode(Uint8Array.from(field as number[]))
      : field.filter((each) => typeof each === 'string').join('\n')
  if (typeof field !== 'object' || field === null) return ''
  const { type, name, message, stack, code } = field as Readonly<Record<string, unknown>>
  const head = [type ?? name, message].filter((part) => typeof part === 'string' && part !== '').join(': ')
  const coded = typeof code === 'string' || typeof code === 'number' ? `${head} code=${code}` : head
  if (typeof stack !== 'string' || stack === '') return coded
  return typeof message === 'string' && stack.includes(message) ? stack : `${coded}\n${stack}`
}

const pair = /([\w.@-]{1,64})=("(?:[^"\\]|\\.)*"|[^\s"]\S*)?/g

/** Parses logfmt, which containerd, dockerd and Go programs write. */
function readPairs(line: string): StructuredLine | undefined {
  const fields = new Map<string, string>()
  for (const [, key, value = ''] of line.matchAll(pair)) fields.set(key!, unquoted(value))
  const message = fields.get('msg') ?? fields.get('message')
  if (message === undefined) return undefined
  const error = fields.get('error') ?? fields.get('err')
  const stamp = timeKeys.map((key) => stampOfField(fields.get(key))).find((found) => found !== undefined)
  const text = error === undefined ? message : `${message}: ${error}`
  return { text, stamp, isCalm: isCalmLevel(fields.get('level') ?? fields.get('lvl')) }
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value
  return value
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (_, next: string) => (next === 'n' ? ' ' : next === 't' ? '\t' : next))
}
