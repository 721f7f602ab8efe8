/** A logger that writes lines to standard error: `12:03:04 info  message key=value`, or each as a JSON object. */

import {
  createLogger,
  isHadalError,
  type LogFields,
  type Logger,
  type LogLevel,
  messageOf,
} from '@hadal/base'
import type { Terminal } from '@hadal/output'

export function logLines(terminal: Terminal, threshold: LogLevel, format: 'text' | 'json' = 'text'): Logger {
  if (format === 'json')
    return createLogger(
      (level, message, fields) => terminal.note(jsonLine(level, message, fields)),
      threshold,
    )
  const { dim, yellow, red } = terminal.noteStyle
  const colors = { debug: dim, info: (text: string) => text, warn: yellow, error: red }
  return createLogger((level, message, fields) => {
    const time = new Date().toTimeString().slice(0, 8)
    const said = `${printable(message)}${dim(printable(describeFields(fields)))}`
    terminal.note(`${dim(time)} ${colors[level](level.padEnd(5))} ${said}`)
  }, threshold)
}

/** Escapes client-controlled text, so that it can neither start a line nor control the terminal. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    const code = control.charCodeAt(0).toString(16)
    return `\\u${code.padStart(4, '0')}`
  })

function describeFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${describe(value)}`)
    .join('')
}

function describe(value: unknown): string {
  if (isHadalError(value)) return JSON.stringify(`${value.code}: ${value.message}`)
  if (value instanceof Error) return JSON.stringify(value.message)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w./:-]+$/.test(text) ? text : typeof value === 'string' ? JSON.stringify(value) : text
}

/** Named as pino names them, which writes the access log. A field that has one of these names keeps it with a dash below. */
function jsonLine(level: LogLevel, message: string, fields: LogFields): string {
  const own = { level, time: new Date().toISOString(), msg: message }
  const others = Object.entries(fields).map(([key, value]) => [key in own ? `${key}_` : key, value])
  try {
    return JSON.stringify({ ...own, ...Object.fromEntries(others) }, plain)
  } catch (thrown) {
    return JSON.stringify({ ...own, fields: `cannot be written: ${messageOf(thrown)}` })
  }
}

/** Converts values JSON cannot represent; declared errors serialize themselves. */
function plain(_: string, value: unknown): unknown {
  if (value instanceof Error)
    return { message: value.message, ...(value.cause !== undefined && { cause: value.cause }) }
  return typeof value === 'bigint' ? String(value) : value
}
