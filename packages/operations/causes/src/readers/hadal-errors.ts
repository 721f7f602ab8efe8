/** Hadal's own errors: `error[config_invalid]: ...`, followed by details, and `help: ...` last. */

import type { LogLine, Sighting } from '@hadal/doctor'

/** A report is no longer. */
const maxLines = 40
const start = /(?:^|\s)error\[(?<code>[a-z][a-z0-9]*(?:_[a-z0-9]+)+)\]: (?<message>.{1,300})/
const help = /^\s*help: (?<help>.{1,300})/

export function hadalErrors(lines: readonly LogLine[]): readonly Sighting[] {
  return lines.flatMap(({ text }, from) => {
    if (!text.includes('error[')) return []
    const said = start.exec(text)?.groups
    if (!said) return []
    const end = helpAfter(lines, from)
    const advised = end === undefined ? undefined : help.exec(lines[end]?.text ?? '')?.groups?.help
    return [
      {
        from,
        to: end ?? from,
        figures: {
          code: said.code ?? '',
          message: said.message ?? '',
          ...(advised !== undefined && { help: advised }),
        },
      },
    ]
  })
}

function helpAfter(lines: readonly LogLine[], from: number): number | undefined {
  for (let at = from + 1; at < Math.min(lines.length, from + maxLines); at += 1) {
    const text = lines[at]?.text ?? ''
    if (help.test(text)) return at
    if (text.includes('error[')) return undefined
  }
  return undefined
}
