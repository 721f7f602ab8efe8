/** Batch norms, which mix samples, out of a model that is to be trained privately. */

import { noGrad } from '@hadal/tensor'
import { Module } from '../module.ts'
import { BatchNorm2d, GroupNorm } from '../normalization.ts'
import { onDevice } from '../parameter.ts'

/**
 * How many groups of channels: the greatest common divisor with 32, as Opacus has it and Wu and He 2018 (arXiv:1803.08494) take 32.
 *
 * @internal
 */
export const groupsOf = (channels: number): number => greatestDivisor(32, channels)

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b))

/**
 * Puts a `GroupNorm` with the same weight, bias and eps in the place of every `BatchNorm2d` below `root`, and frees that; the running
 * statistics are lost. Gives the names of what was replaced. What the new layers hold belongs to the caller's scope.
 *
 * @example
 * ```ts
 * import { replaceBatchNorms, ResNet, resNetConfig } from '@hadal/nn'
 *
 * const model = new ResNet(resNetConfig(18, { input: { channels: 3, height: 32, width: 32 }, classes: 10 }))
 * replaceBatchNorms(model).length // → 20
 * ```
 */
export function replaceBatchNorms(root: Module, path = ''): string[] {
  const fields = root as unknown as Record<string, unknown>
  return Object.entries(fields).flatMap(([key, value]) => {
    if (Array.isArray(value))
      return value.flatMap((each, index) =>
        replaceOne(each, `${path}${key}.${index}`, (norm) => {
          value[index] = norm
        }),
      )
    return replaceOne(value, `${path}${key}`, (norm) => {
      fields[key] = norm
    })
  })
}

function replaceOne(value: unknown, name: string, put: (norm: GroupNorm) => void): string[] {
  if (!(value instanceof Module)) return []
  if (!(value instanceof BatchNorm2d)) return replaceBatchNorms(value, `${name}.`)
  const { weight, bias, eps } = value
  const channels = weight.shape[0]!
  const norm = onDevice(weight.device, () => new GroupNorm(groupsOf(channels), channels, eps, weight.dtype))
  noGrad(() => {
    norm.weight.copy_(weight)
    norm.bias.copy_(bias)
  })
  norm.weight.requiresGrad_(weight.requiresGrad)
  norm.bias.requiresGrad_(bias.requiresGrad)
  for (const tensor of value.state().values()) tensor.free()
  put(norm)
  return [name]
}
