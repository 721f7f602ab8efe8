/**
 * Adapters in the layout of PEFT: `adapter_model.safetensors` and `adapter_config.json`, which Hugging Face's `peft` and servers
 * load beside the base model. Written, read back, and taken into the base's weights. Knows nothing about training.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import { openSafetensors, writeSafetensors } from '@hadal/formats'
import { type LoraOptions, loraDefaults, mergeLora } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { peftInvalid } from '../errors.ts'
import { fromHost, type HostTensor, toHost, type Weights } from '../weights.ts'
import { orUnwritable } from './or-unwritable.ts'

export interface AdapterFile {
  /** As a run with `adapter` leaves them: `<module>.lora_A.weight`, `<module>.lora_B.weight`, and a head if it has one. */
  readonly weights: Weights
  /** What is left out has its usual value, as in the run. */
  readonly adapter: Partial<LoraOptions>
  /** Path or name of the model the adapter goes beside. */
  readonly baseModel: string
}

const prefix = 'base_model.model.'
const files = { weights: 'adapter_model.safetensors', config: 'adapter_config.json' } as const
const isLora = (name: string): boolean => /\.lora_[AB]\.weight$/.test(name)

/** Makes `folder` if need be. Throws `train_export_unwritable` and `tensor_file_unwritable`. */
export function exportPeft(folder: string, file: AdapterFile): void {
  orUnwritable(folder, () => writeFolder(folder, file))
}

function writeFolder(folder: string, { weights, adapter, baseModel }: AdapterFile): void {
  const { rank, alpha, rankStabilized, targets } = { ...loraDefaults, ...adapter }
  const heads = [...weights.keys()]
    .filter((name) => !isLora(name))
    .map((name) => name.replace(/\.weight$/, ''))
  mkdirSync(folder, { recursive: true })
  writeSafetensors(
    join(folder, files.weights),
    [...weights].map(([name, { shape, values }]) => ({
      name: prefix + name,
      shape,
      type: 'F32',
      data: values,
    })),
    { format: 'pt' },
  )
  const config = {
    peft_type: 'LORA',
    task_type: heads.length > 0 ? 'SEQ_CLS' : 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    target_modules: targets,
    use_rslora: rankStabilized,
    use_dora: false,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    rank_pattern: {},
    alpha_pattern: {},
    modules_to_save: heads.length > 0 ? heads : null,
  }
  writeFileSync(join(folder, files.config), `${JSON.stringify(config, null, 2)}\n`)
}

/** Throws `train_peft_invalid`, also for what such a folder may ask and `mergeLora` does not do; or what opening a file throws. */
export function readPeft(folder: string): AdapterFile {
  const config = readConfig(join(folder, files.config))
  const faults = configFaults(config)
  if (faults.length > 0) throw peftInvalid(folder, faults)
  using file = openSafetensors(join(folder, files.weights))
  const weights = new Map<string, HostTensor>()
  for (const [name, { shape }] of file.tensors) {
    if (!name.startsWith(prefix)) throw peftInvalid(folder, [`tensor ${name} does not begin with ${prefix}`])
    weights.set(name.slice(prefix.length), { shape, values: file.readFloats(name) })
  }
  return {
    weights,
    adapter: {
      rank: config.r as number,
      alpha: config.lora_alpha as number,
      rankStabilized: config.use_rslora === true,
      targets: config.target_modules as string[],
    },
    baseModel: String(config.base_model_name_or_path ?? ''),
  }
}

/** Full weights of base and adapter together, fp32, for an export of their own. Throws `nn_weights_mismatch`. */
export function mergedWeights(base: Weights, { weights, adapter }: AdapterFile): Weights {
  return scope(() => {
    const merged = mergeLora(fromHost(base), fromHost(weights), { ...loraDefaults, ...adapter })
    return toHost(merged)
  })
}

function readConfig(path: string): Record<string, unknown> {
  if (!existsSync(path)) throw peftInvalid(path, ['there is no such file'])
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>
  } catch (thrown) {
    throw peftInvalid(path, [messageOf(thrown)]).with({ cause: thrown })
  }
  throw peftInvalid(path, ['it holds no object'])
}

function configFaults(config: Record<string, unknown>): string[] {
  const faults: string[] = []
  const check = (key: string, sound: boolean, wanted: string): void => {
    if (!sound) faults.push(`${key} is ${JSON.stringify(config[key]) ?? 'missing'}; it must be ${wanted}`)
  }
  const { r, lora_alpha, target_modules } = config
  const isEmpty = (value: unknown): boolean => Object.keys(value ?? {}).length === 0
  check('peft_type', config.peft_type === 'LORA', '"LORA"')
  check('r', Number.isSafeInteger(r) && (r as number) >= 1, 'a whole number of at least 1')
  check('lora_alpha', typeof lora_alpha === 'number' && lora_alpha > 0, 'a number above 0')
  check(
    'target_modules',
    Array.isArray(target_modules) && target_modules.every((each) => typeof each === 'string'),
    'a list of names',
  )
  for (const key of ['use_dora', 'fan_in_fan_out']) check(key, !config[key], 'false')
  for (const key of ['rank_pattern', 'alpha_pattern']) check(key, isEmpty(config[key]), 'empty')
  return faults
}
