/** The words of a text as small numbers, in order, for comparing texts by groups of them. Knows nothing of what is compared. */

/** Scripts that put no spaces between words: there a character counts as a word. */
const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
const word = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{M}\\p{N}])+`, 'gu')
const character = new RegExp(`^[${unspaced}]$`, 'u')

/** What a character without spaces around it says, in words. */
const characterWeight = 2 / 3

export interface Words {
  readonly hashes: readonly number[]
  /** Where each begins and ends, in UTF-16 units. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** In words of English. */
  readonly weights: readonly number[]
}

/** Punctuation, case and line breaks do not count. */
export function wordsOf(text: string): Words {
  const words = {
    hashes: [] as number[],
    starts: [] as number[],
    ends: [] as number[],
    weights: [] as number[],
  }
  for (const match of text.matchAll(word)) {
    words.hashes.push(hashOf(match[0].toLowerCase()))
    words.starts.push(match.index)
    words.ends.push(match.index + match[0].length)
    words.weights.push(character.test(match[0]) ? characterWeight : 1)
  }
  return words
}

/** Words in a row that are compared at once. */
export const groupLength = 4

/** Of each group of `groupLength` words in a row, by the place of its first word. */
export function groupsOf({ hashes }: Words): number[] {
  const groups: number[] = []
  for (let first = 0; first + groupLength <= hashes.length; first += 1) {
    let group = 0
    for (let at = first; at < first + groupLength; at += 1)
      group = (Math.imul(group, 0x01000193) ^ hashes[at]!) >>> 0
    groups.push(group)
  }
  return groups
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
