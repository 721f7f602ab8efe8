/** Adapter tensors: their names in a PEFT file, and validation against the configuration. */

import { isLoraTensor, type LoraOptions, loraRank } from '@hadal/nn'
import type { HostTensor } from '../weights.ts'

const prefix = 'base_model.model.'

export const nameInFile = (name: string): string => prefix + name

/**
 * Maps a tensor name of a file to the run's name; undefined if it is not an adapter's. PEFT versions differ in whether the adapter
 * name, `default`, is included, and in DoRA's suffix.
 */
export function nameInRun(name: string): string | undefined {
  if (!name.startsWith(prefix)) return undefined
  const rest = name.slice(prefix.length)
  const [, module, part] =
    /^(.+\.lora_[AB])(?:\.default)?(\.weight)$/.exec(rest) ??
    /^(.+\.lora_magnitude_vector)(?:\.default)?(?:\.weight)?()$/.exec(rest) ??
    []
  return module === undefined ? rest : module + part
}

type Shapes = ReadonlyMap<string, Pick<HostTensor, 'shape'>>

/** The modules that have an adapter, in the order of their first tensor. */
export const adaptedModules = (names: Iterable<string>): readonly string[] => [
  ...new Set(
    [...names]
      .filter(isLoraTensor)
      .map((name) => name.replace(/\.lora_([AB]\.weight|magnitude_vector)$/, '')),
  ),
]

/** Every way in which tensors, by the names of a run, are neither the adapter that `options` are of nor modules kept whole. */
export function tensorIssues(
  tensors: Shapes,
  options: LoraOptions,
  isWhole: (module: string) => boolean,
): string[] {
  const modules = adaptedModules(tensors.keys())
  const issues = modules.flatMap((module) => moduleIssues(module, tensors, options))
  if (modules.length === 0) issues.push('it contains no lora_A and lora_B')
  for (const name of tensors.keys()) {
    if (isLoraTensor(name)) continue
    const module = name.replace(/\.[^.]+$/, '')
    if (!isWhole(module))
      issues.push(
        `${name} is neither lora_A nor lora_B of a linear module, and modules_to_save does not name it`,
      )
  }
  return issues
}

function moduleIssues(module: string, tensors: Shapes, options: LoraOptions): string[] {
  const shape = (part: string): readonly number[] | undefined => tensors.get(`${module}.${part}`)?.shape
  const [a, b, m] = [shape('lora_A.weight'), shape('lora_B.weight'), shape('lora_magnitude_vector')]
  const issues: string[] = []
  if (!a || !b) return [`${module} has no ${a ? 'lora_B' : 'lora_A'}`]
  const rank = loraRank(module, options)
  if (a.length !== 2 || b.length !== 2 || a[0] !== rank || b[1] !== rank)
    issues.push(`${module} has lora_A [${a}] and lora_B [${b}], which do not match rank ${rank}`)
  if (!m && options.dora) issues.push(`${module} has no lora_magnitude_vector, which use_dora requires`)
  if (m && !options.dora) issues.push(`${module} has a lora_magnitude_vector, but use_dora is not true`)
  if (m && options.dora && String(m) !== String(b[0]))
    issues.push(`${module} has a lora_magnitude_vector [${m}], not [${b[0]}]`)
  return issues
}
