/** Where in a view of a text something lies that was found in the text itself. Pure. */

import type { Span, View } from '@hadal/guard'

/** Looked through for where a span comes from. */
const maxScanned = 20_000

/** The least part of the view that comes from within the span; undefined where none of what is looked through does. */
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
