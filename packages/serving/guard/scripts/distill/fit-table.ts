/**
 * Fits a table so that the sum of a text's rows points in the teacher's direction: gradient descent (Adam, Kingma and Ba 2015) on one minus
 * the cosine. Rows of words in no text are unchanged. Pure.
 */

export interface FitText {
  /** Rows of the text's words, with repetitions. */
  readonly rows: readonly number[]
  /** Unit length. */
  readonly target: Float32Array
}

export interface FitOptions {
  readonly epochs: number
  readonly rate: number
  readonly onEpoch?: (epoch: number, meanCosine: number) => void
}

const [decay, squareDecay, tiny] = [0.9, 0.999, 1e-8]

/** Modifies `table` in place, in rows of `dimensions`. */
export function fitTable(
  table: Float32Array,
  dimensions: number,
  texts: readonly FitText[],
  { epochs, rate, onEpoch }: FitOptions,
): void {
  const [moments, squares] = [new Float32Array(table.length), new Float32Array(table.length)]
  const steps = new Uint32Array(table.length / dimensions)
  const sum = new Float32Array(dimensions)
  const gradient = new Float32Array(dimensions)
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const now = rate * 0.5 * (1 + Math.cos((Math.PI * epoch) / epochs))
    let cosines = 0
    for (let turn = 0; turn < texts.length; turn += 1) {
      const { rows, target } = texts[(turn * 7919 + epoch * 613) % texts.length]!
      sum.fill(0)
      for (const row of rows)
        for (let d = 0, at = row * dimensions; d < dimensions; d += 1, at += 1) sum[d]! += table[at]!
      let [square, dot] = [0, 0]
      for (let d = 0; d < dimensions; d += 1) {
        square += sum[d]! * sum[d]!
        dot += sum[d]! * target[d]!
      }
      const length = Math.sqrt(square)
      if (length === 0) continue
      const cosine = dot / length
      cosines += cosine
      for (let d = 0; d < dimensions; d += 1)
        gradient[d] = (cosine * (sum[d]! / length) - target[d]!) / length
      for (const row of rows) {
        steps[row]! += 1
        const [first, second] = [1 - decay ** steps[row]!, 1 - squareDecay ** steps[row]!]
        for (let d = 0, at = row * dimensions; d < dimensions; d += 1, at += 1) {
          moments[at] = decay * moments[at]! + (1 - decay) * gradient[d]!
          squares[at] = squareDecay * squares[at]! + (1 - squareDecay) * gradient[d]! * gradient[d]!
          table[at]! -= (now * (moments[at]! / first)) / (Math.sqrt(squares[at]! / second) + tiny)
        }
      }
    }
    onEpoch?.(epoch, cosines / texts.length)
  }
}
