/** Splits a text at mark boundaries; of overlapping marks, the first and most severe is shown. Pure. */

export interface Mark {
  readonly start: number
  readonly end: number
  readonly finding: number
}

export interface TextPart {
  readonly start: number
  readonly text: string
  readonly finding?: number
}

export function splitMarks(text: string, marks: readonly Mark[]): TextPart[] {
  const inside = marks
    .map(({ start, end, finding }) => ({
      start: Math.max(0, start),
      end: Math.min(text.length, end),
      finding,
    }))
    .filter(({ start, end }) => end > start)
  const cuts = [...new Set([0, text.length, ...inside.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  )
  const parts: { start: number; text: string; finding?: number }[] = []
  for (let at = 0; at + 1 < cuts.length; at += 1) {
    const [start, end] = [cuts[at]!, cuts[at + 1]!]
    const found = inside
      .filter((mark) => mark.start <= start && mark.end >= end)
      .map(({ finding }) => finding)
    const finding = found.length === 0 ? undefined : Math.min(...found)
    const last = parts.at(-1)
    if (last !== undefined && last.finding === finding) last.text += text.slice(start, end)
    else parts.push({ start, text: text.slice(start, end), ...(finding !== undefined && { finding }) })
  }
  return parts
}
