/** Chooses the words and word pieces of the table, and estimates their frequencies. Pure. */

/** Words and pieces of an embedding table. */
export interface Vocabulary {
  /** Most frequent first. */
  readonly words: readonly string[]
  readonly pieces: readonly string[]
  /** Relative frequency of words, then pieces. */
  readonly shares: readonly number[]
}

const word = /^[a-z0-9][a-z0-9']*$/
const piece = /^[a-z]{1,12}$/

/** Whole words from the teacher's pieces and the most frequent ones of the texts; word pieces from the teacher. */
export function vocabularyOf(
  teacherPieces: readonly (readonly [piece: string, logProbability: number])[],
  counts: ReadonlyMap<string, number>,
  maxWords: number,
): Vocabulary {
  const shares = new Map<string, number>()
  const pieces = new Map<string, number>()
  for (const [text, logProbability] of teacherPieces) {
    if (logProbability === 0) continue
    const lower = text.toLowerCase()
    const [map, key] = lower.startsWith('▁') ? [shares, lower.slice(1)] : [pieces, lower]
    if (!(map === shares ? word : piece).test(key)) continue
    map.set(key, (map.get(key) ?? 0) + Math.exp(logProbability))
  }
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const ranked = [...counts]
    .filter(([text, count]) => word.test(text) && count > 1)
    .sort((a, b) => b[1] - a[1])
  for (const [text, count] of ranked) {
    if (shares.size >= maxWords) break
    if (!shares.has(text)) shares.set(text, count / all)
  }
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') if (!pieces.has(letter)) pieces.set(letter, 1e-3)
  const words = [...shares.keys()].sort((a, b) => shares.get(b)! - shares.get(a)!)
  return {
    words,
    pieces: [...pieces.keys()],
    shares: [...words.map((text) => shares.get(text)!), ...pieces.values()],
  }
}
