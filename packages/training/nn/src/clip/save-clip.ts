/** Writes a dual encoder's folder in either layout, without its tokenizer. Needs no libtorch. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PlainType, type TensorSource, writeSafetensors } from '@hadal/formats'
import { weightsMismatch } from '../errors.ts'
import type { ClipConfig } from './config.ts'
import { clipFolderTaken, clipLayoutUnsupported } from './errors.ts'
import { clipConfigJson, huggingFaceIssues } from './hugging-face-config.ts'
import { type ClipLayout, type StoredPlace, storedPlace } from './layouts.ts'
import { openClipConfigJson, openClipIssues } from './open-clip-config.ts'
import { clipFiles } from './plan-clip.ts'
import { type ClipPreprocessing, clipPreprocessing, preprocessorJson } from './preprocessing.ts'
import { clipTensors } from './tensors.ts'
import { transposed } from './transposed.ts'

/** A tensor's values; a function is called just before writing, so that only one is held at a time. */
export interface HostValues {
  readonly shape: readonly number[]
  readonly values: Float32Array | (() => Float32Array)
}

export interface SaveClipOptions {
  /** Default: Hugging Face's if it supports the model (no ResNet, no bias); otherwise open_clip's. */
  readonly layout?: ClipLayout
  /** Type of all weights. Default: F32. */
  readonly type?: 'F32' | 'F16' | 'BF16'
  /** Default: CLIP's own preprocessing. */
  readonly preprocessing?: ClipPreprocessing
}

/**
 * `weights` are parameters and running statistics by the model's names. Makes `folder` if need be and returns the layout. Throws
 * `nn_clip_layout_unsupported`, `nn_clip_folder_taken`, `nn_weights_mismatch` and `tensor_file_unwritable`.
 *
 * @example
 * ```ts
 * import { hostState, loadClip, saveClip } from '@hadal/nn'
 *
 * const { model } = loadClip('models/clip-vit-base-patch32')
 * saveClip('out', model.config, hostState(model), { type: 'F16' })
 * ```
 */
export function saveClip(
  folder: string,
  config: ClipConfig,
  weights: ReadonlyMap<string, HostValues>,
  { layout = layoutFor(config), type = 'F32', preprocessing = clipPreprocessing }: SaveClipOptions = {},
): ClipLayout {
  const issues = layoutIssues[layout](config)
  if (issues.length > 0) throw clipLayoutUnsupported(layout, issues)
  const sources = storedTensors(config, weights, layout, type)
  const other = clipFiles[layout === 'open-clip' ? 'hugging-face' : 'open-clip'].weights
  for (const file of [other, `${other}.index.json`])
    if (existsSync(join(folder, file))) throw clipFolderTaken(folder, file)
  mkdirSync(folder, { recursive: true })
  writeSafetensors(join(folder, clipFiles[layout].weights), sources, { format: 'pt' })
  const writeJson = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`)
  if (layout === 'open-clip') writeJson(clipFiles[layout].config, openClipConfigJson(config, preprocessing))
  else {
    writeJson(clipFiles[layout].config, { ...clipConfigJson(config), torch_dtype: dtypes[type] })
    writeJson('preprocessor_config.json', preprocessorJson(preprocessing, config.vision_config.image_size))
  }
  return layout
}

const dtypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

const layoutIssues = { 'hugging-face': huggingFaceIssues, 'open-clip': openClipIssues } as const

/**
 * The layout that `saveClip` chooses.
 *
 * @internal
 */
export const layoutFor = (config: ClipConfig): ClipLayout =>
  huggingFaceIssues(config).length === 0 ? 'hugging-face' : 'open-clip'

/** Throws `nn_weights_mismatch` naming every tensor that is missing or misshapen. */
function storedTensors(
  config: ClipConfig,
  weights: ReadonlyMap<string, HostValues>,
  layout: ClipLayout,
  type: PlainType,
): TensorSource<PlainType>[] {
  const parts = new Map<string, Part[]>()
  const issues: string[] = []
  for (const tensor of clipTensors(config)) {
    const given = weights.get(tensor.name)
    if (!given) issues.push(`${tensor.name} is missing`)
    else if (String(given.shape) !== String(tensor.shape))
      issues.push(`${tensor.name} has shape [${given.shape}]; the model expects [${tensor.shape}]`)
    else {
      const place = storedPlace(tensor, layout)
      const part = { place, values: given.values, isBuffer: tensor.isBuffer === true }
      const list = parts.get(place.name)
      if (list) list.push(part)
      else parts.set(place.name, [part])
    }
  }
  if (issues.length > 0) throw weightsMismatch(issues)
  const sources = [...parts.values()].map((list): TensorSource<PlainType> => {
    const { name, shape } = list[0]!.place
    return { name, shape, type: list[0]!.isBuffer ? 'F32' : type, data: () => joined(list) }
  })
  return layout === 'open-clip' ? [...sources, ...batchCounts(parts.keys())] : sources
}

interface Part {
  readonly place: StoredPlace
  readonly values: HostValues['values']
  readonly isBuffer: boolean
}

function joined(parts: readonly Part[]): Float32Array {
  const read = ({ values }: Part): Float32Array => (typeof values === 'function' ? values() : values)
  const [first] = parts as readonly [Part]
  if (first.place.transposed) {
    const [rows, columns] = first.place.shape as [number, number]
    return transposed(read(first), [columns, rows])
  }
  if (first.place.firstRow === undefined) return read(first)
  const inOrder = parts.toSorted((a, b) => a.place.firstRow! - b.place.firstRow!).map(read)
  const whole = new Float32Array(inOrder.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const values of inOrder) {
    whole.set(values, at)
    at += values.length
  }
  return whole
}

/** PyTorch's batch norms also count batches and require the key in a file; nothing here reads it. */
const batchCounts = (names: Iterable<string>): TensorSource<PlainType>[] =>
  [...names]
    .filter((name) => name.endsWith('.running_mean'))
    .map((name) => ({
      name: name.replace(/running_mean$/, 'num_batches_tracked'),
      shape: [],
      type: 'I64',
      data: BigInt64Array.of(0n),
    }))
