/**
 * Adapters in PEFT layout: `adapter_model.safetensors` and `adapter_config.json`, which Hugging Face's `peft` and servers load with
 * the base model. Written, read, and merged into the base's weights.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import { openSafetensors, type Safetensors, writeSafetensors } from '@hadal/formats'
import { isLoraTarget, isLoraTensor, type LoraOptions, loraDefaults, mergeLora } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { peftInvalid, peftPickled } from '../errors.ts'
import { fromHost, type HostTensor, toHost, type Weights } from '../weights.ts'
import type { SafetensorsPrecision } from './hugging-face.ts'
import { orUnwritable } from './or-unwritable.ts'
import { peftConfig } from './peft-config.ts'
import { type ModuleValues, type PeftConfig, readPeftConfig } from './peft-config-reader.ts'
import { adaptedModules, nameInFile, nameInRun, tensorIssues } from './peft-tensors.ts'

export interface AdapterFile {
  /**
   * As produced by a run with `adapter`: `<module>.lora_A.weight`, `<module>.lora_B.weight`, with DoRA
   * `<module>.lora_magnitude_vector`, and fully trained modules such as a head.
   */
  readonly weights: Weights
  /** Missing options have their defaults, as in the run. */
  readonly adapter: Partial<LoraOptions>
  /** Path or name of the base model. */
  readonly baseModel: string
  /** Storage type of each tensor that is not F32. */
  readonly types?: ReadonlyMap<string, SafetensorsPrecision>
}

const files = {
  weights: 'adapter_model.safetensors',
  config: 'adapter_config.json',
  pickle: 'adapter_model.bin',
} as const

/**
 * Makes `folder` if need be. Throws `train_export_unwritable` and `tensor_file_unwritable`.
 *
 * @example
 * ```ts
 * import { exportPeft, newestWeights } from '@hadal/train'
 *
 * exportPeft('style', { weights: newestWeights('runs/style'), adapter: { rank: 16, alpha: 32 }, baseModel: 'models/base' })
 * ```
 */
export function exportPeft(folder: string, file: AdapterFile): void {
  orUnwritable(folder, () => writeFolder(folder, file))
}

function writeFolder(folder: string, { weights, adapter, baseModel, types }: AdapterFile): void {
  mkdirSync(folder, { recursive: true })
  const tensors = [...weights].map(([name, { shape, values }]) => ({
    name: nameInFile(name),
    shape,
    type: types?.get(name) ?? 'F32',
    data: values,
  }))
  writeSafetensors(join(folder, files.weights), tensors, { format: 'pt' })
  const config = peftConfig([...weights.keys()], adapter, baseModel)
  writeFileSync(join(folder, files.config), JSON.stringify(config, null, 2))
}

/**
 * Throws `train_peft_invalid` with all issues, including unsupported settings; `train_peft_pickled`; or what opening a file throws.
 *
 * @example
 * ```ts
 * import { readPeft } from '@hadal/train'
 *
 * const { adapter, weights, baseModel } = readPeft('adapters/style')
 * console.log(adapter.rank, weights.size, baseModel)
 * ```
 */
export function readPeft(folder: string): AdapterFile {
  const path = join(folder, files.config)
  const { config, issues } = readPeftConfig(readJson(path))
  if (issues.length > 0) throw peftInvalid(path, issues)
  if (!existsSync(join(folder, files.weights)) && existsSync(join(folder, files.pickle)))
    throw peftPickled(join(folder, files.pickle))
  using file = openSafetensors(join(folder, files.weights))
  const { names, issues: wrong } = namesOf(file)
  const adapter = optionsOf(config, [...names.keys()])
  const shapes = new Map([...names].map(([name, given]) => [name, file.tensors.get(given)!]))
  wrong.push(...tensorIssues(shapes, adapter, (module) => isNamed(module, config.whole)))
  if (wrong.length > 0) throw peftInvalid(file.path, wrong)
  const weights = new Map<string, HostTensor>()
  const types = new Map<string, SafetensorsPrecision>()
  for (const [name, given] of names) {
    const { shape, type } = file.tensors.get(given)!
    const values = file.readFloats(given)
    if (!values.every(Number.isFinite)) throw peftInvalid(file.path, [`${given} contains non-finite values`])
    weights.set(name, { shape, values })
    types.set(name, type as SafetensorsPrecision)
  }
  return { weights, adapter, baseModel: config.baseModel, types }
}

/**
 * Full weights of base and adapter together, fp32, for a merged export. Throws `nn_weights_mismatch`.
 *
 * @example
 * ```ts
 * import { mergedWeights, readModel, readPeft } from '@hadal/train'
 *
 * const { startFrom } = readModel('models/base')
 * const merged = mergedWeights(startFrom, readPeft('runs/style/adapter')) // weights with the adapter in them
 * ```
 */
export function mergedWeights(base: Weights, { weights, adapter }: AdapterFile): Weights {
  return scope(() => {
    const merged = mergeLora(fromHost(base), fromHost(weights), { ...loraDefaults, ...adapter })
    const whole = [...weights].filter(([name]) => !isLoraTensor(name))
    return new Map([...toHost(merged), ...whole])
  })
}

function readJson(path: string): Record<string, unknown> {
  if (!existsSync(path)) throw peftInvalid(path, ['the file does not exist'])
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>
  } catch (thrown) {
    throw peftInvalid(path, [messageOf(thrown)]).with({ cause: thrown })
  }
  throw peftInvalid(path, ['it must be a JSON object'])
}

const readable: readonly string[] = ['F32', 'F16', 'BF16'] satisfies readonly SafetensorsPrecision[]

/** Maps the run's names to the file's. */
function namesOf(file: Safetensors): {
  readonly names: ReadonlyMap<string, string>
  readonly issues: string[]
} {
  const names = new Map<string, string>()
  const issues: string[] = []
  for (const [given, { type }] of file.tensors) {
    const name = nameInRun(given)
    if (name === undefined) issues.push(`${given} must start with ${nameInFile('')}`)
    else if (names.has(name)) issues.push(`${given} and ${names.get(name)} are the same tensor`)
    else if (!readable.includes(type))
      issues.push(`${given} is of type ${type}; it must be one of ${readable.join(', ')}`)
    else names.set(name, given)
  }
  return { names, issues }
}

/** How PEFT decides which modules it saves in full. */
const isNamed = (module: string, ends: readonly string[]): boolean =>
  ends.some((end) => module === end || module.endsWith(`.${end}`))

/** Patterns are expanded to module names: PEFT's are regular expressions, ours are not. */
function optionsOf(config: PeftConfig, names: readonly string[]): LoraOptions {
  const modules = adaptedModules(names)
  const valuesOf = (values: ModuleValues, usual: number): Readonly<Record<string, number>> =>
    Object.fromEntries(
      modules.flatMap((module) => {
        const value = values(module) ?? usual
        return value === usual ? [] : [[module, value]]
      }),
    )
  const { rank, alpha, dropout, rankStabilized, dora } = config
  const isReported = (reported: readonly string[]): boolean =>
    modules.every((module) => isLoraTarget(module, reported))
  const targets = config.targets && isReported(config.targets) ? config.targets : modules
  return {
    ...loraDefaults,
    ...{ rank, alpha, dropout, rankStabilized, dora, targets },
    rankPattern: valuesOf(config.rankPattern, rank),
    alphaPattern: valuesOf(config.alphaPattern, alpha),
  }
}
