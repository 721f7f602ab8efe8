/** Formats a start report as one line. Pure. */

import type { StartReport } from '../engine.ts'

/** `ready in 212 ms: node 67, libraries 17, backends 9, model 54, context 44, warm-up 21`. */
export function startLine({ millis, phases }: StartReport): string {
  const parts = Object.entries(phases).map(([phase, spent]) => `${titleOf(phase)} ${Math.round(spent)}`)
  return `ready in ${Math.round(millis)} ms: ${parts.join(', ')}`
}

/** `warmUp` → `warm-up`. */
const titleOf = (phase: string): string => phase.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
