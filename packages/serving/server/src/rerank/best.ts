/** Converts raw scores to a result list: probabilities, best first. Pure. */

import type { Relevance } from '@hadal/engine'

export interface Wanted {
  readonly top_n?: number | undefined
  readonly raw_scores?: boolean | undefined
}

export interface Scored {
  readonly index: number
  readonly score: number
}

/** Stable for equal scores. */
export function best(
  { scores, areProbabilities }: Pick<Relevance, 'scores' | 'areProbabilities'>,
  { top_n, raw_scores = false }: Wanted,
): Scored[] {
  const shown = raw_scores || areProbabilities ? (score: number) => score : sigmoid
  return scores
    .map((score, index) => ({ index, score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, top_n)
    .map(({ index, score }) => ({ index, score: shown(score) }))
}

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score))
