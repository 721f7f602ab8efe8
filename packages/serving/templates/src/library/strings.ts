/** Python's string functions: positions are in code points, and white space is defined by `str.isspace`. */

import { spendCharacters, spendItems, step } from '../budget.ts'
import { codePoints, isAstral } from '../values/values.ts'

const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const isSpace = new RegExp(`[${space}]`)
const word = new RegExp(`[^${space}]+`, 'g')

/** Removes white space, or any of `characters`, from the ends. */
export function strip(text: string, ends: 'both' | 'start' | 'end', characters?: string): string {
  spendCharacters(text.length)
  const points = characters === undefined || !isAstral(characters) ? undefined : [...text]
  if (points !== undefined) {
    const set = new Set(characters)
    let [from, to] = [0, points.length]
    if (ends !== 'end') while (from < to && set.has(points[from]!)) from += 1
    if (ends !== 'start') while (to > from && set.has(points[to - 1]!)) to -= 1
    return points.slice(from, to).join('')
  }
  const drops = (unit: string): boolean =>
    characters === undefined ? isSpace.test(unit) : characters.includes(unit)
  let [from, to] = [0, text.length]
  if (ends !== 'end') while (from < to && drops(text[from]!)) from += 1
  if (ends !== 'start') while (to > from && drops(text[to - 1]!)) to -= 1
  return text.slice(from, to)
}

export function isAllSpace(text: string): boolean {
  return text !== '' && strip(text, 'both') === ''
}

/** `str.split` and `str.rsplit`. A negative `most` means no limit. */
export function split(text: string, separator: string | undefined, most: number, fromEnd: boolean): string[] {
  const limit = most < 0 ? Number.POSITIVE_INFINITY : most
  const parts =
    separator === undefined ? words(text, limit, fromEnd) : pieces(text, separator, limit, fromEnd)
  spendCharacters(text.length)
  return parts
}

function pieces(text: string, separator: string, limit: number, fromEnd: boolean): string[] {
  spendItems(occurrences(text, separator))
  const all = text.split(separator)
  if (all.length <= limit + 1) return all
  if (fromEnd) {
    const kept = all.length - limit
    return [all.slice(0, kept).join(separator), ...all.slice(kept)]
  }
  return [...all.slice(0, limit), all.slice(limit).join(separator)]
}

function words(text: string, limit: number, fromEnd: boolean): string[] {
  const found = [...text.matchAll(word)]
  const all = found.map(([each]) => each)
  if (all.length <= limit) return all
  if (fromEnd) {
    const kept = all.length - limit
    const head = found[kept - 1]!
    const rest = strip(text.slice(0, head.index + head[0].length), 'start')
    return [rest, ...all.slice(kept)]
  }
  return [...all.slice(0, limit), strip(text.slice(found[limit]!.index), 'end')]
}

const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g

export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = []
  let from = 0
  for (const match of text.matchAll(lineEnd)) {
    lines.push(text.slice(from, keepEnds ? match.index + match[0].length : match.index))
    from = match.index + match[0].length
  }
  if (from < text.length) lines.push(text.slice(from))
  spendItems(lines.length)
  return lines
}

/** `str.replace`. A negative `most` means no limit. */
export function replace(text: string, old: string, by: string, most: number): string {
  const limit = most < 0 ? Number.POSITIVE_INFINITY : most
  if (limit === 0) return text
  if (old === '') {
    const points = [...text]
    const places = Math.min(limit, points.length + 1)
    spendCharacters(text.length + places * by.length)
    let replaced = ''
    for (let at = 0; at <= points.length; at += 1) replaced += (at < places ? by : '') + (points[at] ?? '')
    return replaced
  }
  const places = Math.min(limit, occurrences(text, old))
  spendCharacters(text.length + places * Math.max(0, by.length - old.length))
  let left = places
  return text.replaceAll(old, () => (left-- > 0 ? by : old))
}

export function count(text: string, part: string): number {
  return part === '' ? codePoints(text) + 1 : occurrences(text, part)
}

/** Counted first, so that the size of the result is checked before it is created. */
function occurrences(text: string, part: string): number {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
    found += 1
    step()
  }
  return found
}

/** Uppercase first, the rest lowercase. */
export function capitalize(text: string): string {
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}

/** `str.title`: a word starts at each letter that does not follow a letter. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, capitalize)
}

/** The filter `title`, which splits at white space, hyphens and opening brackets. */
export function titleFilter(text: string): string {
  return text.replace(/[^-\s({[<]+/g, capitalize)
}

export function pad(text: string, width: number, fill: string, side: 'left' | 'right' | 'both'): string {
  const missing = width - codePoints(text)
  if (!(missing > 0)) return text
  spendCharacters(text.length + missing * fill.length)
  if (side === 'left') return fill.repeat(missing) + text
  if (side === 'right') return text + fill.repeat(missing)
  // If the padding is odd, Python puts the extra character on the left if the width is odd as well.
  const left = Math.floor(missing / 2) + (missing & width & 1)
  return fill.repeat(left) + text + fill.repeat(missing - left)
}

export function reversed(text: string): string {
  return [...text].reverse().join('')
}

/** Python's slicing: negative bounds count from the end. */
export function slice<T>(items: readonly T[], from?: number, to?: number, by = 1): T[] {
  const { length } = items
  const place = (bound: number, least: number, most: number): number =>
    bound < 0 ? Math.max(bound + length, least) : Math.min(bound, most)
  const sliced: T[] = []
  if (by > 0) {
    const end = to === undefined ? length : place(to, 0, length)
    for (let at = from === undefined ? 0 : place(from, 0, length); at < end; at += by) sliced.push(items[at]!)
  } else {
    const end = to === undefined ? -1 : place(to, -1, length - 1)
    for (let at = from === undefined ? length - 1 : place(from, -1, length - 1); at > end; at += by)
      sliced.push(items[at]!)
  }
  spendItems(sliced.length)
  return sliced
}

export function sliceText(text: string, from?: number, to?: number, by = 1): string {
  if (by === 1 && !isAstral(text)) return text.slice(from, to)
  return slice([...text], from, to, by).join('')
}
