/**
 * Token sequences of a fixed length, ready for training. Documents come as token ids.
 *
 * A model reads `inputs[i]` and predicts `targets[i]`, the next token; `ignoreIndex` carries no loss.
 */

import { nothingToPack } from '../errors.ts'
import { ignoreIndex } from '../loss.ts'

/** `count` windows of `length` tokens; window w is at [w · length, (w + 1) · length) of every array. */
export interface Windows {
  readonly length: number
  readonly count: number
  readonly inputs: Int32Array
  readonly targets: Int32Array
  /** The document of each token within its window, if documents must not attend to each other. */
  readonly segments?: Int32Array
}

/** Tokens of one example and, for each, whether the model should learn to produce it. */
export interface MaskedTokens {
  readonly tokens: readonly number[]
  readonly learn: readonly boolean[]
}

/**
 * Pretraining: `documents` one after the other, each followed by `endOfText`, cut every `length` tokens. Every token but
 * the first is a target exactly once; the tail that fills no window is dropped.
 *
 * @example
 * ```ts
 * import { packStream } from '@hadal/nn'
 *
 * const windows = packStream([[1, 2, 3], [4, 5, 6, 7, 8]], 4, 0) // length, end of text
 * windows.count // → 2
 * windows.inputs // → Int32Array(8) [ 1, 2, 3, 0, 4, 5, 6, 7 ]
 * ```
 */
export function packStream(
  documents: Iterable<ArrayLike<number>>,
  length: number,
  endOfText: number,
): Windows {
  const chunks: Int32Array[] = []
  let total = 0
  for (const document of documents) {
    const chunk = new Int32Array(document.length + 1)
    chunk.set(document)
    chunk[document.length] = endOfText
    chunks.push(chunk)
    total += chunk.length
  }
  const count = Math.floor((total - 1) / length)
  if (count < 1) throw nothingToPack(length, `there are only ${total} tokens`)
  const stream = new Int32Array(total)
  let at = 0
  for (const chunk of chunks) {
    stream.set(chunk, at)
    at += chunk.length
  }
  return {
    length,
    count,
    inputs: stream.subarray(0, count * length),
    targets: stream.subarray(1, count * length + 1),
  }
}

/**
 * For fine-tuning: packs whole `examples`, in order, as many as fit into each window; none is split, and those longer than a window
 * are dropped. Padding (`endOfText`) and tokens without loss have the target `ignoreIndex`.
 *
 * @example
 * ```ts
 * import { packExamples } from '@hadal/nn'
 *
 * const examples = [{ tokens: [1, 2, 3], learn: [false, true, true] }, { tokens: [4, 5], learn: [false, true] }]
 * const windows = packExamples(examples, 8, 0) // length, end of text
 * windows.count // → 1
 * ```
 */
export function packExamples(examples: Iterable<MaskedTokens>, length: number, endOfText: number): Windows {
  const rows: MaskedTokens[][] = []
  let free = 0
  for (const example of examples) {
    // The last token is only ever a target, so an example of n tokens takes n - 1 places.
    const size = example.tokens.length - 1
    if (size < 1 || size > length || !example.learn.includes(true)) continue
    if (size > free) {
      rows.push([])
      free = length
    }
    rows.at(-1)!.push(example)
    free -= size
  }
  if (rows.length === 0) throw nothingToPack(length, 'no example fits into one')
  const inputs = new Int32Array(rows.length * length).fill(endOfText)
  const targets = new Int32Array(rows.length * length).fill(ignoreIndex)
  const segments = new Int32Array(rows.length * length)
  rows.forEach((row, index) => {
    let at = index * length
    row.forEach(({ tokens, learn }, segment) => {
      for (let i = 0; i + 1 < tokens.length; i += 1, at += 1) {
        inputs[at] = tokens[i]!
        if (learn[i + 1]) targets[at] = tokens[i + 1]!
        segments[at] = segment + 1
      }
    })
  })
  return { length, count: rows.length, inputs, targets, segments }
}

/**
 * The windows at `indices`, concatenated: the input of one forward pass.
 *
 * @example
 * ```ts
 * import { packStream, selectWindows } from '@hadal/nn'
 *
 * const windows = packStream([[1, 2, 3, 4, 5, 6, 7, 8, 9]], 4, 0)
 * selectWindows(windows, [1]).inputs // → Int32Array(4) [ 5, 6, 7, 8 ]
 * ```
 */
export function selectWindows(windows: Windows, indices: readonly number[]): Windows {
  const { length } = windows
  const take = (from: Int32Array): Int32Array => {
    const out = new Int32Array(indices.length * length)
    indices.forEach((index, row) => {
      out.set(from.subarray(index * length, (index + 1) * length), row * length)
    })
    return out
  }
  return {
    length,
    count: indices.length,
    inputs: take(windows.inputs),
    targets: take(windows.targets),
    ...(windows.segments && { segments: take(windows.segments) }),
  }
}

/**
 * Number of targets that carry loss.
 *
 * @internal
 */
export function countTargets(windows: Windows): number {
  let count = 0
  for (const target of windows.targets) if (target !== ignoreIndex) count += 1
  return count
}
