/**
 * An attack that is being disguised. What it asks for stays: every word of it is there, as itself, as a synonym, misspelt once, or
 * encoded with a note how to read it. Pure.
 */

export interface Word {
  /** As in the attack; empty for a filler. */
  readonly original: string
  readonly form: string
  /** False for spaces and punctuation. */
  readonly isWord: boolean
}

/** @internal */
export interface Candidate {
  readonly words: readonly Word[]
  /** Around all of it, the innermost first. */
  readonly wraps: readonly Wrap[]
  /** Names of the operators that made it. */
  readonly operators: readonly string[]
}

/** Applied to the whole text. One of a kind is enough for anybody who still wants to be understood. */
export interface Wrap {
  readonly kind: 'encoding' | 'spacing' | 'frame' | 'dilution'
  apply(text: string): string
}

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })

export function candidateOf(text: string): Candidate {
  const words = [...segmenter.segment(text)].map(({ segment, isWordLike }) => ({
    original: segment,
    form: segment,
    isWord: isWordLike === true,
  }))
  return { words, wraps: [], operators: [] }
}

const order: readonly Wrap['kind'][] = ['spacing', 'encoding', 'frame', 'dilution']

export function render({ words, wraps }: Candidate): string {
  const inner = words.map(({ form }) => form).join('')
  return order
    .flatMap((kind) => wraps.filter((wrap) => wrap.kind === kind))
    .reduce((text, wrap) => wrap.apply(text), inner)
}

/** Has Chinese characters. */
export const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text)
