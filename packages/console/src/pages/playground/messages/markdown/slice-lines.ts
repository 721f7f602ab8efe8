/** Text in slices of some lines; all but the last stay as they are when text is added. */

const linesOfSlice = 40
const charactersOfSlice = 4_000

/** Joined by line ends they are the text; of lines longer than a slice, the parts are joined so too. */
export function sliceLines(text: string): readonly string[] {
  const slices: string[] = []
  let from = 0
  while (text.length - from > charactersOfSlice || slices.length === 0 || from < text.length) {
    let end = from
    for (let line = 0; line < linesOfSlice; line++) {
      const next = text.indexOf('\n', end)
      if (next < 0) {
        end = text.length
        break
      }
      if (next - from > charactersOfSlice && end > from) break
      end = next + 1
    }
    if (end === text.length && text[end - 1] !== '\n' && end - from <= charactersOfSlice) {
      slices.push(text.slice(from))
      return slices
    }
    if (end - from > charactersOfSlice) {
      slices.push(text.slice(from, from + charactersOfSlice))
      from += charactersOfSlice
    } else {
      slices.push(text.slice(from, end - 1))
      from = end
      if (from === text.length) return [...slices, '']
    }
  }
  return slices
}
