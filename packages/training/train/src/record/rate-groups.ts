/** Which parts of a run's model learn at which share of the schedule's rate. Pure. */

import { towerOf } from '@hadal/nn'
import { kindOf } from '../kinds/kind-of.ts'
import type { RunConfig } from '../run-config.ts'
import type { RateGroup } from './run-file.ts'

/** From the bottom of the model to its top, adjacent equal rates merged; empty if all use the schedule's. */
export function rateGroups(run: RunConfig): RateGroup[] {
  const kind = kindOf(run.model)
  const factorOf = kind.rateFactor(run)
  if (!factorOf) return []
  const found = new Map<string, number>()
  for (const { name } of kind.tensors(run.model)) {
    const part = partOf(name)
    if (!found.has(part)) found.set(part, factorOf(name))
  }
  const groups: { first: string; last: string; factor: number }[] = []
  for (const [part, factor] of found) {
    const before = groups.at(-1)
    if (before?.factor === factor) before.last = part
    else groups.push({ first: part, last: part, factor })
  }
  return groups.map(({ first, last, factor }) => ({
    name: first === last ? first : `${first} to ${last}`,
    factor,
  }))
}

function partOf(name: string): string {
  const tower = towerOf(name)
  if (tower !== undefined) return tower
  const layer = /(?:^|\.)layers\.(\d+)\./.exec(name)?.[1]
  if (layer !== undefined) return `layer ${layer}`
  return /(?:^|\.)embed_tokens\./.test(name) ? 'embeddings' : 'head'
}
