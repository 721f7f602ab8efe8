/**
 * An attack being disguised. Its request is preserved: every word is kept, as itself, a synonym, misspelt once, or encoded with decoding
 * instructions. Pure.
 */

export interface Word {
  /** As in the attack; empty for filler. */
  readonly original: string
  readonly form: string
  /** False for spaces and punctuation. */
  readonly isWord: boolean
}

/** @internal */
export interface Candidate {
  readonly words: readonly Word[]
  /** Around the whole text, innermost first. */
  readonly wraps: readonly Wrap[]
  /** Names of the operators applied. */
  readonly operators: readonly string[]
}

/** Applied to the whole text, at most once per kind so that it stays intelligible. */
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
