/**
 * Plans the loading of a dual encoder's folder and finds every issue before a weight is read or memory allocated. Detects Hugging
 * Face's and open_clip's layout by their files. Needs no libtorch.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HadalError } from '@hadal/base'
import type { SafetensorsTensor } from '@hadal/formats'
import {
  checkpointDtypeUnsupported,
  checkpointShapeMismatch,
  checkpointTensorMissing,
} from '../checkpoint/errors.ts'
import { type CheckpointOptions, loadable, type ParameterDtype } from '../checkpoint/plan-checkpoint.ts'
import {
  asIssue,
  readConfigJson,
  readStoredTensors,
  type StoredTensors,
} from '../checkpoint/stored-tensors.ts'
import { ConfigReader } from '../config-reader.ts'
import { invalidModelConfig } from '../errors.ts'
import type { ClipConfig } from './config.ts'
import { readClipConfig } from './hugging-face-config.ts'
import { type ClipLayout, type StoredPlace, storedPlace } from './layouts.ts'
import { readOpenClipConfig } from './open-clip-config.ts'
import {
  type ClipPreprocessing,
  clipPreprocessing,
  readOpenClipPreprocessing,
  readPreprocessing,
} from './preprocessing.ts'
import { type ClipTensor, clipTensors } from './tensors.ts'

export const clipFiles = {
  'hugging-face': { config: 'config.json', weights: 'model.safetensors' },
  'open-clip': { config: 'open_clip_config.json', weights: 'open_clip_model.safetensors' },
} as const

/** A tensor of the model and its location in a file. */
export interface PlannedClipTensor extends ClipTensor {
  readonly place: StoredPlace
  readonly stored: SafetensorsTensor & { readonly type: keyof typeof loadable }
}

export interface ClipPlan {
  readonly folder: string
  readonly layout: ClipLayout
  /** Dtype of the model's parameters, except those that are always fp32. */
  readonly dtype: ParameterDtype
  /** Absent when the folder does not give one. */
  readonly config: ClipConfig | undefined
  readonly preprocessing: ClipPreprocessing
  /** In the order of the model's `state()`. */
  readonly tensors: readonly PlannedClipTensor[]
  /** Tensors in the files that the model has no use for; not read. */
  readonly unneeded: readonly string[]
  /** Bytes of the model's parameters and running statistics. */
  readonly parameterBytes: number
  /** Empty when the model can be loaded. */
  readonly issues: readonly HadalError[]
}

/**
 * Reads the configuration and the headers of `folder`. Issues are returned, each with its own code; none is thrown.
 *
 * @internal
 */
export function planClip(folder: string, { dtype = 'float32' }: CheckpointOptions = {}): ClipPlan {
  const layout = layoutOf(folder)
  const stored = readStoredTensors(folder, clipFiles[layout].weights)
  const reported = { folder, layout, dtype }
  try {
    const { config, preprocessing } = readers[layout](folder)
    const { issues, ...matched } = match(config, layout, stored, dtype)
    return { ...reported, config, preprocessing, ...matched, issues: [...stored.issues, ...issues] }
  } catch (error) {
    const nothing = { preprocessing: clipPreprocessing, tensors: [], unneeded: [], parameterBytes: 0 }
    return { ...reported, config: undefined, ...nothing, issues: [asIssue(error), ...stored.issues] }
  }
}

/** open_clip folders may also hold a config.json, without weights for it. */
function layoutOf(folder: string): ClipLayout {
  const has = (name: string): boolean => existsSync(join(folder, name))
  const { config, weights } = clipFiles['hugging-face']
  if (has(config) && (has(weights) || has(`${weights}.index.json`))) return 'hugging-face'
  return has(clipFiles['open-clip'].config) ? 'open-clip' : 'hugging-face'
}

interface Described {
  readonly config: ClipConfig
  readonly preprocessing: ClipPreprocessing
}

const readers: Readonly<Record<ClipLayout, (folder: string) => Described>> = {
  'hugging-face': (folder) => {
    const config = readClipConfig(readConfigJson(folder))
    const name = 'preprocessor_config.json'
    const json = existsSync(join(folder, name)) ? readConfigJson(folder, name) : undefined
    return { config, preprocessing: sound((issues) => readPreprocessing(json, issues)) }
  },
  'open-clip': (folder) => {
    const read = new ConfigReader(readConfigJson(folder, clipFiles['open-clip'].config))
    const config = readOpenClipConfig(read.raw('model_cfg'))
    const json = read.raw('preprocess_cfg')
    return { config, preprocessing: sound((issues) => readOpenClipPreprocessing(json, issues)) }
  },
}

function sound<Read>(read: (issues: string[]) => Read): Read {
  const issues: string[] = []
  const value = read(issues)
  if (issues.length > 0) throw invalidModelConfig(issues)
  return value
}

type Matched = Pick<ClipPlan, 'tensors' | 'unneeded' | 'parameterBytes' | 'issues'>

/** Beyond this many that are missing, the configuration is of another model. */
const maxMissing = 10_000

function match(
  config: ClipConfig,
  layout: ClipLayout,
  stored: StoredTensors,
  dtype: ParameterDtype,
): Matched {
  const textPrefix = stored.tensors.has('text.token_embedding.weight') ? 'text.' : ''
  const tensors: PlannedClipTensor[] = []
  const issues = new Map<string, HadalError>()
  const unneeded = new Set(stored.tensors.keys())
  let parameterBytes = 0
  let missing = 0
  for (const tensor of clipTensors(config)) {
    const place = storedPlace(tensor, layout, textPrefix)
    const bytesPerValue = tensor.alwaysFloat32 || dtype === 'float32' ? 4 : 2
    parameterBytes += tensor.shape.reduce((product, size) => product * size, bytesPerValue)
    unneeded.delete(place.name)
    const found = stored.tensors.get(place.name)
    if (!found) {
      if (!stored.outOfSight(place.name))
        issues.set(
          place.name,
          checkpointTensorMissing(place.name, place.shape, stored.expectedIn(place.name)),
        )
      missing += 1
      if (missing === maxMissing) break
    } else if (!sameShape(found.shape, place.shape))
      issues.set(place.name, checkpointShapeMismatch(place.name, found.shape, place.shape))
    else if (!isLoadable(found)) issues.set(place.name, checkpointDtypeUnsupported(place.name, found.type))
    else tensors.push({ ...tensor, place, stored: found })
  }
  return { tensors, unneeded: [...unneeded], parameterBytes, issues: [...issues.values()] }
}

/** A number may be stored as one, or as a list of one. */
const sameShape = (stored: readonly number[], wanted: readonly number[]): boolean =>
  String(stored) === String(wanted) || (wanted.length === 0 && String(stored) === '1')

const isLoadable = (tensor: SafetensorsTensor): tensor is PlannedClipTensor['stored'] =>
  tensor.type in loadable
