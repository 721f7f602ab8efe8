/**
 * A plain BERT in double precision, from its definition (Devlin et al., 2018), as a reference for engine results with a tiny
 * encoder.
 */

import { type Gguf, openGguf } from '@hadal/formats'

type Rows = number[][]

/** The last layer's vector of each token. */
export function bertVectors(path: string, tokens: readonly number[]): Rows {
  using file = openGguf(path)
  const number = (key: string): number => Number(file.get(`bert.${key}`))
  const heads = number('attention.head_count')
  const epsilon = number('attention.layer_norm_epsilon')
  const [words, places, types] = ['token_embd', 'position_embd', 'token_types'].map((name) =>
    matrix(file, name),
  )
  const norm = (name: string, rows: Rows): Rows => layerNorm(rows, epsilon, file, name)

  // Everything is sentence A.
  let x = tokens.map((token, at) => add(add(words![token]!, places![at]!), types![0]!))
  x = norm('token_embd_norm', x)
  for (let layer = 0; layer < number('block_count'); layer += 1) {
    const part = (name: string): Rows => matrix(file, `blk.${layer}.${name}`)
    const [q, k, v] = ['attn_q', 'attn_k', 'attn_v'].map((name) => times(x, part(name)))
    const attended = times(attention(q!, k!, v!, heads), part('attn_output'))
    x = norm(
      `blk.${layer}.attn_output_norm`,
      attended.map((row, at) => add(row, x[at]!)),
    )
    const inner = times(x, part('ffn_up')).map((row) => row.map(gelu))
    const outer = times(inner, part('ffn_down'))
    x = norm(
      `blk.${layer}.layer_output_norm`,
      outer.map((row, at) => add(row, x[at]!)),
    )
  }
  return x
}

/** The classification head for each text: the first token's vector, dense, tanh, one number. */
export function bertScore(path: string, tokens: readonly number[]): number {
  using file = openGguf(path)
  const [first] = bertVectors(path, tokens)
  const hidden = times([first!], matrix(file, 'cls'))[0]!.map(Math.tanh)
  return times([hidden], matrix(file, 'cls.output'))[0]![0]!
}

/** No mask: every token attends to all others. */
function attention(q: Rows, k: Rows, v: Rows, heads: number): Rows {
  const size = q[0]!.length / heads
  return q.map((query) =>
    Array.from({ length: heads }, (_, head) => {
      const of = (row: readonly number[]): number[] => row.slice(head * size, (head + 1) * size)
      const scores = k.map((key) => dot(of(query), of(key)) / Math.sqrt(size))
      const most = Math.max(...scores)
      const weights = scores.map((score) => Math.exp(score - most))
      const sum = weights.reduce((a, b) => a + b)
      return of(query).map((_, at) =>
        v.reduce((total, row, token) => total + (weights[token]! / sum) * of(row)[at]!, 0),
      )
    }).flat(),
  )
}

function layerNorm(rows: Rows, epsilon: number, file: Gguf, name: string): Rows {
  const [weight, bias] = [vector(file, `${name}.weight`), vector(file, `${name}.bias`)]
  return rows.map((row) => {
    const mean = row.reduce((a, b) => a + b) / row.length
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length
    return row.map((value, at) => ((value - mean) / Math.sqrt(variance + epsilon)) * weight[at]! + bias[at]!)
  })
}

/** The tanh approximation, as in ggml. */
const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * b[at]!, 0)
const add = (a: readonly number[], b: readonly number[]): number[] => a.map((value, at) => value + b[at]!)
/** `weight` has one row per output. */
const times = (rows: Rows, weight: Rows): Rows => rows.map((row) => weight.map((each) => dot(row, each)))

function matrix(file: Gguf, name: string): Rows {
  const [rows, columns] = file.tensors.get(`${name}.weight`)!.shape as [number, number]
  const all = vector(file, `${name}.weight`)
  return Array.from({ length: rows }, (_, row) => all.slice(row * columns, (row + 1) * columns))
}

function vector(file: Gguf, name: string): number[] {
  return [...file.readFloats(name)]
}
