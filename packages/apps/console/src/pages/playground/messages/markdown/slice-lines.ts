/** Text in slices of some lines; all but the last stay as they are when text is added. */

const linesOfSlice = 40
const charactersOfSlice = 4_000

/** Joined by line ends they are the text; a line longer than a slice is cut. */
export function sliceLines(text: string): readonly string[] {
  const slices: string[] = []
  for (let from = 0; ; ) {
    const end = endOfSlice(text, from)
    slices.push(text.slice(from, end))
    if (end === text.length) return slices
    from = text[end] === '\n' ? end + 1 : end
  }
}

function endOfSlice(text: string, from: number): number {
  const most = from + charactersOfSlice
  let end = -1
  for (let line = 0; line < linesOfSlice; line++) {
    const next = text.indexOf('\n', end < 0 ? from : end + 1)
    if (next < 0 && text.length <= most) return text.length
    if (next < 0 || next > most) return end < 0 ? betweenCharacters(text, most) : end
    end = next
  }
  return end
}

/** Not between the halves of one. */
const betweenCharacters = (text: string, at: number): number =>
  /[\uD800-\uDBFF]/.test(text[at - 1] ?? '') ? at - 1 : at
