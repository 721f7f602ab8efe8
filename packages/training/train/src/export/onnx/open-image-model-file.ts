/** Opens an image model folder for inference, with learnt ranges or ranges calibrated on its samples. */

import { createImageModel, FakeQuantization, type ImageModel, loadParameters } from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { imageBatch } from '../../image-data/image-batch.ts'
import type { LabelledImages } from '../../image-data/labelled-images.ts'
import { fromHost } from '../../weights.ts'
import { type CalibrationOptions, calibrate } from './calibrate.ts'
import { calibrationEmpty, imageModelInvalid } from './errors.ts'
import type { ImageModelFile, LearntQuantization, Samples } from './image-model-file.ts'

export interface QuantizeOptions extends CalibrationOptions {
  /** Default: 512, limited by the rows available. */
  readonly calibrationRows?: number
}

export interface OpenedImageModel {
  /** fp32; computing with integers' values where `quantization` is there. */
  readonly model: ImageModel
  readonly quantization: FakeQuantization | undefined
  /** Samples as the model reads them: normalised fp32 [rows, ...shape], some at a time. */
  batches(samples: Samples, rows?: number): Generator<Tensor, void>
}

/** Samples that pass at once. */
const atOnce = 64

/**
 * Quantised if `quantize` is set or ranges were learnt. Tensors belong to the caller's scope. Throws `train_calibration_empty` if
 * there are no calibration rows, and `train_image_model_invalid` for ranges of another model.
 *
 * @example
 * ```ts
 * import { openImageModelFile, readImageModel } from '@hadal/train'
 *
 * const { model, batches } = openImageModelFile(readImageModel('runs/digits/model'))
 * ```
 */
export function openImageModelFile(file: ImageModelFile, quantize?: QuantizeOptions): OpenedImageModel {
  const model = createImageModel(file.config)
  loadParameters(model.state(), fromHost(file.weights))
  function* batches(samples: Samples, rows: number = samples.labels.length): Generator<Tensor, void> {
    const data: LabelledImages = {
      ...samples,
      ...(file.normalization && { normalization: file.normalization }),
    }
    const count = Math.min(rows, samples.labels.length)
    for (let start = 0; start < count; start += atOnce) {
      const indices = Array.from({ length: Math.min(atOnce, count - start) }, (_, index) => start + index)
      const batch = scope(() => imageBatch(data, indices, undefined))
      try {
        yield batch
      } finally {
        batch.free()
      }
    }
  }
  if (!quantize && !file.quantization) return { model, quantization: undefined, batches }
  if (file.quantization) return { model, quantization: learnt(model, file.quantization), batches }
  if (!file.calibration) throw calibrationEmpty('the folder has none')
  const { calibrationRows = 512, ...options } = quantize!
  return {
    model,
    quantization: calibrate(model, batches(file.calibration, calibrationRows), options),
    batches,
  }
}

/** Copies the learnt state in. */
function learnt(model: ImageModel, { options, state }: LearntQuantization): FakeQuantization {
  const quantization = new FakeQuantization(model, options)
  const live = quantization.state()
  const issues = [...live.keys()].filter(
    (name) => String(state.get(name)?.shape) !== String(live.get(name)!.shape),
  )
  if (issues.length > 0)
    throw imageModelInvalid('the learnt quantisation', `${issues[0]} is missing or has another shape`)
  noGrad(() => {
    for (const [name, tensor] of live) {
      const { bytes, dtype, shape } = state.get(name)!
      tensor.copy_(torch.fromBytes(bytes, dtype, [...shape]))
    }
  })
  quantization.setQuantizing(true)
  return quantization
}
