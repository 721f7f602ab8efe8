/** Hashes the words of a text, for comparing texts by word n-grams. */

/** Scripts without spaces between words: each character counts as a word. */
const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}'
const word = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{M}\\p{N}])+`, 'gu')
const character = new RegExp(`^[${unspaced}]$`, 'u')

/** Weight of such a character, in words. */
const characterWeight = 2 / 3

export interface Words {
  readonly hashes: readonly number[]
  /** Start and end offsets in UTF-16 units. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** In English words. */
  readonly weights: readonly number[]
}

/** Ignores punctuation, case and line breaks. */
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

/** Words per n-gram. */
export const groupLength = 4

/** Hash of each n-gram of `groupLength` words, by index of its first word. */
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
