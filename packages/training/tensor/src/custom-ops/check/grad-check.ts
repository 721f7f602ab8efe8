/** Gradients against central differences, in float64. */

import { grad } from '../../grad.ts'
import { noGrad, scope } from '../../scope.ts'
import { Tensor } from '../../tensor.ts'
import * as torch from '../../torch.ts'

const step = 1e-6

type Run = (...args: readonly unknown[]) => unknown

/** All tensors in an operator's result. */
export function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result]
  return Array.isArray(result) ? result.flatMap(tensorsIn) : []
}

/** The arguments that require gradients. */
export function leavesIn(args: readonly unknown[]): Tensor[] {
  return args.flatMap(tensorsIn).filter((tensor) => tensor.requiresGrad)
}

/** The results of a call that propagate gradients. */
export function throughIn(results: readonly Tensor[]): number[] {
  return results.flatMap((result, i) => (result.requiresGrad ? [i] : []))
}

/** Gradients of the results at `through` with respect to arguments, each weighted with its `weights`. */
export function gradientsOf(
  run: Run,
  args: readonly unknown[],
  through: readonly number[],
  weights: readonly Tensor[],
): Tensor[] {
  const results = tensorsIn(run(...args))
  const leaves = leavesIn(args)
  const found = grad(
    through.map((i) => results[i]!),
    leaves,
    { gradOutputs: through.map((i) => weights[i]!), allowUnused: true },
  )
  return leaves.map((leaf, i) => found[i] ?? torch.zerosLike(leaf))
}

/** Weights of gradients: drawn once for all compared implementations. */
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
    const through = throughIn(tensorsIn(run(...args)))
    if (through.length === 0) return undefined
    const weights = drawnWeights(run, args)
    const gradients = gradientsOf(run, args, through, weights)
    const value = (): number =>
      scope(() =>
        tensorsIn(run(...args)).reduce(
          (sum, result, i) =>
            through.includes(i) ? sum + Number(result.mul(weights[i]!).sum().item()) : sum,
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
