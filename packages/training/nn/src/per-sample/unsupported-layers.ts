/** Which layers of a model private training cannot do, before a step is tried. */

import { Tensor } from '@hadal/tensor'
import { MixtureOfExperts } from '../deepseek/moe.ts'
import { Linear } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'
import { BatchNorm2d } from '../normalization.ts'

export interface UnsupportedLayer {
  /** As in the names of parameters; empty for the model itself. */
  readonly name: string
  /** Its class. */
  readonly layer: string
  readonly why: string
  /** Then no mode supports it, because samples have no separate gradients. Otherwise the mode `exact` does. */
  readonly mixesSamples: boolean
  readonly instead?: string
}

/**
 * In the order of the model; empty where every mode will do. Frozen layers that leave samples apart are no matter.
 *
 * @example
 * ```ts
 * import { ResNet, resNetConfig, unsupportedLayers } from '@hadal/nn'
 *
 * const model = new ResNet(resNetConfig(18, { input: { channels: 3, height: 32, width: 32 }, classes: 10 }))
 * unsupportedLayers(model).length > 0 // → true
 * ```
 */
export function unsupportedLayers(model: Module): readonly UnsupportedLayer[] {
  const found: UnsupportedLayer[] = []
  const done: string[] = []
  for (const [name, module] of [['', model] as const, ...namedModules(model)]) {
    if (done.some((outer) => name.startsWith(outer))) continue
    const issue = issueOf(module)
    if (!issue) continue
    found.push({ name, layer: module.constructor.name, ...issue })
    if (name !== '') done.push(`${name}.`)
  }
  return found
}

function issueOf(module: Module): Omit<UnsupportedLayer, 'name' | 'layer'> | undefined {
  if (module instanceof BatchNorm2d) {
    const why = 'normalises each sample by all others of its batch'
    return { why, mixesSamples: true, instead: 'GroupNorm, as replaceBatchNorms puts in its place' }
  }
  if (module instanceof MixtureOfExperts) {
    if (!isTrained(module)) return undefined
    return { why: 'gathers the tokens of all samples for each expert', mixesSamples: false }
  }
  const own = Object.values(module).filter((value) => value instanceof Tensor && value.requiresGrad)
  if (own.length === 0 || module.tellsOfParameters) return undefined
  return { why: 'does not report how it uses its parameters', mixesSamples: false }
}

/** Whether something of it, or an adapter alongside it, is trained. */
const isTrained = (module: Module): boolean =>
  [...module.parameters().values()].some((parameter) => parameter.requiresGrad) ||
  [...namedModules(module)].some(([, each]) => each instanceof Linear && !each.isPlain)
