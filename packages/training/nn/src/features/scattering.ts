/**
 * Scattering features of images (Mallat 2012, arXiv:1101.2286; Bruna and Mallat 2013): wavelet responses at several scales and
 * angles, averaged over space. Nothing is learnt, so they cost a private run no budget (Tramèr and Boneh, arXiv:2011.11660). Orders
 * 0 to 2; filters and channel order as in Kymatio, but with reflection padding in each convolution instead of once.
 *
 * Shapes: b batch, c channels, h height, w width, k channels of features.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { scatteringSize } from './errors.ts'
import { type ComplexFilter, lowPass, morletWavelet } from './morlet.ts'

export interface ScatteringOptions {
  /** J: features are averages over 2^J pixels in each direction, and wavelets have J scales. Default 2. */
  readonly scales?: number
  /** L: directions that wavelets have within half a turn. Default 8. */
  readonly angles?: number
}

/**
 * Features of one channel: 1 + J L + L² J (J - 1) / 2.
 *
 * @example
 * ```ts
 * import { scatteringChannels } from '@hadal/nn'
 *
 * scatteringChannels({ scales: 2, angles: 8 }) // → 81
 * ```
 */
export function scatteringChannels({ scales = 2, angles = 8 }: ScatteringOptions = {}): number {
  return 1 + scales * angles + (angles ** 2 * scales * (scales - 1)) / 2
}

/**
 * [b, c, h, w], floats, to [b, c · k, h / 2^J, w / 2^J] with k = `scatteringChannels(options)`; of each channel first order 0, then
 * order 1 by scale and angle, then order 2 by scale and angle of the first wavelet and then of the second. Within a pass it holds some
 * 2 · L² numbers for each pixel: give it batches of a few hundred small images. Throws `nn_scattering_size`.
 *
 * @example
 * ```ts
 * import { scattering } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const features = scattering(torch.zeros([2, 1, 28, 28])) // wavelets: features without training
 * features.shape // → [ 2, 81, 7, 7 ]
 * ```
 */
export function scattering(images_bchw: Tensor, options: ScatteringOptions = {}): Tensor {
  const { scales = 2, angles = 8 } = options
  const [b, c, h, w] = images_bchw.shape as [number, number, number, number]
  const least = minSide(scales, angles)
  if (h % 2 ** scales !== 0 || w % 2 ** scales !== 0 || Math.min(h, w) < least)
    throw scatteringSize([h, w], scales, least)
  const averaged = (x: Tensor, scale: number): Tensor =>
    eachChannel(x, [lowPass(scales - 1 - scale)], 2 ** (scales - scale), (y) => y)
  /** [n, m, ...] at 2^scale pixels a place to [n, m · L, ...] at 2^j. */
  const seenBy = (x: Tensor, scale: number, j: number): Tensor => {
    const wavelets = Array.from({ length: angles }, (_, turn) => morletWavelet(j - scale, turn, angles))
    return eachChannel(x, wavelets, 2 ** (j - scale), modulus)
  }
  const x = images_bchw.reshape([b * c, 1, h, w])
  const first = Array.from({ length: scales }, (_, j) => seenBy(x, 0, j))
  const second = first.flatMap((u, j) => {
    const coarser = Array.from({ length: scales - 1 - j }, (_, more) => j + 1 + more)
    // Ordered by the first wavelet's angle, then the second's scale.
    return coarser.length === 0 ? [] : [byFirstAngle(coarser.map((k) => averaged(seenBy(u, j, k), k)))]
  })
  const features = torch.cat([averaged(x, 0), ...first.map((u, j) => averaged(u, j)), ...second], 1)
  const [, k, height, width] = features.shape as [number, number, number, number]
  return features.reshape([b, c * k, height, width])

  /** Each [n, L · L, ...] to one [n, L · scales · L, ...]. */
  function byFirstAngle(perScale: readonly Tensor[]): Tensor {
    const parts = perScale.map((part) => {
      const [n, , height, width] = part.shape as [number, number, number, number]
      return part.reshape([n, angles, angles, height, width])
    })
    return torch.cat(parts, 2).flatten(1, 2)
  }
}

/** Reflection padding needs a side longer than the widest filter's radius, on that filter's grid. */
function minSide(scales: number, angles: number): number {
  const widest = Array.from({ length: scales }, (_, j) => {
    const wavelet = j === 0 || j < scales - 1 ? morletWavelet(scales - 1 - j, 0, angles).radius : 0
    return 2 ** j * (Math.max(wavelet, lowPass(scales - 1 - j).radius) + 1)
  })
  return Math.max(...widest)
}

/** [n, m, h, w] to [n, m · filters, h / stride, w / stride]: every channel by every filter. */
function eachChannel(
  x_nmhw: Tensor,
  filters: readonly ComplexFilter[],
  stride: number,
  then: (y: Tensor) => Tensor,
): Tensor {
  const [n, m, h, w] = x_nmhw.shape as [number, number, number, number]
  const { radius } = filters[0]!
  const isReal = filters.every(({ imaginary }) => imaginary.every((value) => value === 0))
  const planes = isReal
    ? filters.map(({ real }) => real)
    : [...filters.map(({ real }) => real), ...filters.map(({ imaginary }) => imaginary)]
  const side = 2 * radius + 1
  const weight = torch.tensor(Float64Array.from(planes.flatMap((plane) => [...plane])), {
    shape: [planes.length, 1, side, side],
    dtype: x_nmhw.dtype,
    device: x_nmhw.device,
  })
  const mirrored = torch.reflectionPad2d(x_nmhw.reshape([n * m, 1, h, w]), [radius, radius, radius, radius])
  const y = then(torch.conv2d(mirrored, weight, { stride }))
  const [, k, height, width] = y.shape as [number, number, number, number]
  return y.reshape([n, m * k, height, width])
}

/** Real parts [n, L, ...] and then imaginary ones to [n, L, ...]. */
function modulus(y: Tensor): Tensor {
  const [real, imaginary] = y.chunk(2, 1) as [Tensor, Tensor]
  return torch.hypot(real, imaginary)
}
