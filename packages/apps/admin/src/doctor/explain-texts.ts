/** Finds the root cause in pasted texts, like `hadal doctor explain`. */

import { causes } from '@hadal/causes'
import { captureInputs, explain, type SeenCause } from '@hadal/doctor'
import type { ExplainAnswer, ExplainedCause, ExplainRequest } from '@hadal/protocol'

const maxEntries = 200

export function explainTexts(texts: ExplainRequest['texts'], now: number = Date.now()): ExplainAnswer {
  const inputs = texts.flatMap(
    ({ name, text }) => captureInputs(name, text) ?? [{ name, text, takenAt: now }],
  )
  const { cause, alsoSeen, timeline, read, suspicious, isNothingThere } = explain(inputs, causes, { now })
  return {
    ...(cause !== undefined && { cause: reportedCause(cause) }),
    alsoSeen: alsoSeen.map(reportedCause),
    timeline: timeline.slice(0, maxEntries),
    read,
    suspicious,
    ...(isNothingThere === true && { isNothingThere }),
  }
}

function reportedCause({ figures: _, firstAt: __, lastAt: ___, ...cause }: SeenCause): ExplainedCause {
  return cause
}
