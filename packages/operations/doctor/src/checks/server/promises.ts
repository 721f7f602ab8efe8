/** The service's SLOs from its config (`slo`), or the defaults. Reads the probe `service-slo`. */

import { serviceSettings } from '@hadal/config'
import { type Capture, textOf } from '../../capture/capture.ts'

export interface Promises {
  readonly latencyMillis: number
  readonly latencyShare: number
  readonly ttftMillis: number | undefined
  readonly availability: number
  readonly maxBacklog: number
  /** Default SLOs, because none are configured. */
  readonly areDefaults: boolean
}

export function promisesOf(capture: Capture): Promises {
  const said = parsed(textOf(capture, 'service-slo'))
  const usual = serviceSettings.slo.default
  const number = (key: 'latencyMillis' | 'latencyShare' | 'availability' | 'maxBacklog'): number =>
    positive(said[key]) ?? usual[key]
  return {
    latencyMillis: number('latencyMillis'),
    latencyShare: Math.min(1, number('latencyShare')),
    ttftMillis: positive(said.ttftMillis),
    availability: Math.min(1, number('availability')),
    maxBacklog: number('maxBacklog'),
    areDefaults: said.isDefault === true || positive(said.latencyMillis) === undefined,
  }
}

const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
