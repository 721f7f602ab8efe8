/** Parses a probe's untrusted JSON: each value has its type or is undefined. Never throws. */

import { isPlainObject } from '@hadal/base'
import { type Capture, textOf } from '../capture/capture.ts'
import type { Verdict } from './check.ts'

export interface Facts {
  /** Whether there is an object at all. */
  readonly isThere: boolean
  /** Finite, as all are. */
  number(key: string): number | undefined
  text(key: string): string | undefined
  flag(key: string): boolean | undefined
  part(key: string): Facts
  list(key: string): readonly Facts[]
  texts(key: string): readonly string[]
}

/** Facts of a JSON source; empty if it was not read or is not JSON. */
export function factsOf(capture: Capture, source: string): Facts {
  try {
    return factsIn(JSON.parse(textOf(capture, source) ?? 'null'))
  } catch {
    return factsIn(undefined)
  }
}

function factsIn(value: unknown): Facts {
  const isThere = isPlainObject(value)
  const at = (key: string): unknown =>
    isThere && Object.hasOwn(value, key) ? value[key as never] : undefined
  const items = (key: string): readonly unknown[] => {
    const list = at(key)
    return Array.isArray(list) ? list : []
  }
  return {
    isThere,
    number(key) {
      const given = at(key)
      return typeof given === 'number' && Number.isFinite(given) ? given : undefined
    },
    text(key) {
      const given = at(key)
      return typeof given === 'string' ? given : undefined
    },
    flag(key) {
      const given = at(key)
      return typeof given === 'boolean' ? given : undefined
    },
    part: (key) => factsIn(at(key)),
    list: (key) => items(key).map(factsIn),
    texts: (key) => items(key).filter((item) => typeof item === 'string'),
  }
}

/**
 * Verdict for a source that could not be read, and so cannot pass. `what` is used in the sentence: `the
 * limits of this process`.
 */
export function notRead(capture: Capture, source: string, what: string): Verdict {
  const reading = capture.readings[source]
  const why =
    reading === undefined
      ? 'it was not queried'
      : 'failed' in reading
        ? reading.detail
        : 'its output could not be parsed'
  return {
    severity: 'unknown',
    says: `${what} could not be read: ${why}`,
    fix: { text: `Check it manually, or take another capture (source ${source}).` },
  }
}

/** Files of /proc and /sys are Linux's: elsewhere they are no loss. */
export function notReadOnLinux(capture: Capture, source: string, what: string): Verdict {
  const platform = factsOf(capture, 'node').text('platform')
  return platform === undefined || platform === 'linux'
    ? notRead(capture, source, what)
    : { severity: 'skipped', says: `${what}: only available on Linux` }
}
