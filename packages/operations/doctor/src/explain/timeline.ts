/** Findings of several texts in chronological order. */

import type { TimelineEntry } from './explanation.ts'

/** The end of a longer one is left out: what came first counts. */
const maxEntries = 200

/**
 * `entries` are those of each text in the order of its lines, text after text. Those without a time stay behind what came before them in
 * their text; a text without times comes after the others.
 */
export function timelineOf(entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  let before: TimelineEntry | undefined
  let at = Number.POSITIVE_INFINITY
  const placed = entries.map((entry) => {
    if (entry.file !== before?.file) at = Number.POSITIVE_INFINITY
    at = entry.at ?? at
    before = entry
    return { entry, at }
  })
  // The sort keeps the order of what happened at the same time.
  const sorted = placed.toSorted((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ entry }) => entry)
  const joined: TimelineEntry[] = []
  for (const entry of sorted) {
    const last = joined.at(-1)
    if (last?.causeId === entry.causeId && last.file === entry.file)
      joined[joined.length - 1] = { ...last, times: (last.times ?? 1) + 1 }
    else joined.push(entry)
  }
  return joined.slice(0, maxEntries)
}
