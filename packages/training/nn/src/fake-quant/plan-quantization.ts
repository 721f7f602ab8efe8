/** Plans a model's quantisation: which layers and points are quantised, which are not and why, and every issue. */

import { Tensor } from '@hadal/tensor'
import { Conv2d } from '../convolution.ts'
import { Linear } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'
import { BatchNorm2d } from '../normalization.ts'
import { dynamicGroup } from './dynamic-q8-0.ts'
import { isSkipped } from './is-skipped.ts'
import { QuantPoint } from './quant-point.ts'
import type { WeightFormat } from './round-to-format.ts'
import { rowCount } from './rows.ts'
import { type FakeQuantScheme, schemeIssues } from './scheme.ts'

export interface QuantizationOptions {
  /** A grid, or a format of GGUF, which is for linear layers; undefined: weights are used as they are. */
  readonly weights: FakeQuantScheme | WeightFormat | undefined
  /** A grid with one scale; `Q8_0`: 8 bits with a scale for every 32 neighbours of each pass, for linear layers; undefined: none. */
  readonly activations: FakeQuantScheme | 'Q8_0' | undefined
  /** Names of modules to skip, with their children; `*` matches anything. */
  readonly skip?: readonly string[]
}

export interface PlannedLayer {
  readonly name: string
  readonly layer: Conv2d | Linear
  /** Whether its input is quantised there. */
  readonly input: boolean
}

export interface QuantizationPlan {
  readonly layers: readonly PlannedLayer[]
  readonly points: readonly { readonly name: string; readonly point: QuantPoint }[]
  readonly norms: readonly BatchNorm2d[]
  /** One for each kind of layer that stays in fp32. */
  readonly notes: readonly string[]
  /** Contradictions in the options. */
  readonly issues: readonly string[]
  /** Parts of the model that do not support it. */
  readonly unsupported: readonly string[]
}

export function planQuantization(root: Module, options: QuantizationOptions): QuantizationPlan {
  const { weights, activations, skip = [] } = options
  const modules = uniqueModules(root)
  const staying = new Stays()
  const unsupported: string[] = []
  const layers: PlannedLayer[] = []
  const points: QuantizationPlan['points'][number][] = []
  const hasPoints = modules.some(([, module]) => module instanceof QuantPoint)
  for (const [name, module] of modules) {
    if (module instanceof QuantPoint) {
      if (activations === undefined) continue
      if (isSkipped(name, skip)) staying.add(name, module, 'it is skipped')
      else if (module.isAttached) unsupported.push(`${name}: it is fake-quantised already`)
      else points.push({ name, point: module })
    } else if (module instanceof Conv2d || module instanceof Linear) {
      const why = isSkipped(name, skip) ? 'it is skipped' : whyNot(module, weights)
      const against = whyUnsupported(module)
      if (why) staying.add(name, module, why)
      else if (against) unsupported.push(`${name}: ${against}`)
      else layers.push({ name, layer: module, input: !hasPoints && takesInput(module, activations) })
    } else if (weights !== undefined && !(module instanceof BatchNorm2d) && hasOwnParameters(module)) {
      staying.add(name, module, 'only products with weights are quantised')
    }
  }
  if (activations === 'Q8_0' && !hasPoints)
    for (const { name, layer, input } of layers)
      if (!input) staying.add(`${name}.input`, layer, `its width does not divide by ${dynamicGroup}`)
  const unmatched = skip.filter((text) => !modules.some(([name]) => isSkipped(name, [text])))
  return {
    layers,
    points,
    norms: modules.flatMap(([, module]) => (module instanceof BatchNorm2d ? module : [])),
    notes: [
      ...staying.notes(),
      ...unmatched.map((text) => `skip contains "${text}", but no layer has that name`),
    ],
    issues: optionIssues(options, hasPoints),
    unsupported,
  }
}

function optionIssues({ weights, activations }: QuantizationOptions, hasPoints: boolean): string[] {
  const issues: string[] = []
  if (typeof weights === 'object') issues.push(...schemeIssues(weights).map((issue) => `weights: ${issue}`))
  if (activations === undefined) return issues
  if (activations === 'Q8_0') {
    if (hasPoints) issues.push('activations: Q8_0 is for models of linear layers, and this one has images')
    return issues
  }
  issues.push(...schemeIssues(activations).map((issue) => `activations: ${issue}`))
  if (activations.granularity !== 'tensor')
    issues.push('activations: they have one scale (granularity "tensor"), or are Q8_0')
  return issues
}

function whyNot(layer: Conv2d | Linear, weights: QuantizationOptions['weights']): string | undefined {
  if (weights === undefined) return undefined
  if (typeof weights === 'string')
    return layer instanceof Conv2d ? `${weights} is a format for matrices` : undefined
  const { granularity } = weights
  if (typeof granularity !== 'object' || rowCount(layer.weight.shape, granularity) !== undefined)
    return undefined
  return `its rows do not divide into groups of ${granularity.group}`
}

function whyUnsupported(layer: Conv2d | Linear): string | undefined {
  if (layer instanceof Conv2d) return layer.quantization && 'it is fake-quantised already'
  const { otherProduct } = layer
  if (otherProduct === 'packed') return 'its weight is packed in NF4'
  return otherProduct && 'it uses fp8, or is fake-quantized already'
}

function takesInput(layer: Conv2d | Linear, activations: QuantizationOptions['activations']): boolean {
  if (activations !== 'Q8_0') return activations !== undefined
  return layer instanceof Linear && layer.weight.shape[1]! % dynamicGroup === 0
}

const hasOwnParameters = (module: Module): boolean =>
  Object.values(module).some((value) => value instanceof Tensor && value.requiresGrad)

/** `root` and all below it, each once. */
function uniqueModules(root: Module): (readonly [name: string, module: Module])[] {
  const seen = new Set<Module>()
  return [['', root] as const, ...namedModules(root)].filter(([, module]) => {
    const isNew = !seen.has(module)
    seen.add(module)
    return isNew
  })
}

/** Layers that stay as they are, by kind and reason. */
class Stays {
  readonly #names = new Map<string, { kind: string; why: string; names: string[] }>()

  add(name: string, module: Module, why: string): void {
    const kind = module.constructor.name
    const known = this.#names.get(`${kind} ${why}`)
    if (known) known.names.push(name)
    else this.#names.set(`${kind} ${why}`, { kind, why, names: [name] })
  }

  notes(): string[] {
    return [...this.#names.values()].map(({ kind, why, names }) => {
      const [first, ...others] = names
      if (others.length === 0) return `${first} (${kind}) stays in fp32: ${why}`
      return `${first} and ${others.length} more (${kind}) stay in fp32: ${why}`
    })
  }
}
