/** Converts a run's events to metrics under W&B's customary names. Pure. */

import type { StepEvent, TrainEvent } from '../events.ts'
import { type Capacity, utilization } from '../utilization.ts'

export type WandbMetrics = Readonly<Record<string, number | string>>

/** undefined for events without metrics. */
export function wandbMetrics(event: TrainEvent, capacity: Capacity): WandbMetrics | undefined {
  if (event.type === 'step') return writable(stepMetrics(event, capacity))
  if (event.type === 'evaluated') {
    const { loss, measures = {}, seconds, epsilon } = event
    return writable({
      'eval/loss': loss,
      ...Object.fromEntries(Object.entries(measures).map(([name, value]) => [`eval/${name}`, value])),
      'eval/seconds': seconds,
      ...(epsilon !== undefined && { 'privacy/epsilon': epsilon }),
    })
  }
  if (event.type === 'decision')
    return { 'guard/interventions': event.number, 'guard/rate_factor': event.rateFactor }
  return undefined
}

function stepMetrics(event: StepEvent, capacity: Capacity): Readonly<Record<string, number>> {
  const tokensPerSecond = event.seconds > 0 ? event.tokens / event.seconds : undefined
  const mfu = utilization(tokensPerSecond, capacity)
  return {
    'train/global_step': event.step,
    'train/epoch': event.epoch,
    'train/loss': event.loss,
    'train/lr': event.learningRate,
    'train/grad_norm': event.gradientNorm,
    ...(event.lossScale !== undefined && { 'train/loss_scale': event.lossScale }),
    'train/expert_imbalance': event.expertImbalance,
    ...(tokensPerSecond !== undefined && {
      [`train/${capacity.unit ?? 'tokens'}_per_second`]: tokensPerSecond,
    }),
    ...(mfu !== undefined && { 'train/mfu': mfu }),
    'train/memory_bytes': event.memoryBytes,
    ...memoryMetrics(event.memory),
    ...Object.fromEntries([...event.layerNorms].map(([layer, norm]) => [`grad_norm/${layer}`, norm])),
  }
}

/** The peak of a step, and the memory of each owner. */
function memoryMetrics(memory: StepEvent['memory']): Readonly<Record<string, number>> {
  if (!memory) return {}
  const { peakBytes, phase: _, ...owned } = memory
  return Object.fromEntries(
    Object.entries({ peak: peakBytes, ...owned }).map(([owner, bytes]) => [`memory/${owner}_bytes`, bytes]),
  )
}

/** JSON has no NaN and no infinity; Weights & Biases reads these words. */
const writable = (metrics: Readonly<Record<string, number>>): WandbMetrics =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]),
  )
