/**
 * The products that a divided half begins with, as a record of a tape: while the gradient of what they read travels to the other
 * ranks, those of their weights are computed; and where the sequence is divided only this rank's tokens are kept, for the others' come
 * again on the way back, while it computes. As in Megatron-LM (Korthikanti et al. 2022, arXiv:2205.05198, 4.2.2). Knows nothing about
 * which products they are.
 *
 * Shapes: b batch, t time, d hidden; n the ranks of the tensor group.
 */

import { noGrad, type ProcessGroup, scope, type Tensor, torch } from '@hadal/tensor'
import type { Linear } from '../layers.ts'
import type { Tape } from '../tape/tape.ts'

/** How what lies between the halves of layers becomes what their products read, and the way back; both can be under way. */
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

/** What each of `linears`, all of them plain, makes of x; `parameters` are those of them that are trained. Returns leaves. */
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

/** Σ dy W, which nothing else holds. */
function sumOfProducts(given: readonly { readonly linear: Linear; readonly dy: Tensor }[]): Tensor {
  return scope(() =>
    given.map(({ linear, dy }) => dy.matmul(linear.weight)).reduce((sum, part) => sum.add_(part)),
  )
}

const rows = (tensor: Tensor): Tensor => tensor.reshape([-1, tensor.shape.at(-1)!])
