/** Finds benign texts similar to a part of a text. Pure. */

import type { EncodedWindow } from './encoded-windows.ts'
import type { Shelf } from './shelf.ts'

/** Whether a cosine is similar for a benign text with this many windows. */
export type IsNear = (cosine: number, window: EncodedWindow, benignWindows: number) => boolean

/** Per window: indices of similar benign texts on the shelf; windows without any are omitted. */
export function touchedBenign(
  windows: readonly EncodedWindow[],
  benign: Shelf,
  isNear: IsNear,
): ReadonlyMap<EncodedWindow, ReadonlySet<number>> {
  const touched = new Map<EncodedWindow, Set<number>>()
  for (const encoder of new Set(windows.map((window) => window.encoder))) {
    const own = windows.filter((window) => window.encoder === encoder)
    const vectors = [...benign.vectors(encoder)]
    const counts = new Map<number, number>()
    for (const { owner } of vectors) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    for (const { owner, cosine } of vectors)
      for (const window of own)
        if (isNear(cosine(window.question), window, counts.get(owner)!)) {
          const numbers = touched.get(window) ?? new Set()
          touched.set(window, numbers.add(owner))
        }
  }
  return touched
}
