/** The records that layers are run with: their graph kept, or forgotten and recomputed. */

import { getRngState, grad, noGrad, recordRange, scope, setRngState, type Tensor } from '@hadal/tensor'
import type { Linear } from '../layers.ts'
import { computingAgain } from './computed-again.ts'
import type { Leave } from './layer-part.ts'
import { leafOf, type RecordGradients, type Tape } from './tape.ts'
import { runIn, type TapeRegion } from './tape-observer.ts'

export type Body = (...inputs: Tensor[]) => readonly Tensor[]

/**
 * Runs `body` and keeps its graph: the memory and the time of no record at all. Returns leaves.
 *
 * @internal
 */
export function kept(
  tape: Tape,
  inputs: readonly Tensor[],
  parameters: readonly Tensor[],
  body: Body,
): Tensor[] {
  const leaves = inputs.map((input) => tape.enter(input))
  const region = tape.region()
  const results = tape.hold(parameters, () => runIn(region, () => scope(() => [...body(...leaves)])))
  const made = results.map((result) => result.unscope())
  const outputs = made.map(leafOf)
  tape.add({
    inputs: leaves,
    outputs,
    parameters,
    back: (dOutputs) => through(made, dOutputs, leaves, parameters, region),
    free: () => {
      freeAll(made, outputs)
      region?.free()
    },
  })
  return outputs
}

/**
 * Runs `body` without a graph and keeps its inputs alone; in the backward pass it runs again, with the same random numbers, and
 * what it returns has to be the same. `end` is what comes after it, which is not computed twice. Chen et al. 2016,
 * arXiv:1604.06174.
 *
 * @internal
 */
export function recomputed(
  tape: Tape,
  inputs: readonly Tensor[],
  parameters: readonly Tensor[],
  body: Body,
  { end = asItIs, own = parameters }: RecomputeOptions = {},
): Tensor[] {
  const leaves = inputs.map((input) => tape.enter(input))
  const random = getRngState()
  const results = tape.hold(parameters, () => noGrad(() => scope(() => end.finish(body(...leaves)))))
  const outputs = results.map((result) => result.unscope())
  const wanted = leaves.some((leaf) => leaf.requiresGrad) || parameters.length > 0
  for (const output of outputs) output.requiresGrad_(wanted)
  tape.add({
    inputs: leaves,
    outputs,
    parameters: own,
    back: (dOutputs) => {
      const after = getRngState()
      setRngState(random)
      // Also of parameters that are another record's.
      return tape.hold(parameters, () => {
        const region = tape.region()
        try {
          const run = (): Tensor[] => runIn(region, () => scope(() => [...body(...leaves)]))
          const again = computingAgain(() => recordRange('recompute', run))
          setRngState(after)
          const { dResults, dParameters } = end.back(again, dOutputs, region)
          const gradients = through(again, dResults, leaves, parameters, region)
          return { ...gradients, dParameters: [...gradients.dParameters, ...dParameters] }
        } finally {
          region?.free()
        }
      })
    },
    free: () => freeAll(outputs),
  })
  return outputs
}

export interface RecomputeOptions {
  /** What comes after `body` and is not computed twice. */
  readonly end?: RecordEnd | undefined
  /** Parameters that no other record reads. Default: all. */
  readonly own?: readonly Tensor[]
}

/**
 * The end of a record: `back` computes its gradients without its outputs. With a region, `dParameters` are the gradients of its layers'
 * outputs.
 */
export interface RecordEnd {
  finish(results: readonly Tensor[]): Tensor[]
  back(
    results: readonly Tensor[],
    dOutputs: readonly (Tensor | undefined)[],
    region?: TapeRegion,
  ): {
    readonly dResults: readonly (Tensor | undefined)[]
    readonly dParameters: RecordGradients['dParameters']
  }
}

const asItIs: RecordEnd = {
  finish: (results) => [...results],
  back: (_, dOutputs) => ({ dResults: dOutputs, dParameters: [] }),
}

/**
 * x + `linear`(h) over the results h and x. Of a layer that is recomputed, the last product is thus not: nothing in the backward
 * pass reads it.
 */
export const residualEnd = (linear: Linear, leave: Leave | undefined): RecordEnd => ({
  finish: ([h, x]) => {
    const y = linear.forward(h!)
    return [x!.add(leave?.forward(y) ?? y)]
  },
  back: ([h], [dSum], region) => {
    const { weight, bias } = linear
    const dy = leave?.back(dSum!) ?? dSum
    if (region) {
      region.giveOf({ layer: 'linear', input: h!, weight, bias }, dy!)
      return noGrad(() => ({ dResults: [dy!.matmul(weight), dSum], dParameters: [] }))
    }
    const rows = (tensor: Tensor): Tensor => tensor.reshape([-1, tensor.shape.at(-1)!])
    return noGrad(() => {
      const dParameters: [Tensor, Tensor][] = []
      // In the order in which autograd multiplies, so that the same bits come out.
      if (weight.requiresGrad) dParameters.push([weight, rows(dy!).t().matmul(rows(h!))])
      if (bias?.requiresGrad) dParameters.push([bias, rows(dy!).sum(0)])
      return { dResults: [dy!.matmul(weight), dSum], dParameters }
    })
  },
})

/** The backward pass through a graph: to parameters, or in an observed pass to the outputs of layers. */
function through(
  results: readonly Tensor[],
  dResults: readonly (Tensor | undefined)[],
  inputs: readonly Tensor[],
  parameters: readonly Tensor[],
  region: TapeRegion | undefined,
): RecordGradients {
  const read = results.flatMap((result, i) =>
    dResults[i] && result.requiresGrad ? [[result, dResults[i]] as const] : [],
  )
  const targets = [...inputs.filter((input) => input.requiresGrad), ...(region?.outputs ?? parameters)]
  if (read.length === 0 || targets.length === 0) return { dInputs: [], dParameters: [] }
  const gradients = grad(
    read.map(([result]) => result),
    targets,
    { gradOutputs: read.map(([, gradient]) => gradient), allowUnused: true },
  )
  let next = 0
  const dInputs = inputs.map((input) => (input.requiresGrad ? (gradients[next++] ?? undefined) : undefined))
  if (region) {
    region.give(region.outputs.map((_, i) => gradients[next + i] ?? undefined))
    return { dInputs, dParameters: [] }
  }
  const dParameters = parameters.map((parameter, i) => [parameter, gradients[next + i] ?? undefined] as const)
  return { dInputs, dParameters }
}

function freeAll(...lists: readonly (readonly Tensor[])[]): void {
  for (const tensor of lists.flat()) tensor.free()
}
