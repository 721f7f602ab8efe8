/**
 * An image classifier as a folder: config.json, model.safetensors with weights and running statistics, and samples.safetensors with
 * training rows for calibration and held-out rows for export verification.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@hadal/base'
import { openSafetensors, type Safetensors, writeSafetensors } from '@hadal/formats'
import {
  type ImageModelConfig,
  imageInputShape,
  imageModelIssues,
  imageModelTensors,
  isImageModelConfig,
  type QuantizationOptions,
  type SavedTensor,
} from '@hadal/nn'
import { exportMismatch } from '../../errors.ts'
import type { LabelledImages, Normalization } from '../../image-data/labelled-images.ts'
import { asWeights, type Weights } from '../../weights.ts'
import { orUnwritable } from '../or-unwritable.ts'
import { weightIssues } from '../weight-issues.ts'
import { imageModelInvalid } from './errors.ts'
import { type Reported, reportedIssues } from './reported-issues.ts'

/** Rows as stored in a file: pixels and labels. */
export type Samples = Pick<LabelledImages, 'shape' | 'pixels' | 'labels'>

export interface ImageModelFile {
  readonly config: ImageModelConfig
  /** fp32: parameters and running statistics. */
  readonly weights: Weights
  readonly normalization?: Normalization
  readonly classNames?: readonly string[]
  /** Models trained with quantisation: the scheme and the learnt ranges. */
  readonly quantization?: LearntQuantization
  /** Rows of the training data. */
  readonly calibration?: Samples
  /** Rows of the held-out data. */
  readonly heldOut?: Samples
}

export interface LearntQuantization {
  readonly options: QuantizationOptions
  /** State of a `FakeQuantization`. */
  readonly state: ReadonlyMap<string, SavedTensor>
}

const statePrefix = 'quantization.'
const types = { float32: 'F32', int32: 'I32', uint8: 'U8' } as const
const dtypes = { F32: 'float32', I32: 'int32', U8: 'uint8' } as const

/**
 * Creates `folder` if needed. Throws `train_export_mismatch` for weights of another model, `train_image_model_invalid` for other
 * inconsistencies, `train_export_unwritable` and `tensor_file_unwritable`.
 *
 * @example
 * ```ts
 * import { readImageModel, saveImageModel } from '@hadal/train'
 *
 * const file = readImageModel('runs/digits/model')
 * saveImageModel('digits', { ...file, classNames: ['zero', 'one'] })
 * ```
 */
export function saveImageModel(folder: string, file: ImageModelFile): void {
  const { config, weights, normalization, classNames, quantization } = file
  const issues = weightIssues(imageModelTensors(config), weights)
  if (issues.length > 0) throw exportMismatch(issues)
  const reported: Reported = {
    ...(normalization && { normalization }),
    ...(classNames && { class_names: classNames }),
    ...(quantization && { quantization: quantization.options }),
  }
  const untrue = reportedIssues(reported, config)
  if (untrue.length > 0) throw imageModelInvalid(folder, untrue.join('; '))
  orUnwritable(folder, () => {
    mkdirSync(folder, { recursive: true })
    writeSafetensors(
      join(folder, 'model.safetensors'),
      [
        ...[...weights].map(([name, { shape, values }]) => ({
          name,
          shape,
          type: 'F32' as const,
          data: values,
        })),
        ...[...(quantization?.state ?? [])].map(([name, { shape, dtype, bytes }]) => ({
          name: `${statePrefix}${name}`,
          shape,
          type: types[dtype as keyof typeof types],
          data: bytes,
        })),
      ],
      { format: 'pt' },
    )
    const samples = [
      ['calibration', file.calibration],
      ['held_out', file.heldOut],
    ] as const
    writeSafetensors(
      join(folder, 'samples.safetensors'),
      samples.flatMap(([name, rows]) => (rows ? sampleTensors(name, rows) : [])),
    )
    // The last: without it a folder is no model.
    writeFileSync(join(folder, 'config.json'), `${JSON.stringify({ ...config, ...reported }, null, 2)}\n`)
  })
}

const sampleTensors = (name: string, { shape, pixels, labels }: Samples) => [
  {
    name: `${name}.pixels`,
    shape: [labels.length, ...shape],
    type: pixels instanceof Uint8Array ? ('U8' as const) : ('F32' as const),
    data: pixels,
  },
  { name: `${name}.labels`, shape: [labels.length], type: 'I32' as const, data: labels },
]

/**
 * Whether a folder holds such a model, judged by its config.json.
 *
 * @internal
 */
export function isImageModelFolder(folder: string): boolean {
  try {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as unknown
    return typeof config === 'object' && config !== null && isImageModelConfig(config)
  } catch {
    return false
  }
}

/**
 * Throws `train_image_model_invalid`, `tensor_file_unreadable` and `safetensors_invalid`.
 *
 * @example
 * ```ts
 * import { readImageModel } from '@hadal/train'
 *
 * const { config, weights, classNames } = readImageModel('runs/digits/model')
 * ```
 */
export function readImageModel(folder: string): ImageModelFile {
  const { config, normalization, class_names: classNames, quantization: options } = readConfig(folder)
  using file = openSafetensors(join(folder, 'model.safetensors'))
  const all = new Map(
    [...file.tensors.keys()].map((name) => [name, savedTensor(file, name, folder)] as const),
  )
  const isState = (name: string): boolean => name.startsWith(statePrefix)
  const weights = asWeights(new Map([...all].filter(([name]) => !isState(name))))
  const issues = weightIssues(imageModelTensors(config), weights)
  if (issues.length > 0) throw imageModelInvalid(folder, issues.join('; '))
  const state = new Map(
    [...all].flatMap(([name, tensor]) =>
      isState(name) ? [[name.slice(statePrefix.length), tensor] as const] : [],
    ),
  )
  const samples = readSamples(folder, config)
  return {
    config,
    weights,
    ...(normalization && { normalization }),
    ...(classNames && { classNames }),
    ...(options && { quantization: { options, state } }),
    ...samples,
  }
}

function readConfig(folder: string): Reported & { readonly config: ImageModelConfig } {
  const path = join(folder, 'config.json')
  let reported: unknown
  try {
    reported = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw imageModelInvalid(path, messageOf(cause)).with({ cause })
  }
  if (typeof reported !== 'object' || reported === null || !isImageModelConfig(reported))
    throw imageModelInvalid(path, 'model_type is neither image_classifier nor resnet')
  const { normalization, class_names, quantization, ...config } = reported as ImageModelConfig & Reported
  const modelIssues = imageModelIssues(config as ImageModelConfig)
  const issues =
    modelIssues.length > 0
      ? modelIssues
      : reportedIssues({ normalization, class_names, quantization } as Reported, config as ImageModelConfig)
  if (issues.length > 0) throw imageModelInvalid(path, issues.join('; '))
  return {
    config: config as ImageModelConfig,
    ...(normalization && { normalization }),
    ...(class_names && { class_names }),
    ...(quantization && { quantization }),
  }
}

function readSamples(
  folder: string,
  config: ImageModelConfig,
): Pick<ImageModelFile, 'calibration' | 'heldOut'> {
  const path = join(folder, 'samples.safetensors')
  if (!existsSync(path)) return {}
  using file = openSafetensors(path)
  const shape = imageInputShape(config)
  const read = (name: string): Samples | undefined => {
    const pixels = file.tensors.get(`${name}.pixels`)
    const labels = file.tensors.get(`${name}.labels`)
    if (!pixels || !labels) return undefined
    const [count] = labels.shape
    if (labels.type !== 'I32' || !(pixels.type === 'U8' || pixels.type === 'F32'))
      throw imageModelInvalid(
        path,
        `${name} has pixels of type ${pixels.type} and labels of type ${labels.type}`,
      )
    if (String(pixels.shape) !== String([count, ...shape]))
      throw imageModelInvalid(
        path,
        `${name} has samples of shape [${pixels.shape}]; the model expects [${shape}]`,
      )
    const bytes = file.read(pixels.name)
    const labelBytes = file.read(labels.name)
    return {
      shape,
      pixels: pixels.type === 'U8' ? bytes : new Float32Array(bytes.slice().buffer),
      labels: new Int32Array(labelBytes.slice().buffer),
    }
  }
  const calibration = read('calibration')
  const heldOut = read('held_out')
  return { ...(calibration && { calibration }), ...(heldOut && { heldOut }) }
}

function savedTensor(file: Safetensors, name: string, folder: string): SavedTensor {
  const { shape, type } = file.tensors.get(name)!
  if (!(type in dtypes)) throw imageModelInvalid(folder, `${name} must be F32, got ${type}`)
  return { dtype: dtypes[type as keyof typeof dtypes], shape, bytes: file.read(name) }
}
