/**
 * A capture that `hadal doctor --capture` kept, as texts to be explained: a teammate's machine is explained without it. Only what reports
 * events is: sizes and settings are for the checks.
 */

import { type Capture, textOf } from '../capture/capture.ts'
import { parseCapture } from '../capture/parse-capture.ts'
import type { ExplainInput } from './explanation.ts'

const tellsOfEvents = /^(?:dmesg|journal-kernel|nvidia-smi-(?:query|list|apps)|kubernetes-(?:events|pods))$/

/**
 * Undefined where the text is no capture. `name` is that of its file.
 *
 * @internal
 */
export function captureInputs(name: string, text: string): readonly ExplainInput[] | undefined {
  const capture = readCapture(name, text)
  if (capture === undefined) return undefined
  const { takenAt, readings } = capture
  const uptime = Number(/^\d+(?:\.\d+)?/.exec(textOf(capture, 'proc-uptime') ?? '')?.[0] ?? Number.NaN)
  const boot = Number.isFinite(uptime) ? { bootAt: takenAt - Math.round(uptime * 1000) } : {}
  return Object.entries(readings).flatMap(([source, reading]) => {
    const { text: said = '' } = reading
    if (!tellsOfEvents.test(source) || said.trim() === '') return []
    const isCut = 'isCut' in reading && reading.isCut === true
    return [{ name: `${name}#${source}`, text: said, takenAt, ...boot, ...(isCut && { isCut }) }]
  })
}

function readCapture(name: string, text: string): Capture | undefined {
  // Logs are long, and most are no capture.
  if (!/^\ufeff?\s*\{/.test(text) || !text.includes('"readings"')) return undefined
  try {
    return parseCapture(text, name)
  } catch {
    return undefined
  }
}
