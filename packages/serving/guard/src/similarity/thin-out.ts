/** Reduces windows while keeping coverage: merges near-duplicates with a growing threshold until few enough are left. Pure. */

import type { EncodedWindow } from './encoded-windows.ts'
import { setOf } from './sift-windows.ts'

const widening = 0.04

/** All must be of one encoder; returns indices. Earlier windows are preferred. */
export function thinOut(windows: readonly EncodedWindow[], sameCosine: number, most: number): number[] {
  if (windows.length === 0) return []
  const set = setOf(windows)
  let kept = [...windows.keys()]
  for (let same = sameCosine; ; same -= widening) {
    const before = kept
    kept = []
    for (const at of before) {
      const { question } = windows[at]!
      if (!kept.some((other) => set.cosine(question, other) >= same)) kept.push(at)
    }
    if (kept.length <= most) return kept
  }
}
