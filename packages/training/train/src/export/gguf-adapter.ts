/**
 * Writes a LoRA as GGUF, which llama.cpp and `hadal serve` load with the base model: matrices under llama.cpp's names and one alpha
 * for all.
 */

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { gguf, writeGguf } from '@hadal/formats'
import {
  isLinearWeight,
  isLoraTensor,
  loraDefaults,
  loraRank,
  loraScale,
  type ModelConfig,
  wantedTensors,
} from '@hadal/nn'
import { adapterUnsupported, exportMismatch } from '../errors.ts'
import type { HostTensor, Weights } from '../weights.ts'
import { adapterParts, type LowRank } from './gguf-adapter-parts.ts'
import { fileTypes } from './gguf-types.ts'
import type { SafetensorsPrecision } from './hugging-face.ts'
import { orUnwritable } from './or-unwritable.ts'
import type { AdapterFile } from './peft.ts'
import { adaptedModules, tensorIssues } from './peft-tensors.ts'

/**
 * `config` is that of the base model. Atomic; makes the folder if need be. Throws `train_adapter_unsupported` with everything that
 * llama.cpp would leave out, `train_export_mismatch` for an adapter of another model, `train_export_unwritable` and
 * `tensor_file_unwritable`.
 *
 * @example
 * ```ts
 * import { exportGgufAdapter, readModel, readPeft } from '@hadal/train'
 *
 * const { model } = readModel('models/base')
 * exportGgufAdapter('style.gguf', 'style', model, readPeft('runs/style/adapter')) // hadal serve --adapter style.gguf
 * ```
 */
export function exportGgufAdapter(
  path: string,
  name: string,
  config: ModelConfig,
  file: AdapterFile,
  precision: SafetensorsPrecision = 'F32',
): void {
  const issues = mismatches(config, file)
  if (issues.length > 0) throw exportMismatch(issues)
  const { alpha, modules } = withOneAlpha(file)
  const { architecture, tensors, obstacles } = adapterParts(config, modules)
  const reasons = [...wholeReasons(file), ...obstacles]
  if (reasons.length > 0) throw adapterUnsupported(reasons)
  orUnwritable(path, () => mkdirSync(dirname(path), { recursive: true }))
  writeGguf(path, {
    metadata: {
      'general.architecture': gguf.string(architecture),
      'general.type': gguf.string('adapter'),
      'general.name': gguf.string(name),
      'general.file_type': gguf.uint32(fileTypes[precision]),
      'adapter.type': gguf.string('lora'),
      'adapter.lora.alpha': gguf.float32(alpha),
    },
    tensors: tensors.map((tensor) => ({ ...tensor, type: precision })),
  })
}

function wholeReasons({ weights, adapter }: AdapterFile): string[] {
  const reasons = [...weights.keys()]
    .filter((name) => !isLoraTensor(name))
    .map((name) => `${name} is fully trained, but a GGUF adapter supports only low-rank matrices`)
  if (adapter.dora)
    reasons.unshift('it is a DoRA adapter, but GGUF adapters cannot store magnitudes (lora_magnitude_vector)')
  return reasons
}

/** Parts that do not belong together, and modules that the base does not have or has in other shapes. */
function mismatches(config: ModelConfig, { weights, adapter }: AdapterFile): string[] {
  const issues = tensorIssues(weights, { ...loraDefaults, ...adapter }, () => true)
  if (issues.length > 0) return issues
  const linear = [...wantedTensors(config)].filter(isLinearWeight)
  const shapes = new Map(linear.map(({ name, shape }) => [name, shape]))
  return adaptedModules(weights.keys()).flatMap((module) => {
    const wanted = shapes.get(`${module}.weight`)
    const { a, b } = lowRank(weights, module)
    const found = [b.shape[0], a.shape[1]]
    if (wanted === undefined) return [`${module} is not a linear module of a model with this configuration`]
    return String(found) === String(wanted) ? [] : [`${module} is [${wanted}], its adapter [${found}]`]
  })
}

const lowRank = (weights: Weights, module: string): LowRank => ({
  a: weights.get(`${module}.lora_A.weight`)!,
  b: weights.get(`${module}.lora_B.weight`)!,
})

/**
 * llama.cpp multiplies B A by alpha / rank, with the rank of the matrix and one alpha per file. The file's alpha is the one most
 * modules use (times √rank with rsLoRA); differences of other modules are folded into their B.
 */
function withOneAlpha({ weights, adapter }: AdapterFile): {
  readonly alpha: number
  readonly modules: ReadonlyMap<string, LowRank>
} {
  const options = { ...loraDefaults, ...adapter }
  const alphaOf = (module: string): number =>
    Math.fround(loraScale(module, options) * loraRank(module, options))
  const alphas = new Map(adaptedModules(weights.keys()).map((module) => [module, alphaOf(module)]))
  const alpha = commonest([...alphas.values()])
  const modules = [...alphas].map(([module, own]): [string, LowRank] => {
    const { a, b } = lowRank(weights, module)
    return [module, { a, b: own === alpha ? b : scaled(b, own / alpha) }]
  })
  return { alpha, modules: new Map(modules) }
}

function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0]
}

const scaled = ({ shape, values }: HostTensor, factor: number): HostTensor => ({
  shape,
  values: values.map((value) => value * factor),
})
