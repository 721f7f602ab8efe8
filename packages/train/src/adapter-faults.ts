/** What is wrong with the adapters a run asks for, target by target. */

import { nearest } from '@hadal/config'
import { isLoraTarget, loraDefaults, type ModelConfig, wantedTensors } from '@hadal/nn'
import type { RunConfig } from './run.ts'

/** Every fault as a sentence that names the value. */
export function adapterFaults({ adapter, model, startFrom }: RunConfig): string[] {
  if (adapter === undefined) return []
  const { rank, alpha, targets, rankStabilized } = { ...loraDefaults, ...adapter }
  const faults: string[] = []
  if (!(Number.isSafeInteger(rank) && rank >= 1))
    faults.push(`adapter.rank is ${rank}; it must be a whole number of at least 1`)
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY))
    faults.push(`adapter.alpha is ${alpha}; it must be above 0`)
  if (startFrom === undefined) faults.push('adapter goes beside given weights; startFrom must name some')
  if (typeof rankStabilized !== 'boolean')
    faults.push(`adapter.rankStabilized is ${rankStabilized}; it must be true or false`)
  if (!Array.isArray(targets) || targets.some((target) => typeof target !== 'string'))
    return [...faults, 'adapter.targets is no list of names of linear modules']
  if (targets.length === 0) faults.push('adapter.targets is empty; name linear modules such as q_proj')
  // The usual targets are those of every family; of what a user names, each is to be there.
  if (adapter.targets === undefined) return faults
  const modules = linearModules(model)
  for (const target of targets) {
    if (modules.some((module) => isLoraTarget(module, [target]))) continue
    const guess = nearest(target, [...new Set(modules.map((module) => module.split('.').at(-1)!))])
    faults.push(
      `adapter.targets ${JSON.stringify(target)} is no linear module of the model${guess === undefined ? '' : `; did you mean ${guess}?`}`,
    )
  }
  return faults
}

/** Of the first layers alone: a fault has not to walk through thousands of experts. */
function linearModules(model: ModelConfig): string[] {
  const config = { ...model, num_hidden_layers: Math.min(model.num_hidden_layers, 4) }
  const names: string[] = []
  for (const { name, shape } of wantedTensors(config))
    if (shape.length === 2 && !/embed_tokens|\.gate\.weight$/.test(name))
      names.push(name.replace(/\.weight$/, ''))
  return names
}
