/**
 * A module is an object whose fields are parameters, modules, or arrays of modules. Parameters are named after the fields, in
 * declaration order, in snake_case: `model.layers[0].selfAttn.qProj.weight` is `model.layers.0.self_attn.q_proj.weight`, as in a
 * Hugging Face checkpoint.
 */

import { noGrad, Tensor } from '@hadal/tensor'
import { weightsMismatch } from './errors.ts'
import { isBuffer } from './parameter.ts'

/**
 * Base class of everything with parameters: fields that are tensors, modules, or lists of them, named by field.
 *
 * @example
 * ```ts
 * import { Module } from '@hadal/nn'
 * import { Tensor, torch } from '@hadal/tensor'
 *
 * class Scale extends Module {
 *   readonly factor: Tensor = torch.ones([8]).requiresGrad_()
 *   forward(x: Tensor): Tensor {
 *     return x.mul(this.factor)
 *   }
 * }
 * ;[...new Scale().parameters().keys()] // → [ 'factor' ]
 * ```
 */
export abstract class Module {
  /** Every parameter below this module by its dotted name, in a stable order. */
  parameters(): Map<string, Tensor> {
    return new Map([...this.state()].filter(([, tensor]) => !isBuffer(tensor)))
  }

  /**
   * State that passes change but gradients do not, such as running statistics, named like parameters. In fp32, so that a pass may
   * update it in place.
   */
  buffers(): Map<string, Tensor> {
    return new Map([...this.state()].filter(([, tensor]) => isBuffer(tensor)))
  }

  /** Whether layers report every use of this module's own parameters (per-sample/layer-use.ts). */
  get tellsOfParameters(): boolean {
    return false
  }

  /** Parameters and buffers in declaration order: the content of a checkpoint. */
  state(): Map<string, Tensor> {
    const found = new Map<string, Tensor>()
    collect(this, '', found)
    return found
  }
}

/**
 * Switches training mode for the layers at and below `root` that have one, such as `BatchNorm2d`.
 *
 * @example
 * ```ts
 * import { BatchNorm2d, setTraining } from '@hadal/nn'
 *
 * const norm = new BatchNorm2d(4, 'float32')
 * setTraining(norm, true)
 * norm.training // → true
 * ```
 */
export function setTraining(root: Module, training: boolean): void {
  for (const module of [root, ...[...namedModules(root)].map(([, each]) => each)])
    if ('training' in module) module.training = training
}

function collect(value: unknown, path: string, into: Map<string, Tensor>): void {
  if (value instanceof Tensor) {
    into.set(path, value)
  } else if (
    value instanceof Module ||
    (Array.isArray(value) && value.some((each) => each instanceof Module))
  ) {
    for (const [key, child] of Object.entries(value)) {
      collect(child, path === '' ? snakeCase(key) : `${path}.${snakeCase(key)}`, into)
    }
  }
}

/**
 * Every module below `root` by its dotted name, parents before children.
 *
 * @example
 * ```ts
 * import { namedModules, SwiGlu } from '@hadal/nn'
 *
 * const mlp = new SwiGlu(16, 32, 'float32')
 * ;[...namedModules(mlp)].map(([name]) => name) // → [ 'gate_proj', 'up_proj', 'down_proj' ]
 * ```
 */
export function* namedModules(root: Module, path = ''): Generator<readonly [string, Module], void> {
  for (const [key, value] of Object.entries(root)) {
    const name = path === '' ? snakeCase(key) : `${path}.${snakeCase(key)}`
    const children = Array.isArray(value) ? value.map((each, i) => [`${name}.${i}`, each]) : [[name, value]]
    for (const [childName, child] of children)
      if (child instanceof Module) {
        yield [childName, child]
        yield* namedModules(child, childName)
      }
  }
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/**
 * Copies `weights` into `parameters` by name, converting dtypes. Throws `nn_weights_mismatch` naming every missing,
 * unexpected or misshapen tensor before anything is written.
 *
 * @example
 * ```ts
 * import { initializeLayers, Linear, loadParameters } from '@hadal/nn'
 *
 * const from = new Linear(4, 2, 'float32')
 * const to = new Linear(4, 2, 'float32')
 * initializeLayers(from)
 * loadParameters(to.parameters(), from.parameters())
 * to.weight.equal(from.weight) // → true
 * ```
 */
export function loadParameters(
  parameters: ReadonlyMap<string, Tensor>,
  weights: ReadonlyMap<string, Tensor>,
): void {
  checkWeights(parameters, weights)
  noGrad(() => {
    for (const [name, parameter] of parameters) parameter.copy_(weights.get(name)!)
  })
}

/**
 * Throws as `loadParameters`, without loading anything.
 *
 * @internal
 */
export function checkWeights(
  parameters: ReadonlyMap<string, Tensor>,
  weights: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): void {
  const issues: string[] = []
  for (const [name, parameter] of parameters) {
    const weight = weights.get(name)
    if (!weight) issues.push(`${name} is missing`)
    else if (String(weight.shape) !== String(parameter.shape))
      issues.push(`${name} has shape [${weight.shape}]; the model expects [${parameter.shape}]`)
  }
  for (const name of weights.keys()) if (!parameters.has(name)) issues.push(`${name} is unknown to the model`)
  if (issues.length > 0) throw weightsMismatch(issues)
}
