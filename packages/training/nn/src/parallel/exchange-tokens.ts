/**
 * Expert parallelism: each token is sent to the ranks of its experts and back (GShard, arXiv:2006.16668).
 *
 * Shapes: m assignments of a token to an expert, d hidden; e experts, c = e / n of them on each of n ranks.
 */

import { exchange, type ProcessGroup, type Tensor, torch } from '@hadal/tensor'

/** Applies an expert, by global index, to its tokens [_, d]. */
export type RunExpert = (expert: number, x_d: Tensor) => Tensor

/**
 * Applies experts to tokens [m, d] sorted by expert, `tokensOfExpert` [e] each, and returns results in the same order. Collective
 * over the group; every expert runs once, even without tokens, so that every parameter has a gradient.
 */
export function throughExperts(
  x_md: Tensor,
  tokensOfExpert: readonly number[],
  group: ProcessGroup | undefined,
  run: RunExpert,
): Tensor {
  if (!group || group.size === 1) {
    const parts = x_md.split([...tokensOfExpert])
    return torch.cat(parts.map((part, expert) => run(expert, part)))
  }
  const { size, rank } = group
  const held = tokensOfExpert.length / size
  const comingOfExpert = arrivals(tokensOfExpert, group)
  const leaving = sums(tokensOfExpert, held)
  const coming = sums(comingOfExpert, held)
  // Ordered by source rank, then expert; an expert reads the tokens of all ranks together.
  const pieces = exchange(x_md, leaving, coming, group).split(comingOfExpert)
  const answers: Tensor[] = new Array(pieces.length)
  for (let local = 0; local < held; local += 1) {
    const own = Array.from({ length: size }, (_, from) => from * held + local)
    const y = run(rank * held + local, torch.cat(own.map((at) => pieces[at]!)))
    for (const [from, answer] of y.split(own.map((at) => comingOfExpert[at]!)).entries())
      answers[own[from]!] = answer
  }
  return exchange(torch.cat(answers), coming, leaving, group)
}

/** Tokens from each rank for each local expert: [n · c]. */
function arrivals(tokensOfExpert: readonly number[], group: ProcessGroup): number[] {
  const splits = new Array<number>(group.size).fill(tokensOfExpert.length / group.size)
  const counts = torch.tensor([...tokensOfExpert], { dtype: 'int64' })
  return (group.allToAll(counts, splits, splits).toArray() as (number | bigint)[]).map(Number)
}

/** Sums of each `length` consecutive values. */
const sums = (values: readonly number[], length: number): number[] =>
  Array.from({ length: values.length / length }, (_, at) =>
    values.slice(at * length, (at + 1) * length).reduce((sum, value) => sum + value, 0),
  )
