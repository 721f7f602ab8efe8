/**
 * The column-parallel products at the start of a divided half layer, as a tape record: weight gradients are computed while the
 * input gradient is reduced; and with sequence parallelism only this rank's tokens are kept, because the others' are gathered again
 * in the backward pass, overlapped with computation. As in Megatron-LM (Korthikanti et al. 2022, arXiv:2205.05198, 4.2.2).
 *
 * Shapes: b batch, t time, d hidden; n the ranks of the tensor group.
 */

import { noGrad, type ProcessGroup, scope, type Tensor, torch } from '@hadal/tensor'
import type { Linear } from '../layers.ts'
import type { Tape } from '../tape/tape.ts'

/** Gathers the input of the products, and reduces its gradient; both can be asynchronous. */
export interface Entry {
  /** [b, t, d], or this rank's [b, t / n, d], to [b, t, d]. */
  start(x: Tensor): () => Tensor
  /** This rank's part of the gradient of that to the gradient of `x`. Takes `dRead` over. */
  startBack(dRead: Tensor): () => Tensor
}

export const copyEntry = (group: ProcessGroup): Entry => ({
  start: (x) => () => x,
  startBack: (dRead) => {
    const work = group.startAllReduce(dRead)
    return () => {
      work.wait()
      return dRead
    }
  },
})

export const gatherEntry = (group: ProcessGroup, dim: number): Entry => ({
  start: (x) => {
    const work = group.startAllGather(x.unsqueeze(0))
    return () => torch.cat(work.wait().unbind(0), dim)
  },
  startBack: (dRead) => {
    const work = group.startReduceScatter(torch.stack(dRead.chunk(group.size, dim)))
    return () => work.wait().squeeze(0)
  },
})

/** Applies each of `linears`, all plain, to x; `parameters` are the trained ones. Returns leaves. */
export function columnRecord(
  tape: Tape,
  x: Tensor,
  linears: readonly Linear[],
  parameters: readonly Tensor[],
  entry: Entry,
): Tensor[] {
  const leaf = tape.enter(x)
  const outputs = tape.hold(parameters, () =>
    noGrad(() =>
      scope(() => {
        const read = entry.start(leaf)()
        return linears.map((linear) => linear.forward(read))
      }),
    ).map((output) => output.unscope()),
  )
  for (const output of outputs) output.requiresGrad_(leaf.requiresGrad || parameters.length > 0)
  tape.add({
    inputs: [leaf],
    outputs,
    parameters,
    back: (dOutputs) => noGrad(() => back(leaf, linears, dOutputs, entry)),
    free: () => {
      for (const output of outputs) output.free()
    },
  })
  return outputs
}

function back(
  x: Tensor,
  linears: readonly Linear[],
  dOutputs: readonly (Tensor | undefined)[],
  entry: Entry,
): { readonly dInputs: readonly (Tensor | undefined)[]; readonly dParameters: [Tensor, Tensor][] } {
  const given = linears.flatMap((linear, at) => (dOutputs[at] ? [{ linear, dy: dOutputs[at] }] : []))
  const read = entry.start(x)
  const arriving = x.requiresGrad ? entry.startBack(sumOfProducts(given)) : undefined
  const read_nd = rows(read())
  const dParameters: [Tensor, Tensor][] = []
  for (const { linear, dy } of given) {
    const { weight, bias } = linear
    if (weight.requiresGrad) dParameters.push([weight, rows(dy).t().matmul(read_nd)])
    if (bias?.requiresGrad) dParameters.push([bias, rows(dy).sum(0)])
  }
  return { dInputs: [arriving?.()], dParameters }
}

/** Σ dY W, with no other reference. */
function sumOfProducts(given: readonly { readonly linear: Linear; readonly dy: Tensor }[]): Tensor {
  return scope(() =>
    given.map(({ linear, dy }) => dy.matmul(linear.weight)).reduce((sum, part) => sum.add_(part)),
  )
}

const rows = (tensor: Tensor): Tensor => tensor.reshape([-1, tensor.shape.at(-1)!])
