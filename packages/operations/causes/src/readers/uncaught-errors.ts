/**
 * Errors that ended a Node process: its report has the error, a stack, and the version last. A line that merely begins with "Error:"
 * is none.
 */

import type { LogLine, Sighting } from '@hadal/doctor'

/** The stack of an error and its properties are no longer. */
const farthest = 80
const version = /^Node\.js v\d{1,3}\.\d{1,3}\.\d{1,3}/
const named = /^(?:Uncaught:? )?(?<error>[A-Z]?\w{0,60}(?:Error|Exception)(?: \[\w{1,60}\])?(?:: .{1,300})?)$/
const reported = /\b(?:uncaught|unhandled) exception:? ?(?<error>.{0,300})/i

export function uncaughtErrors(lines: readonly LogLine[]): readonly Sighting[] {
  return lines.flatMap((line, index) => {
    const match = reported.exec(line.text)
    if (match) return [{ from: index, to: index, figures: figuresOf(match.groups?.error) }]
    return version.test(line.text) ? reportBefore(lines, index) : []
  })
}

function reportBefore(lines: readonly LogLine[], end: number): Sighting[] {
  for (let at = end - 1; at >= Math.max(0, end - farthest); at -= 1) {
    const match = named.exec(lines[at]?.text ?? '')
    const next = lines[at + 1]?.text ?? ''
    if (match && /^\s*(?:at \S|\[cause\]|code:)/.test(next))
      return [{ from: at, to: at, figures: figuresOf(match.groups?.error) }]
  }
  return []
}

const figuresOf = (error: string | undefined): Record<string, string> =>
  error === undefined || error === '' ? {} : { error }
