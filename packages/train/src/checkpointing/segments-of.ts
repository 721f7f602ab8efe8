/** How a run cuts its model for the way back. */

import type { Segment } from '@hadal/nn'
import { planMemory } from '../memory/plan-memory.ts'
import type { RunConfig } from '../run.ts'
import { targetBytes } from './checkpointing.ts'
import { type Choice, chooseSegments } from './choose-segments.ts'
import { partCosts } from './part-costs.ts'

/** Undefined: everything is kept. The run is free of faults. */
export function segmentsOf(run: RunConfig): readonly Segment[] | undefined {
  const { checkpointing, model } = run
  if (checkpointing === undefined) return undefined
  if (checkpointing.every !== undefined) return everyLayers(model.num_hidden_layers, checkpointing.every)
  return choiceWithin(run, targetBytes(checkpointing.memoryTarget!)).segments
}

/** The last segment has what is left. */
function everyLayers(layers: number, every: number): Segment[] {
  const segments: Segment[] = []
  for (let layer = 0; layer < layers; layer += every)
    segments.push({ parts: 2 * Math.min(every, layers - layer), mode: 'recomputed' })
  return segments
}

/** What is computed again so that the run holds at most `target` bytes; `bytes` of the choice are of the whole run. */
export function choiceWithin(run: RunConfig, target: number): Choice {
  const costs = partCosts(run)
  const { checkpointing: _, ...whole } = run
  const { weights, gradients, optimizer, average, activations } = planMemory(whole).bytes
  const kept = chooseSegments(costs, Number.POSITIVE_INFINITY).bytes
  const fixed = weights + gradients + optimizer + average + Math.max(0, activations - kept)
  const choice = chooseSegments(costs, target - fixed)
  return { ...choice, bytes: choice.bytes + fixed }
}

/** The sentence that names what does not fit, if it does not. */
export function targetFault(run: RunConfig): string | undefined {
  const target = run.checkpointing?.memoryTarget
  if (target === undefined) return undefined
  const { bytes } = choiceWithin(run, targetBytes(target))
  if (bytes <= targetBytes(target)) return undefined
  const least = Math.ceil(bytes / 2 ** 20)
  return `checkpointing.memoryTarget is ${JSON.stringify(target)}; with everything computed again the run holds about ${least}MiB: read fewer windows at once, or take adapters or an optimizer of 8 bits`
}
