/** Fewer windows that still lie near to all: near copies become one, and what counts as near grows until few enough stay. Pure. */

import type { EncodedWindow } from './encoded-windows.ts'
import { setOf } from './sift-windows.ts'

const widening = 0.04

/** All of one encoder; numbers of those that stay. Those before others stay rather. */
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
