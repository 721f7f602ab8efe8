/** Saves what is needed to export an image run: model, preprocessing, learnt ranges and some rows of its data, in `<run>/model`. */

import { join } from 'node:path'
import type { ImageModelConfig, SavedTensor } from '@hadal/nn'
import type { Checkpoint } from '../../checkpoint-file.ts'
import { bestCheckpoint, newestCheckpoint, newestWeights, weightsIn } from '../../checkpoint-store.ts'
import { type LabelledImages, numbersOfSample } from '../../image-data/labelled-images.ts'
import { kindOf } from '../../kinds/kind-of.ts'
import { firstQuantized } from '../../quantization/phases.ts'
import { quantizationOf } from '../../quantization/quantization-of.ts'
import { schemesOf } from '../../quantization/quantizer.ts'
import type { Run } from '../../run.ts'
import type { Weights } from '../../weights.ts'
import { onnxUnsupported } from './errors.ts'
import { type LearntQuantization, type Samples, saveImageModel } from './image-model-file.ts'

export interface SaveImageRunOptions {
  readonly classNames?: readonly string[]
  /** Rows of the training data that are kept, evenly spread over it. Default: 512, and 0 of a private run. */
  readonly calibrationRows?: number
  /** Number of held-out rows. Default: 512, and 0 for a private run. */
  readonly heldOutRows?: number
  /**
   * Default: those of the best checkpoint in a run that keeps the best, else of the newest, averaged if the run keeps an average.
   * Learnt ranges always come from that checkpoint.
   */
  readonly weights?: Weights
}

/**
 * Returns the folder. For a recipe's `done` hook. Throws `train_onnx_unsupported` for a run of another kind or with an adapter, and
 * what `newestWeights` and `saveImageModel` throw.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { saveImageRun } from '@hadal/train'
 *
 * const folder = saveImageRun(run, { classNames: ['cat', 'dog'] }) // config.json and model.safetensors in <run>/model
 * ```
 */
export function saveImageRun(run: Run, options: SaveImageRunOptions = {}): string {
  const usualRows = run.privacy ? 0 : 512
  const { classNames, calibrationRows = usualRows, heldOutRows = usualRows, weights } = options
  const { title } = kindOf(run.model)
  const { train, valid } = run.data
  if (!('pixels' in train && 'pixels' in valid))
    throw onnxUnsupported(
      `a run of ${title}`,
      'it is not an image classifier',
      'Export it as described in the guide for its model type.',
    )
  if (run.adapter)
    throw onnxUnsupported(
      `run ${JSON.stringify(run.name)}`,
      'it trains an adapter, which is not merged into the weights',
      'Merge it with mergedWeights(base, adapter) and pass the result to saveImageModel.',
    )
  const folder = join(run.folder, 'model')
  const best = run.checkpoint.best === undefined ? undefined : bestCheckpoint(run.folder)
  const checkpoint = best ?? newestCheckpoint(run.folder)
  const quantization = checkpoint && learntQuantization(run, checkpoint)
  saveImageModel(folder, {
    config: run.model as ImageModelConfig,
    weights: weights ?? (checkpoint ? weightsIn(checkpoint) : newestWeights(run.folder)),
    ...(valid.normalization && { normalization: valid.normalization }),
    ...(classNames && { classNames }),
    ...(quantization && { quantization }),
    ...(calibrationRows > 0 && { calibration: spread(train, calibrationRows) }),
    ...(heldOutRows > 0 && { heldOut: spread(valid, heldOutRows) }),
  })
  return folder
}

/** Undefined where the run was not quantised, or not yet. */
function learntQuantization(
  run: Run,
  { state: { step }, precision }: Checkpoint,
): LearntQuantization | undefined {
  const options = quantizationOf(run)
  if (!options || step <= firstQuantized(options)) return undefined
  const prefix = 'quantization.'
  const state = new Map<string, SavedTensor>()
  for (const [name, tensor] of precision)
    if (name.startsWith(prefix)) state.set(name.slice(prefix.length), tensor)
  return { options: schemesOf(options), state }
}

/** N rows (or all) at even intervals, including the first and the last. */
function spread(data: LabelledImages, rows: number): Samples {
  const count = Math.min(rows, data.labels.length)
  const numbers = numbersOfSample(data)
  const pixels = new (data.pixels instanceof Uint8Array ? Uint8Array : Float32Array)(count * numbers)
  const labels = new Int32Array(count)
  for (let row = 0; row < count; row += 1) {
    const from = Math.floor((row * data.labels.length) / count)
    pixels.set(data.pixels.subarray(from * numbers, (from + 1) * numbers), row * numbers)
    labels[row] = data.labels[from]!
  }
  return { shape: data.shape, pixels, labels }
}
