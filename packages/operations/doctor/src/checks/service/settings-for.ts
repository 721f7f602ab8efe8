/** The settings that service checks use; if they are invalid, dependent results are unknown. */

import type { Capture } from '../../capture/capture.ts'
import type { Verdict } from '../check.ts'
import { type Facts, factsOf, notRead } from '../facts.ts'

const withoutSettings = (what: string): Verdict => ({
  severity: 'unknown',
  says: `${what}: unknown while the settings are invalid`,
  fix: { text: 'Fix the settings first.', command: 'hadal config' },
})

/** The effective settings; a verdict if there are none. */
export function settingsFor(capture: Capture, what: string): Facts | Verdict {
  const config = factsOf(capture, 'service-config')
  if (!config.isThere) return notRead(capture, 'service-config', what)
  return config.flag('isValid') === true ? config : withoutSettings(what)
}

export const isVerdict = (given: Facts | Verdict): given is Verdict => 'severity' in given
