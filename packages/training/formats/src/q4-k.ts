/**
 * ggml's Q4_K: blocks of 256 values in 8 groups of 32. A group has a six-bit scale s and a six-bit minimum m, a block the
 * half-precision factors d and e of both, and a value four bits q, standing for d s q - e m. 144 bytes: d, e, 12 of scales
 * and minima, 128 of quants. Gives the same bytes as ggml's `quantize_row_q4_K_ref`, which uses no importance matrix:
 * every intermediate is rounded to float32, and sums run in C's order.
 */

import { halfOf, overflows, valueOfHalf } from './half.ts'
import { nearestInt } from './nearest-int.ts'

const blockLength = 256
const blockBytes = 144
const groups = 8
const groupLength = 32
const fround = Math.fround

/**
 * `values.length` must be a multiple of 256. Undefined when a value is not finite, or so large that its block's scales
 * overflow half precision.
 */
export function quantizeQ4_K(values: Float32Array): Uint8Array | undefined {
  const blocks = values.length / blockLength
  const bytes = new Uint8Array(blocks * blockBytes)
  for (let block = 0; block < blocks; block++) {
    if (!quantizeBlock(values, block * blockLength, bytes, block * blockBytes)) return undefined
  }
  return bytes
}

/** `bytes.length` must be a multiple of 144. */
export function dequantizeQ4_K(bytes: Uint8Array): Float32Array {
  const blocks = bytes.length / blockBytes
  const values = new Float32Array(blocks * blockLength)
  for (let block = 0; block < blocks; block++) {
    const from = block * blockBytes
    const scaleFactor = valueOfHalf(bytes[from]! | (bytes[from + 1]! << 8))
    const minimumFactor = valueOfHalf(bytes[from + 2]! | (bytes[from + 3]! << 8))
    for (let group = 0; group < groups; group++) {
      const scale = scaleFactor * scaleAt(bytes, from + 4, group)
      const minimum = minimumFactor * minimumAt(bytes, from + 4, group)
      const shift = (group & 1) * 4
      const quants = from + 16 + (group >>> 1) * groupLength
      const to = block * blockLength + group * groupLength
      for (let at = 0; at < groupLength; at++) {
        values[to + at] = scale * ((bytes[quants + at]! >>> shift) & 15) - minimum
      }
    }
  }
  return values
}

/** Scales of the current block. Kept between calls: a block allocates nothing. */
const scales = new Float32Array(groups)
const minima = new Float32Array(groups)
const quants = new Uint8Array(blockLength)

function quantizeBlock(values: Float32Array, from: number, bytes: Uint8Array, to: number): boolean {
  let maxScale = 0
  let maxMinimum = 0
  let nonFinite = 0
  for (let group = 0; group < groups; group++) {
    // Times zero: stays zero for finite values, becomes NaN for infinities and NaN.
    for (let at = 0; at < groupLength; at++) nonFinite += values[from + group * groupLength + at]! * 0
    fitGroup(values, from + group * groupLength, group)
    if (scales[group]! > maxScale) maxScale = scales[group]!
    if (minima[group]! > maxMinimum) maxMinimum = minima[group]!
  }
  const inverseScale = maxScale > 0 ? fround(63 / maxScale) : 0
  const inverseMinimum = maxMinimum > 0 ? fround(63 / maxMinimum) : 0
  for (let group = 0; group < groups; group++) {
    const scale = Math.min(63, nearestInt(inverseScale * scales[group]!) & 0xff)
    const minimum = Math.min(63, nearestInt(inverseMinimum * minima[group]!) & 0xff)
    packScales(bytes, to + 4, group, scale, minimum)
  }
  const scaleHalf = halfOf(fround(maxScale / 63))
  const minimumHalf = halfOf(fround(maxMinimum / 63))
  if (nonFinite !== 0 || overflows(scaleHalf) || overflows(minimumHalf)) return false
  bytes[to] = scaleHalf & 0xff
  bytes[to + 1] = scaleHalf >>> 8
  bytes[to + 2] = minimumHalf & 0xff
  bytes[to + 3] = minimumHalf >>> 8
  for (let group = 0; group < groups; group++) {
    const scale = fround(valueOfHalf(scaleHalf) * scaleAt(bytes, to + 4, group))
    if (scale === 0) continue
    const minimum = fround(valueOfHalf(minimumHalf) * minimumAt(bytes, to + 4, group))
    for (let at = group * groupLength; at < (group + 1) * groupLength; at++) {
      quants[at] = clamp(nearestInt(fround(values[from + at]! + minimum) / scale))
    }
  }
  for (let at = 0; at < blockLength / 2; at++) {
    // Groups go in pairs: the even one in the low halves of 32 bytes, the odd one in the high halves.
    const even = (at >>> 5) * 64 + (at & 31)
    bytes[to + 16 + at] = quants[even]! | (quants[even + groupLength]! << 4)
  }
  return true
}

const tenth = fround(0.1)

/** Weights of the current group. */
const weights = new Float32Array(groupLength)
const trial = new Uint8Array(groupLength)

/**
 * Finds scale, minimum and quants of a group, and puts them where the group has its place in `scales`, `minima` and
 * `quants`. Tries 21 roundings, fits a line through each by least squares, and keeps the one of least error; a value x
 * weighs |x| + root mean square. ggml's `make_qkx2_quants`.
 */
function fitGroup(values: Float32Array, from: number, group: number): void {
  let sumSquares = 0
  for (let at = 0; at < groupLength; at++) {
    sumSquares = fround(sumSquares + fround(values[from + at]! * values[from + at]!))
  }
  const rootMeanSquare = fround(Math.sqrt(fround(sumSquares / groupLength)))
  let least = values[from]!
  let most = least
  let sumWeights = 0
  let sumValues = 0
  for (let at = 0; at < groupLength; at++) {
    const value = values[from + at]!
    if (value < least) least = value
    if (value > most) most = value
    const weight = fround(rootMeanSquare + Math.abs(value))
    weights[at] = weight
    sumWeights = fround(sumWeights + weight)
    sumValues = fround(sumValues + fround(weight * value))
  }
  if (least > 0) least = 0
  const to = group * groupLength
  if (most === least) {
    quants.fill(0, to, to + groupLength)
    scales[group] = 0
    minima[group] = -least
    return
  }
  const inverse = fround(15 / fround(most - least))
  let scale = fround(1 / inverse)
  let minimum = least
  roundAll(values, from, inverse, minimum)
  quants.set(trial, to)
  let minError = errorOf(values, from, scale, minimum)
  for (let step = 0; step <= 20; step++) {
    // Full scale at 14 to 16 steps, as seen from the best minimum so far.
    const fullScale = fround(fround(-1 + fround(tenth * step)) + 15)
    roundAll(values, from, fround(fullScale / fround(most - minimum)), minimum)
    let sumQuants = 0
    let sumSquaredQuants = 0
    let sumProducts = 0
    for (let at = 0; at < groupLength; at++) {
      const quant = trial[at]!
      const weighted = fround(weights[at]! * quant)
      sumQuants = fround(sumQuants + weighted)
      sumSquaredQuants = fround(sumSquaredQuants + fround(weighted * quant))
      sumProducts = fround(sumProducts + fround(weighted * values[from + at]!))
    }
    const determinant = fround(fround(sumWeights * sumSquaredQuants) - fround(sumQuants * sumQuants))
    if (!(determinant > 0)) continue
    let trialScale = fround(
      fround(fround(sumWeights * sumProducts) - fround(sumValues * sumQuants)) / determinant,
    )
    let trialMinimum = fround(
      fround(fround(sumSquaredQuants * sumValues) - fround(sumQuants * sumProducts)) / determinant,
    )
    if (trialMinimum > 0) {
      trialMinimum = 0
      trialScale = fround(sumProducts / sumSquaredQuants)
    }
    const error = errorOf(values, from, trialScale, trialMinimum)
    if (error < minError) {
      quants.set(trial, to)
      minError = error
      scale = trialScale
      minimum = trialMinimum
    }
  }
  scales[group] = scale
  minima[group] = -minimum
}

/** Into `trial`. */
function roundAll(values: Float32Array, from: number, inverse: number, minimum: number): void {
  for (let at = 0; at < groupLength; at++) {
    trial[at] = clamp(nearestInt(inverse * fround(values[from + at]! - minimum)))
  }
}

/** The weighted squared error of `trial`. */
function errorOf(values: Float32Array, from: number, scale: number, minimum: number): number {
  let error = 0
  for (let at = 0; at < groupLength; at++) {
    const difference = fround(fround(fround(scale * trial[at]!) + minimum) - values[from + at]!)
    error = fround(error + fround(weights[at]! * fround(difference * difference)))
  }
  return error
}

const clamp = (quant: number): number => Math.max(0, Math.min(15, quant))

/**
 * Twelve bytes hold 8 scales and 8 minima: six bits of each of the first four groups in bytes 0 to 3 (scales) and 4 to 7
 * (minima), whose top two bits are the upper bits of the last four groups; their lower four bits share bytes 8 to 11.
 * Groups must be packed in order.
 */
function packScales(bytes: Uint8Array, at: number, group: number, scale: number, minimum: number): void {
  if (group < 4) {
    bytes[at + group] = scale
    bytes[at + group + 4] = minimum
  } else {
    bytes[at + group + 4] = (scale & 15) | ((minimum & 15) << 4)
    bytes[at + group - 4]! |= (scale >>> 4) << 6
    bytes[at + group]! |= (minimum >>> 4) << 6
  }
}

function scaleAt(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group]! & 63
  return (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >>> 6) << 4)
}

function minimumAt(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group + 4]! & 63
  return (bytes[at + group + 4]! >>> 4) | ((bytes[at + group]! >>> 6) << 4)
}
