/** Validates the configuration of a residual network. Needs no libtorch. */

import { type ResNetConfig, resNetStem, stemOf } from './config.ts'

/** No realistic network is larger, and listing the tensors of one would itself take memory. */
const maxBlocks = 1000

const known: Readonly<Record<keyof ResNetConfig, true>> = {
  model_type: true,
  block: true,
  blocks: true,
  width: true,
  input: true,
  classes: true,
  stem: true,
  zeroInitResidual: true,
}

/**
 * Returns every issue as a sentence that includes the value; empty when the network can be built. Recipes run without a type check.
 *
 * @internal
 */
export function resNetIssues(config: ResNetConfig): string[] {
  const issues = unknown('', config, known)
  const count = (name: string, value: unknown, least = 1): void => {
    if (!(Number.isSafeInteger(value) && (value as number) >= least))
      issues.push(`${name} is ${shown(value)}; it must be a whole number of at least ${least}`)
  }
  const { block, blocks, width, input, classes, stem, zeroInitResidual } = config
  if (block !== 'basic' && block !== 'bottleneck')
    issues.push(`block is ${shown(block)}; it must be "basic" or "bottleneck"`)
  if (!Array.isArray(blocks) || blocks.length !== 4 || !blocks.every(isBlockCount))
    issues.push(`blocks is ${shown(blocks)}; it must be four whole numbers from 1 to ${maxBlocks}`)
  if (width !== undefined) count('width', width)
  count('classes', classes, 2)
  if (typeof input !== 'object' || input === null)
    issues.push(`input is ${shown(input)}; it must be { channels, height, width }`)
  else for (const key of ['channels', 'height', 'width'] as const) count(`input.${key}`, input[key])
  if (zeroInitResidual !== undefined && typeof zeroInitResidual !== 'boolean')
    issues.push(`zeroInitResidual is ${shown(zeroInitResidual)}; it must be true or false`)
  if (stem !== undefined && (typeof stem !== 'object' || stem === null))
    return [...issues, `stem is ${shown(stem)}; it must be { kernel, stride, pool }`]
  issues.push(...unknown('stem.', stem ?? {}, resNetStem))
  const { kernel, stride, pool } = stemOf(config)
  count('stem.stride', stride)
  if (!(Number.isSafeInteger(kernel) && kernel >= 1 && kernel % 2 === 1))
    issues.push(`stem.kernel is ${shown(kernel)}; it must be an odd whole number`)
  if (typeof pool !== 'boolean') issues.push(`stem.pool is ${shown(pool)}; it must be true or false`)
  return issues
}

const isBlockCount = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= maxBlocks

const unknown = (path: string, value: object, keys: object): string[] =>
  Object.keys(value)
    .filter((key) => !Object.hasOwn(keys, key))
    .map((key) => `${path}${key} is unknown; use one of ${Object.keys(keys).join(', ')}`)

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value)
