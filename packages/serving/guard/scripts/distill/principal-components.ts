/** Principal components of vectors. Pure and deterministic. */

export interface Projection {
  readonly mean: Float64Array
  /** Unit vectors by decreasing variance. */
  readonly directions: readonly Float64Array[]
  /** Fraction of variance retained. */
  readonly kept: number
}

/** Uses subspace iteration on the covariance. */
export function principalComponents(
  vectors: readonly Float32Array[],
  count: number,
  rounds = 30,
): Projection {
  const size = vectors[0]!.length
  const mean = new Float64Array(size)
  for (const vector of vectors) for (let d = 0; d < size; d += 1) mean[d]! += vector[d]! / vectors.length
  const covariance = covarianceOf(vectors, mean)
  let total = 0
  for (let d = 0; d < size; d += 1) total += covariance[d * size + d]!
  let directions: Float64Array[] = Array.from({ length: count }, (_, at) =>
    Float64Array.from({ length: size }, (_, d) => Math.sin(1 + at * 12.9898 + d * 78.233 + at * d * 0.37)),
  )
  orthonormalize(directions)
  for (let round = 0; round < rounds; round += 1) {
    directions = directions.map((direction) => times(covariance, direction))
    orthonormalize(directions)
  }
  const variances = directions.map((direction) => {
    const moved = times(covariance, direction)
    return direction.reduce((sum, value, d) => sum + value * moved[d]!, 0)
  })
  const order = variances.map((_, at) => at).sort((a, b) => variances[b]! - variances[a]!)
  return {
    mean,
    directions: order.map((at) => directions[at]!),
    kept: variances.reduce((sum, variance) => sum + variance, 0) / total,
  }
}

export function project({ mean, directions }: Projection, vector: Float32Array): Float32Array {
  return Float32Array.from(directions, (direction) => {
    let sum = 0
    for (let d = 0; d < direction.length; d += 1) sum += direction[d]! * (vector[d]! - mean[d]!)
    return sum
  })
}

function covarianceOf(vectors: readonly Float32Array[], mean: Float64Array): Float64Array {
  const size = mean.length
  const covariance = new Float64Array(size * size)
  const centred = new Float64Array(size)
  for (const vector of vectors) {
    for (let d = 0; d < size; d += 1) centred[d] = vector[d]! - mean[d]!
    for (let a = 0; a < size; a += 1) {
      const scale = centred[a]! / vectors.length
      for (let b = 0, at = a * size; b < size; b += 1, at += 1) covariance[at]! += scale * centred[b]!
    }
  }
  return covariance
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length
  return Float64Array.from({ length: size }, (_, row) => {
    let sum = 0
    for (let d = 0, at = row * size; d < size; d += 1, at += 1) sum += matrix[at]! * vector[d]!
    return sum
  })
}

/** In place (Gram-Schmidt, applied twice for accuracy). */
function orthonormalize(directions: Float64Array[]): void {
  directions.forEach((direction, at) => {
    for (let pass = 0; pass < 2; pass += 1)
      for (const before of directions.slice(0, at)) {
        let dot = 0
        for (let d = 0; d < direction.length; d += 1) dot += direction[d]! * before[d]!
        for (let d = 0; d < direction.length; d += 1) direction[d]! -= dot * before[d]!
      }
    let square = 0
    for (const value of direction) square += value * value
    const scale = 1 / Math.sqrt(square)
    for (let d = 0; d < direction.length; d += 1) direction[d]! *= scale
  })
}
