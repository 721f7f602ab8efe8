/**
 * From a layer's use of its parameters and the gradient of what it gave out to the gradients of each sample.
 *
 * Shapes: b samples, r rows of each, t places of each; n = b · r rows.
 */

import type { Tensor } from '@hadal/tensor'
import { ConvolutionFactors } from './convolution-factors.ts'
import { samplesUnclear } from './errors.ts'
import { EmbeddingFactors, LinearFactors } from './factors.ts'
import { Kept, wide } from './kept.ts'
import type { ConvolutionUse, EmbeddingUse, LayerUse, LinearUse, NormUse } from './layer-use.ts'
import { ProductGradients } from './product-gradients.ts'
import { ExplicitGradients, type SampleGradients } from './sample-gradients.ts'

type ByParameter = [parameter: Tensor, gradients: SampleGradients][]

/** The parameters that a use reads. */
export const parametersOf = (use: LayerUse): readonly Tensor[] => {
  if (use.layer === 'rows') return [use.parameter]
  return 'bias' in use && use.bias ? [use.weight, use.bias] : [use.weight]
}

/**
 * Gradients of the parameters that `wants` selects; kept tensors are outside every scope. Throws
 * `nn_samples_unclear`.
 */
export function gradientsOf(
  use: LayerUse,
  dy: Tensor,
  samples: number,
  rows: number,
  wants: (parameter: Tensor) => boolean,
): ByParameter {
  if (dy.shape[0] !== rows) throw samplesUnclear(use.layer, dy.shape, rows)
  const found: ByParameter = []
  const add = (parameter: Tensor | undefined, make: () => SampleGradients): void => {
    if (parameter && wants(parameter)) found.push([parameter, make()])
  }
  const make = { linear: ofLinear, embedding: ofEmbedding, norm: ofNorm, convolution: ofConvolution }
  if (use.layer === 'rows')
    add(use.parameter, () => explicit(bySample(wide(dy), samples).sum(1).reshape([samples, -1])))
  else make[use.layer](use as never, dy, samples, add)
  return found
}

type Add = (parameter: Tensor | undefined, make: () => SampleGradients) => void

function ofLinear({ input, weight, bias }: LinearUse, dy: Tensor, samples: number, add: Add): void {
  // Also held here, in case neither gradient needs it.
  const dy_bto = new Kept(byPlace(dy, samples)).hold()
  add(weight, () => new ProductGradients(new LinearFactors(dy_bto, new Kept(byPlace(input, samples)))))
  add(bias, () =>
    dy_bto.shape[1] === 1 ? new ExplicitGradients(dy_bto) : explicit(wide(dy_bto.tensor).sum(1)),
  )
  dy_bto.release()
}

function ofEmbedding({ input, weight }: EmbeddingUse, dy: Tensor, samples: number, add: Add): void {
  const ids_bt = new Kept(input.reshape([samples, -1]))
  const dy_btd = new Kept(byPlace(dy, samples))
  add(weight, () => new ProductGradients(new EmbeddingFactors(ids_bt, dy_btd, weight.shape[0]!)))
}

function ofNorm(
  { input, weight, bias, along, normalize }: NormUse,
  dy: Tensor,
  samples: number,
  add: Add,
): void {
  const gradient = wide(dy)
  const alongChannels = (tensor: Tensor): Tensor =>
    along === -1 ? byPlace(tensor, samples).sum(1) : bySample(tensor.flatten(2), samples).sum([1, 3])
  add(weight, () => explicit(alongChannels(normalize(wide(input)).mul(gradient))))
  add(bias, () => explicit(alongChannels(gradient)))
}

function ofConvolution(use: ConvolutionUse, dy: Tensor, samples: number, add: Add): void {
  const images = (tensor: Tensor): Kept =>
    new Kept(bySample(tensor.ndim === 3 ? tensor.unsqueeze(2) : tensor, samples))
  add(use.weight, () => new ProductGradients(new ConvolutionFactors(images(dy), images(use.input), use)))
  add(use.bias, () => explicit(bySample(wide(dy).flatten(2).sum(2), samples).sum(1)))
}

const explicit = (gradients: Tensor): ExplicitGradients => new ExplicitGradients(new Kept(gradients))

/** [n, ...] to [b, r, ...] */
const bySample = (tensor: Tensor, samples: number): Tensor => tensor.unflatten(0, [samples, -1])

/** [n, ..., d] to [b, t, d] */
const byPlace = (tensor: Tensor, samples: number): Tensor =>
  tensor.reshape([samples, -1, tensor.shape.at(-1)!])
