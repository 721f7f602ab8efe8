/** Writes a dual encoder as a Hugging Face or open_clip folder, with the tokenizer that it was trained with. */

import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ClipConfig, type ClipLayout, type ClipPreprocessing, clipTensors, saveClip } from '@hadal/nn'
import { exportMismatch } from '../errors.ts'
import type { Weights } from '../weights.ts'
import type { SafetensorsPrecision } from './hugging-face.ts'
import { orUnwritable } from './or-unwritable.ts'
import { weightIssues } from './weight-issues.ts'

export interface TowersFile {
  readonly config: ClipConfig
  /** As produced by a run; for adapters, `mergedWeights` with the base's. */
  readonly weights: Weights
  /** Default: CLIP's preprocessing. */
  readonly preprocessing?: ClipPreprocessing
  /** Folder to copy the tokenizer from: the one that training started from. */
  readonly tokenizerFolder?: string
}

export interface TowersExport {
  /** Default: Hugging Face's if it supports the model, otherwise open_clip's. */
  readonly layout?: ClipLayout
  /** Default: F32. */
  readonly precision?: SafetensorsPrecision
}

/**
 * Makes `folder` if need be and returns the layout. Throws `train_export_mismatch` for weights of another model,
 * `nn_clip_layout_unsupported`, `train_export_unwritable` and `tensor_file_unwritable`.
 *
 * @example
 * ```ts
 * import { exportTowers, newestWeights, readTowers } from '@hadal/train'
 *
 * const { model: config, preprocessing } = readTowers('models/clip')
 * exportTowers('out', { config, weights: newestWeights('runs/pairs'), preprocessing, tokenizerFolder: 'models/clip' }, { precision: 'F16' })
 * ```
 */
export function exportTowers(
  folder: string,
  { config, weights, preprocessing, tokenizerFolder }: TowersFile,
  { layout, precision = 'F32' }: TowersExport = {},
): ClipLayout {
  const issues = weightIssues(clipTensors(config), weights)
  if (issues.length > 0) throw exportMismatch(issues)
  return orUnwritable(folder, () => {
    mkdirSync(folder, { recursive: true })
    const written = saveClip(folder, config, weights, {
      type: precision,
      ...(layout && { layout }),
      ...(preprocessing && { preprocessing }),
    })
    for (const name of tokenizerFolder === undefined ? [] : tokenizerFiles)
      if (existsSync(join(tokenizerFolder!, name)))
        copyFileSync(join(tokenizerFolder!, name), join(folder, name))
    return written
  })
}

const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
] as const
