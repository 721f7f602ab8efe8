/** What the layers said of a text, as it is kept. */

export const layers = ['rules', 'classifier', 'similarity'] as const
export type LayerName = (typeof layers)[number]

/** `unseen`: of topics that were held out. `learnt`: of the same, seen once, added to the known attacks, and come again altered. */
export type Group = 'unseen' | 'learnt'

/** Scores of the layers in their order, from 0 to 1. */
export type Asked = readonly [
  group: Group,
  language: string,
  isAttack: 0 | 1,
  rules: number,
  classifier: number,
  similarity: number,
]
