/** Maps a span of a text to one of its views. Pure. */

import type { Span, View } from '@hadal/guard'

/** Maximum characters of the view to search. */
const maxScanned = 20_000

/** The smallest span of the view that originates from the given one; undefined if none of the searched part does. */
export function placeInView(view: View, span: Span): Span | undefined {
  if (view.path.length === 0) return span
  let [start, end] = [-1, -1]
  for (let at = 0; at < Math.min(view.text.length, maxScanned); at += 1) {
    const from = view.toOriginal({ start: at, end: at + 1 })
    if (from.end <= span.start || from.start >= span.end) continue
    if (start < 0) start = at
    end = at + 1
  }
  return start < 0 ? undefined : { start, end }
}
