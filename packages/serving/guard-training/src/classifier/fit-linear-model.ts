/**
 * Logistic regression over hashed n-grams with multiple-instance learning: of an attack, the most suspicious windows are pushed up; of a
 * benign text, they are pushed down. Uses AdaGrad (Duchi et al. 2011) with L2, word dropout so that no single word decides, and averaging
 * of weights over the later epochs (Polyak and Juditsky 1992). Deterministic for a seed.
 */

import { featureFloor, hashBits, type LinearModel } from '@hadal/guard'
import type { TrainingExample } from './training-example.ts'

export interface FitOptions {
  readonly epochs: number
  readonly rate: number
  /** L2 coefficient. */
  readonly decay: number
  /** Fraction of words dropped per pass. */
  readonly wordDropout: number
  readonly random: () => number
  readonly start?: LinearModel
  readonly onEpoch?: (epoch: number, loss: number) => Promise<void>
}

/** Some tokens of a text, with their weight sum and n-gram count. */
interface Part {
  readonly from: number
  readonly to: number
  readonly ends: Int32Array
  readonly sum: number
  readonly count: number
}

export async function fitLinearModel(
  examples: readonly TrainingExample[],
  options: FitOptions,
): Promise<LinearModel> {
  const { epochs, rate, decay, wordDropout, random, start, onEpoch } = options
  const size = 1 << hashBits
  const weights = start === undefined ? new Float32Array(size) : start.weights.slice()
  const squares = new Float32Array(size).fill(squaresFloor)
  const average = new Float32Array(size)
  let bias = start?.bias ?? 0
  let [biasSquares, biasAverage, averaged] = [squaresFloor, 0, 0]
  const isKnown = seenTwice(examples, size)
  const order = examples.map((_, at) => at)
  const longest = examples.reduce((most, { offsets }) => Math.max(most, offsets.length), 0)
  const sums = new Float64Array(longest)
  const counts = new Float64Array(longest)
  const dropped = new Uint8Array(longest)

  /** From the n-grams of some tokens; `ends` gives the end of each token's counted n-grams. */
  const learn = (example: TrainingExample, { from, to, ends, sum, count }: Part, share: number): number => {
    const { ids, offsets, isAttack, weight } = example
    const scale = 1 / Math.sqrt(count + featureFloor)
    const score = bias + sum * scale
    const miss = 1 / (1 + Math.exp(-score)) - (isAttack ? 1 : 0)
    const step = miss * weight * share
    biasSquares += step * step
    bias -= (rate * step) / Math.sqrt(biasSquares)
    const pull = step * scale
    for (let token = from; token < to; token += 1) {
      if (dropped[token] === 1) continue
      for (let at = offsets[token]!; at < ends[token]!; at += 1) {
        const id = ids[at]!
        if (isKnown[id] !== 2) continue
        const gradient = pull + decay * weights[id]!
        const square = squares[id]! + gradient * gradient
        squares[id] = square
        weights[id] = weights[id]! - (rate * gradient) / Math.sqrt(square)
      }
    }
    return -Math.log(Math.max(1e-9, 1 - Math.abs(miss))) * weight * share
  }

  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random)
    let loss = 0
    for (const at of order) {
      const example = examples[at]!
      const { ids, offsets, freshEnds, windows } = example
      const tokens = offsets.length - 1
      const whole = { from: 0, to: tokens, ends: freshEnds, sum: 0, count: 0 }
      for (let token = 0; token < tokens; token += 1) {
        let sum = 0
        const isDropped = tokens > 3 && random() < wordDropout
        dropped[token] = isDropped ? 1 : 0
        if (!isDropped) {
          for (let p = offsets[token]!; p < freshEnds[token]!; p += 1) sum += weights[ids[p]!]!
          whole.sum += sum
          whole.count += freshEnds[token]! - offsets[token]!
          for (let p = freshEnds[token]!; p < offsets[token + 1]!; p += 1) sum += weights[ids[p]!]!
        }
        sums[token + 1] = sums[token]! + sum
        counts[token + 1] = counts[token]! + (isDropped ? 0 : offsets[token + 1]! - offsets[token]!)
      }
      const chosen = maxSuspicious(windows, sums, counts, example.isAttack)
      const parts = chosen.length / 2 + (windows.length > 2 ? 1 : 0)
      for (let pair = 0; pair < chosen.length; pair += 2) {
        const [from, to] = [chosen[pair]!, chosen[pair + 1]!]
        const [sum, count] = [sums[to]! - sums[from]!, counts[to]! - counts[from]!]
        loss += learn(example, { from, to, ends: offsets.subarray(1), sum, count }, 1 / parts)
      }
      if (windows.length > 2) loss += learn(example, whole, 1 / parts)
    }
    if (epoch >= epochs / 2) {
      averaged += 1
      biasAverage += bias
      for (let id = 0; id < size; id += 1) average[id] = average[id]! + weights[id]!
    }
    await onEpoch?.(epoch, loss / examples.length)
  }
  for (let id = 0; id < size; id += 1) average[id] = average[id]! / averaged
  return { weights: average, bias: biasAverage / averaged }
}

const squaresFloor = 1e-3

/** 2 for n-grams of two or more texts; n-grams that occur once do not generalize. */
function seenTwice(examples: readonly TrainingExample[], size: number): Uint8Array {
  const seen = new Uint8Array(size)
  const last = new Int32Array(size).fill(-1)
  for (const { ids, original } of examples) {
    for (const id of ids) {
      if (last[id] === original) continue
      last[id] = original
      if (seen[id]! < 2) seen[id]! += 1
    }
  }
  return seen
}

/** For an attack a quarter of its windows, at most 4; for a benign text the two worst. */
function maxSuspicious(
  windows: Int32Array,
  sums: Float64Array,
  counts: Float64Array,
  isAttack: boolean,
): number[] {
  const most = isAttack ? Math.min(4, Math.ceil(windows.length / 8)) : 2
  const best: { score: number; from: number; to: number }[] = []
  for (let pair = 0; pair < windows.length; pair += 2) {
    const [from, to] = [windows[pair]!, windows[pair + 1]!]
    const score = (sums[to]! - sums[from]!) / Math.sqrt(counts[to]! - counts[from]! + featureFloor)
    if (best.length < most || score > best.at(-1)!.score) {
      best.push({ score, from, to })
      best.sort((a, b) => b.score - a.score)
      if (best.length > most) best.pop()
    }
  }
  return best.flatMap(({ from, to }) => [from, to])
}

function shuffle(order: number[], random: () => number): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
}
