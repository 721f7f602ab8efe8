/** The optimizer interface: an in-place update, and a state that saves and loads bit-exactly. */

import { type DType, noGrad, type Tensor } from '@hadal/tensor'
import { optimizerStateMismatch } from './errors.ts'

export interface Optimizer {
  /** One update with `gradients` in the order of the parameters, fp32; they are left as they are. */
  update(gradients: readonly Tensor[], learningRate: number): void
  /**
   * The live state by name; with the weights it determines the next update. fp32 except 8-bit moments (uint8). Empty for stateless
   * rules.
   */
  state(): Map<string, Tensor>
}

/** One tensor outside libtorch, as its bytes in row-major order. */
export interface SavedTensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/**
 * A copy of the state, independent of the optimizer.
 *
 * @example
 * ```ts
 * import { AdamW, saveOptimizer } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const optimizer = new AdamW(new Map([['w', torch.ones([4]).requiresGrad_()]]))
 * ;[...saveOptimizer(optimizer).keys()] // → [ 'step', 'mean.w', 'square.w' ]
 * ```
 */
export function saveOptimizer(optimizer: Pick<Optimizer, 'state'>): Map<string, SavedTensor> {
  return new Map(
    [...optimizer.state()].map(([name, tensor]) => [
      name,
      { dtype: tensor.dtype, shape: tensor.shape, bytes: tensor.bytes() },
    ]),
  )
}

/**
 * Puts a saved state back, bit for bit. Throws `nn_optimizer_state_mismatch` naming every missing, unknown or differing
 * tensor before anything is written.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { AdamW, loadOptimizer, saveOptimizer } from '@hadal/nn'
 *
 * const w = torch.ones([4]).requiresGrad_()
 * const optimizer = new AdamW(new Map([['w', w]]))
 * optimizer.update([torch.ones([4])], 0.1)
 * const again = new AdamW(new Map([['w', w]]))
 * loadOptimizer(again, saveOptimizer(optimizer)) // goes on to the bit
 * ```
 */
export function loadOptimizer(
  optimizer: Pick<Optimizer, 'state'>,
  saved: ReadonlyMap<string, SavedTensor>,
): void {
  const state = optimizer.state()
  const issues: string[] = []
  for (const [name, { dtype, shape }] of state) {
    const found = saved.get(name)
    if (!found) issues.push(`${name} is missing`)
    else if (found.dtype !== dtype || String(found.shape) !== String(shape))
      issues.push(`${name} is ${found.dtype}[${found.shape}], the optimizer has ${dtype}[${shape}]`)
  }
  for (const name of saved.keys()) if (!state.has(name)) issues.push(`${name} is unknown to the optimizer`)
  if (issues.length > 0) throw optimizerStateMismatch(issues)
  noGrad(() => {
    for (const [name, tensor] of state) tensor.copyFrom_(saved.get(name)!.bytes)
  })
}

/** Matrices (embeddings and stacks of matrices too) decay, vectors such as norms and biases do not. */
export const decays = (parameter: Tensor): boolean => parameter.ndim >= 2

/** Multiplier of a parameter's learning rate, by name. As in PyTorch's parameter groups, decay scales with the rate. */
export type RateFactor = (name: string) => number

export const oneRate: RateFactor = () => 1

/** Parameters that one kernel can update at once. */
export interface ParameterGroup {
  readonly rateFactor: number
  readonly decays: boolean
  /** Indices in all parameters. */
  readonly indices: readonly number[]
}

export const pick = (tensors: readonly Tensor[], { indices }: ParameterGroup): Tensor[] =>
  indices.map((index) => tensors[index]!)

/** The fewest groups in which all have one rate, and decay or do not. */
export function parameterGroups(
  parameters: ReadonlyMap<string, Tensor>,
  rateFactor: RateFactor,
): ParameterGroup[] {
  const groups = new Map<string, { rateFactor: number; decays: boolean; indices: number[] }>()
  let index = 0
  for (const [name, parameter] of parameters) {
    const like = { rateFactor: rateFactor(name), decays: decays(parameter) }
    const key = `${like.rateFactor} ${like.decays}`
    const group = groups.get(key) ?? { ...like, indices: [] }
    group.indices.push(index)
    groups.set(key, group)
    index += 1
  }
  return [...groups.values()]
}
