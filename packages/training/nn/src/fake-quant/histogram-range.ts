/**
 * The part of a histogram's range that minimises the error of rounding to N levels: ends move inwards, a quantile of 10^-5 at a
 * time, as long as the squared error falls. PyTorch's `HistogramObserver._non_linear_param_search`, step for step in fp32, after
 * Caffe2's `NormMinimization`.
 *
 * Shapes: n bins.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'

interface Span {
  readonly low: number
  readonly high: number
}

const quantile = 1e-5
const fround = Math.fround

/** `counts_n` fp32, in bins of one width over `seen`. */
export function minErrorRange(counts_n: Tensor, seen: Span, levels: number): Span {
  const bins = counts_n.numel
  const sums = counts_n.cumsum(0).toTypedArray() as Float32Array
  const total = counts_n.sum().item() as number
  const errorOf = squaredError(counts_n, seen, levels)
  let [alpha, beta] = [0, 1]
  let [start, end] = [0, bins - 1]
  let least = Infinity
  while (alpha < beta) {
    const [nextAlpha, nextBeta] = [alpha + quantile, beta - quantile]
    let [left, right] = [start, end]
    while (left < end && sums[left]! < fround(nextAlpha * total)) left += 1
    while (right > start && sums[right]! > fround(nextBeta * total)) right -= 1
    let [nextStart, nextEnd] = [start, end]
    if (left - start > end - right) {
      nextStart = left
      alpha = nextAlpha
    } else {
      nextEnd = right
      beta = nextBeta
    }
    if (nextStart === start && nextEnd === end) continue
    const error = errorOf(nextStart, nextEnd)
    if (error > least) break
    least = error
    start = nextStart
    end = nextEnd
  }
  const width = fround(fround(seen.high - seen.low) / bins)
  const at = (bin: number): number => fround(seen.low + fround(width * bin))
  return { low: at(start), high: at(end + 1) }
}

/**
 * The error, assuming uniform density within bins, of rounding to the centres of `levels` equal parts of bins `start` to `end`;
 * values beyond round to the first and last.
 */
function squaredError(counts_n: Tensor, { low, high }: Span, levels: number) {
  const bins = counts_n.numel
  const width = (high - low) / bins
  const density_n = counts_n.div(width)
  const numbers_n = torch.arange(bins, { dtype: 'float32', device: counts_n.device })
  return (start: number, end: number): number => {
    const level = (width * (end - start + 1)) / levels
    if (level === 0) return 0
    return scope(() => {
      const begins_n = numbers_n.sub(start).mul(width)
      const ends_n = begins_n.add(width)
      const first_n = levelOf(begins_n, level, levels)
      const last_n = levelOf(ends_n, level, levels)
      const half = fround(level / 2)
      const halfCubed = fround(fround(half * half) * half)
      const whole = fround(fround(halfCubed + halfCubed) / 3)
      const fromBegin_n = cubed(begins_n.sub(first_n.add(0.5).mul(level)))
        .neg()
        .add(halfCubed)
        .div(3)
      const toEnd_n = cubed(ends_n.sub(last_n.mul(level).add(level / 2)))
        .add(halfCubed)
        .div(3)
      return density_n
        .mul(fromBegin_n)
        .add(last_n.sub(first_n).sub(1).mul(density_n.mul(whole)))
        .add(density_n.mul(toEnd_n))
        .sum()
        .item() as number
    })
  }
}

const levelOf = (x_n: Tensor, level: number, levels: number): Tensor =>
  torch.div(x_n, level, { roundingMode: 'floor' }).clamp(0, levels - 1)

const cubed = (x: Tensor): Tensor => x.mul(x).mul(x)
