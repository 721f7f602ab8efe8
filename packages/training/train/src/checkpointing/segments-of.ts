/** Divides a run's model into segments for the backward pass. */

import type { Segment } from '@hadal/nn'
import { planMemory } from '../memory/plan-memory.ts'
import { peakBytes } from '../memory/run-memory.ts'
import type { LanguageRun } from '../run-config.ts'
import { shownTarget, targetBytes } from './checkpointing.ts'
import { type Choice, chooseSegments } from './choose-segments.ts'
import { everyLayers } from './every-layers.ts'
import { partCosts } from './part-costs.ts'

/** Undefined: everything is kept. The run must be valid. */
export function segmentsOf(run: LanguageRun): readonly Segment[] | undefined {
  const { checkpointing, model } = run
  if (checkpointing === undefined) return undefined
  if (checkpointing.every !== undefined) return everyLayers(model.num_hidden_layers, checkpointing.every)
  return choiceWithin(run, targetBytes(checkpointing.memoryTarget!)).segments
}

/**
 * Chooses what to recompute so that the run holds at most `target` bytes. `bytes` of the choice is the peak of the whole run.
 * Recomputes everything if nothing fits.
 *
 * @internal
 */
export function choiceWithin(run: LanguageRun, target: number): Choice {
  const costs = partCosts(run)
  const within = (budget: number): Choice => {
    const choice = chooseSegments(costs, budget)
    return { ...choice, bytes: peakBytes(planMemory(run, choice.segments)) }
  }
  const kept = within(Number.POSITIVE_INFINITY)
  if (kept.bytes <= target) return kept
  // The peak includes more than the parts: search for the largest parts budget with which the run fits.
  let best = within(0)
  let [low, high] = [0, costs.reduce((sum, part) => sum + part.kept, 0)]
  while (high - low > 2 ** 16) {
    const middle = (low + high) / 2
    const choice = within(middle)
    if (choice.bytes > target) high = middle
    else [best, low] = [choice, middle]
  }
  return best
}

/** The issue if the target cannot be met. */
export function targetIssue(run: LanguageRun): string | undefined {
  const target = run.checkpointing?.memoryTarget
  if (target === undefined) return undefined
  const { bytes } = choiceWithin(run, targetBytes(target))
  if (bytes <= targetBytes(target)) return undefined
  const least = Math.ceil(bytes / 2 ** 20)
  return `checkpointing.memoryTarget is ${shownTarget(target)}; the run needs ${least}MiB even with everything recomputed: use fewer windows per pass, adapters or an 8-bit optimizer`
}
