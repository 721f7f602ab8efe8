/** Display width of a text in terminal columns: wide characters take two, combining marks none. Ignores colour codes. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian wide and full width (Unicode Standard Annex 11), by block. */
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d1f}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u
const invisible = /^[\p{Mn}\p{Me}\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u
/** A sign that a selector turns into a picture. */
const picture = /^\p{Emoji}\ufe0f/u

export function textWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

const graphemeWidth = (grapheme: string): number =>
  invisible.test(grapheme) ? 0 : wide.test(grapheme) || picture.test(grapheme) ? 2 : 1

/** The prefix of `text` that fits into `columns`, ending in … if it was cut. */
export function cutToWidth(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text
  let kept = ''
  let left = columns - 1
  for (const { segment } of graphemes.segment(text)) {
    left -= graphemeWidth(segment)
    if (left < 0) break
    kept += segment
  }
  return columns < 1 ? '' : `${kept}…`
}
