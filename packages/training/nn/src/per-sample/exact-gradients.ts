/** Clipped gradients sample by sample, each on a separate tape: slow, and for every model that does not mix samples. */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { Tape } from '../tape/tape.ts'
import { clip } from './clipping.ts'
import { rowSquares, wide } from './kept.ts'
import type { ClippedGradients, PrivateBackward } from './private-backward.ts'

/** See `clippedGradients`. */
export function exactGradients(of: PrivateBackward): ClippedGradients {
  const { parameters, samples, clipping, newTape = () => new Tape(1) } = of
  const layers = parameters.map((_, index) =>
    clipping.kind === 'per-layer' ? (of.layers?.[index] ?? index) : 0,
  )
  const count = Math.max(0, ...layers) + 1
  const sums = parameters.map((parameter) =>
    torch.zerosLike(parameter, { dtype: wideDtype(parameter) }).detach(),
  )
  const norms: Tensor[] = []
  let [loss, clipped, notFinite] = [0, 0, 0]
  for (let sample = 0; sample < samples; sample += 1) {
    norms.push(
      scope(() => {
        const tape = newTape()
        const own = of.loss(tape, sample)
        const gradients = tape.gradients(own, parameters)
        return noGrad(() => {
          loss += own.item() as number
          const squares = Array.from({ length: count }, (_, layer) =>
            gradients
              .filter((_, index) => layers[index] === layer)
              .map((gradient) => rowSquares(wide(gradient).reshape([1, -1])))
              .reduce((sum, each) => sum.add(each)),
          )
          const { factors, bad, shortened, norms } = clip(squares, clipping)
          if (bad.item() === true) notFinite += 1
          else {
            if (shortened.item() === true) clipped += 1
            for (const [index, gradient] of gradients.entries())
              sums[index]!.add_(wide(gradient).mul(factors[layers[index]!]!.squeeze(0)))
          }
          return norms
        })
      }),
    )
  }
  return { gradients: sums, loss, norms: torch.cat(norms), clipped, notFinite }
}

const wideDtype = ({ dtype }: Tensor): 'float64' | 'float32' => (dtype === 'float64' ? 'float64' : 'float32')
