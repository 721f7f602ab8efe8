/** An alert's runbook, parsed for rendering. */

import { allRunbooks } from '@hadal/fleet'
import type { RunbookAnswer } from '@hadal/protocol'

/** Undefined for an unknown alert. */
export function runbookOf(alert: string): RunbookAnswer | undefined {
  const found = allRunbooks.find((each) => each.alert === alert)
  if (found === undefined) return undefined
  return {
    ...found,
    look: found.look.map((step) =>
      'shell' in step
        ? { says: step.says, language: 'sh', code: step.shell }
        : { says: step.says, language: 'promql', code: step.promql },
    ),
  }
}
