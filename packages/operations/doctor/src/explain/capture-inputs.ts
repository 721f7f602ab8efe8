/**
 * A capture that `hadal doctor --capture` kept, as texts to be explained: a teammate's machine is explained without it. Only what tells
 * of things that happened is: sizes and settings are for the checks.
 */

import type { Capture } from '../capture/capture.ts'
import type { ExplainInput } from './explanation.ts'

const tellsOfEvents = /^(?:dmesg|journal-kernel|nvidia-smi-(?:query|list|apps)|kubernetes-(?:events|pods))$/

/**
 * Undefined where the text is no capture. `name` is that of its file.
 *
 * @internal
 */
export function captureInputs(name: string, text: string): readonly ExplainInput[] | undefined {
  const capture = readCapture(text)
  if (capture === undefined) return undefined
  const { takenAt, readings } = capture
  const uptime = Number(/^\d+(?:\.\d+)?/.exec(textOf(readings['proc-uptime']))?.[0] ?? Number.NaN)
  const boot = Number.isFinite(uptime) ? { bootAt: takenAt - Math.round(uptime * 1000) } : {}
  return Object.entries(readings).flatMap(([source, reading]) => {
    const said = textOf(reading)
    if (!tellsOfEvents.test(source) || said.trim() === '') return []
    const isCut = (reading as { readonly isCut?: unknown } | null)?.isCut === true
    return [{ name: `${name}#${source}`, text: said, takenAt, ...boot, ...(isCut && { isCut }) }]
  })
}

const textOf = (reading: unknown): string => {
  const text = (reading as { readonly text?: unknown } | null | undefined)?.text
  return typeof text === 'string' ? text : ''
}

function readCapture(text: string): Capture | undefined {
  if (!/^\ufeff?\s*\{/.test(text) || !text.includes('"readings"')) return undefined
  try {
    const { version, takenAt, readings } = JSON.parse(text.replace(/^\ufeff/, '')) as Partial<
      Record<string, unknown>
    >
    if (version !== 1 || typeof takenAt !== 'number' || typeof readings !== 'object' || readings === null)
      return undefined
    return { version, takenAt, readings } as Capture
  } catch {
    return undefined
  }
}
