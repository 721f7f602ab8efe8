/** Stored results of the layers for a text. */

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

/** Texts of one kind: the scores of each, one after the other. A report keeps thousands. */
export interface PackedAsked {
  readonly group: Group
  readonly language: string
  readonly isAttack: 0 | 1
  readonly scores: readonly number[]
}

export function packed(asked: readonly Asked[]): readonly PackedAsked[] {
  const kinds = new Map<string, { group: Group; language: string; isAttack: 0 | 1; scores: number[] }>()
  for (const [group, language, isAttack, ...scores] of asked) {
    const key = `${group} ${language} ${isAttack}`
    const kind = kinds.get(key) ?? { group, language, isAttack, scores: [] }
    kinds.set(key, kind)
    kind.scores.push(...scores)
  }
  return [...kinds.values()]
}

export function unpacked(kinds: readonly PackedAsked[]): readonly Asked[] {
  return kinds.flatMap(({ group, language, isAttack, scores }) =>
    Array.from({ length: scores.length / layers.length }, (_, at): Asked => {
      const from = at * layers.length
      return [group, language, isAttack, scores[from]!, scores[from + 1]!, scores[from + 2]!]
    }),
  )
}
