/** Gradients against central differences, in float64. Knows nothing about how an operator is made. */

import { grad } from '../../grad.ts'
import { noGrad, scope } from '../../scope.ts'
import { Tensor } from '../../tensor.ts'
import * as torch from '../../torch.ts'

const step = 1e-6

type Run = (...args: readonly unknown[]) => unknown

/** All tensors of what an operator gives. */
export function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result]
  return Array.isArray(result) ? result.flatMap(tensorsIn) : []
}

/** Of arguments, those that gradients are recorded of. */
export function leavesIn(args: readonly unknown[]): Tensor[] {
  return args.flatMap(tensorsIn).filter((tensor) => tensor.requiresGrad)
}

/** Gradients of the sum of all differentiable results, each weighted with `weights` of its place; undefined where there are none. */
export function gradientsOf(
  run: Run,
  args: readonly unknown[],
  weights: readonly Tensor[],
): Tensor[] | undefined {
  const results = tensorsIn(run(...args))
  const through = results.map((_, i) => i).filter((i) => results[i]!.requiresGrad)
  if (through.length === 0) return undefined
  const leaves = leavesIn(args)
  const found = grad(
    through.map((i) => results[i]!),
    leaves,
    { gradOutputs: through.map((i) => weights[i]!), allowUnused: true },
  )
  return leaves.map((leaf, i) => found[i] ?? torch.zerosLike(leaf))
}

/** What gradients are multiplied with: drawn once for all who are compared. */
export function drawnWeights(run: Run, args: readonly unknown[]): Tensor[] {
  return noGrad(() =>
    tensorsIn(run(...args)).map((result) => torch.randnLike(result.float()).to(result.dtype)),
  )
}

/**
 * The largest difference between a gradient and the quotient of differences, as a share of the largest gradient, or of 1. Undefined where
 * no result has a gradient.
 */
export function gradientError(run: Run, args: readonly unknown[]): number | undefined {
  return scope(() => {
    const through = tensorsIn(run(...args)).map((result) => result.requiresGrad)
    const weights = drawnWeights(run, args)
    const gradients = gradientsOf(run, args, weights)
    if (gradients === undefined) return undefined
    const value = (): number =>
      scope(() =>
        tensorsIn(run(...args)).reduce(
          (sum, result, i) => (through[i] ? sum + Number(result.mul(weights[i]!).sum().item()) : sum),
          0,
        ),
      )
    let worst = 0
    for (const [i, leaf] of leavesIn(args).entries()) {
      const found = gradients[i]!.flatten().toArray() as number[]
      const scale = Math.max(1, ...found.map(Math.abs))
      for (let at = 0; at < leaf.numel; at++)
        worst = Math.max(worst, Math.abs(found[at]! - quotient(leaf, at, value)) / scale)
    }
    return worst
  })
}

/** (f(x + h) - f(x - h)) / 2h of one element. */
function quotient(leaf: Tensor, at: number, value: () => number): number {
  return noGrad(() => {
    const place = placeOf(leaf.shape, at)
    const before = Number(leaf.get(...place).item())
    const moved = (by: number): number => {
      leaf.set_(place, before + by)
      return value()
    }
    const difference = moved(step) - moved(-step)
    leaf.set_(place, before)
    return difference / (2 * step)
  })
}

function placeOf(shape: readonly number[], at: number): number[] {
  const place: number[] = []
  for (const size of [...shape].reverse()) {
    place.unshift(at % size)
    at = Math.floor(at / size)
  }
  return place
}
