/**
 * Post-training quantisation: a trained model reads some samples while observers record activation ranges, and is rounded to them.
 * The baseline for quantisation-aware training.
 */

import {
  FakeQuantization,
  type FakeQuantScheme,
  int8Weights,
  type Module,
  type QuantizationOptions,
  setTraining,
  uint8Activations,
} from '@hadal/nn'
import { noGrad, scope, type Tensor } from '@hadal/tensor'
import { calibrationEmpty } from './errors.ts'

export type ActivationObserver = FakeQuantScheme['observer']

export interface CalibrationOptions {
  /** Observer of activations. Default: histogram, which excludes outliers if that reduces the error. */
  readonly observer?: ActivationObserver
  /** Default: [-127, 127] with a scale for each output. */
  readonly weights?: FakeQuantScheme
  /** Names of modules that stay in fp32; `*` matches anything. */
  readonly skip?: readonly string[]
}

/**
 * The schemes that `calibrate` attaches.
 *
 * @internal
 */
export const calibrationSchemes = ({
  observer = 'histogram',
  weights = int8Weights,
  skip = [],
}: CalibrationOptions = {}): QuantizationOptions => ({
  weights,
  // With few batches all count equally, so the moving average becomes a plain mean.
  activations: { ...uint8Activations, observer, ...(observer === 'moving-average' && { averaging: 0.1 }) },
  skip,
})

/**
 * Attaches to `model`, which must be in evaluation mode, and enables quantisation: its passes compute what an integer model will.
 * Tensors belong to the caller's scope. Throws `train_calibration_empty`, and what `FakeQuantization` throws.
 *
 * @example
 * ```ts
 * import { createImageModel, initializeImageModel } from '@hadal/nn'
 * import { calibrate } from '@hadal/train'
 * import { torch } from '@hadal/tensor'
 *
 * const model = createImageModel({ model_type: 'image_classifier', input: { features: 16 }, layers: [{ kind: 'linear', width: 8 }, { kind: 'relu' }], classes: 2 })
 * initializeImageModel(model)
 * const quantization = calibrate(model, [torch.randn([64, 16])]) // ranges of activations, for 8 bits
 * quantization.parameters().length > 0 // → true
 * ```
 */
export function calibrate(
  model: Module & { forward(x: Tensor): Tensor },
  batches: Iterable<Tensor>,
  options: CalibrationOptions = {},
): FakeQuantization {
  const quantization = new FakeQuantization(model, calibrationSchemes(options))
  setTraining(model, false)
  quantization.setObserving(true)
  let count = 0
  for (const batch of batches)
    noGrad(() =>
      scope(() => {
        model.forward(batch)
        count += batch.shape[0]!
      }),
    )
  quantization.setObserving(false)
  if (count === 0) {
    quantization.detach()
    throw calibrationEmpty('no samples were given')
  }
  quantization.setQuantizing(true)
  return quantization
}
