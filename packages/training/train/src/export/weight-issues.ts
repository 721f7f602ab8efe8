/** Checks by names and shapes that weights belong to one model. */

import type { Weights } from '../weights.ts'

export interface WantedWeight {
  readonly name: string
  readonly shape: readonly number[]
}

/** Returns every issue as a sentence. Unexpected weights come first, because they show which model the weights belong to. */
export function weightIssues(wanted: Iterable<WantedWeight>, weights: Weights): string[] {
  const shapes = new Map([...wanted].map(({ name, shape }) => [name, shape]))
  const issues = [...weights.keys()]
    .filter((name) => !shapes.has(name))
    .map((name) => `${name} is not a weight of a model with this configuration`)
  for (const [name, shape] of shapes) {
    const found = weights.get(name)?.shape
    if (!found) issues.push(`${name} [${shape.join(', ')}] is missing`)
    else if (String(found) !== String(shape))
      issues.push(`${name} is [${found.join(', ')}], not [${shape.join(', ')}]`)
  }
  return issues
}
