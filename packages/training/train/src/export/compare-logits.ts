/** Compares the logits of two models on the same tokens. Pure. */

/** Logits [tokens, vocabulary] of one text, row behind row, from both. */
export interface PromptLogits {
  readonly name: string
  readonly reference: Float32Array
  readonly candidate: Float32Array
}

export interface LogitDifference {
  /** Number of rows compared. */
  readonly tokens: number
  /** Over single logits. */
  readonly maxDifference: number
  readonly meanDifference: number
  /** Kullback-Leibler divergence of the candidate from the reference, in nats, of one row. */
  readonly maxDivergence: number
  readonly meanDivergence: number
  /** Share of the rows in which both have the same likeliest token. */
  readonly agreement: number
}

export interface LogitComparison {
  readonly prompts: readonly (LogitDifference & { readonly name: string })[]
  /** Over all rows. */
  readonly overall: LogitDifference
}

/**
 * Values that are no numbers make the differences none either. Throws a RangeError where lengths do not fit together.
 *
 * @internal
 */
export function compareLogits(prompts: readonly PromptLogits[], vocabulary: number): LogitComparison {
  const rowsOf = prompts.map(({ name, reference, candidate }) => {
    if (reference.length !== candidate.length || reference.length % vocabulary !== 0)
      throw new RangeError(
        `${name} has ${reference.length} and ${candidate.length} logits of ${vocabulary} tokens`,
      )
    return Array.from({ length: reference.length / vocabulary }, (_, row) => {
      const part = [row * vocabulary, (row + 1) * vocabulary] as const
      return compareRow(reference.subarray(...part), candidate.subarray(...part))
    })
  })
  return {
    prompts: prompts.map(({ name }, index) => ({ name, ...summary(rowsOf[index]!) })),
    overall: summary(rowsOf.flat()),
  }
}

interface Row {
  readonly maxDifference: number
  readonly meanDifference: number
  readonly divergence: number
  readonly agrees: boolean
}

function compareRow(reference: Float32Array, candidate: Float32Array): Row {
  const [p, q] = [logNormalizer(reference), logNormalizer(candidate)]
  let [max, sum, divergence] = [0, 0, 0]
  for (const [token, logit] of reference.entries()) {
    const difference = Math.abs(logit - candidate[token]!)
    max = Math.max(max, difference)
    sum += difference
    const logP = logit - p
    divergence += Math.exp(logP) * (logP - (candidate[token]! - q))
  }
  return {
    maxDifference: max,
    meanDifference: sum / reference.length,
    // Rounding can make it slightly negative.
    divergence: Math.max(0, divergence),
    agrees: likeliest(reference) === likeliest(candidate),
  }
}

/** The logarithm of the sum of exponentials. */
function logNormalizer(logits: Float32Array): number {
  const max = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY)
  return max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0))
}

const likeliest = (logits: Float32Array): number =>
  logits.reduce((best, logit, token) => (logit > logits[best]! ? token : best), 0)

const summary = (rows: readonly Row[]): LogitDifference => ({
  tokens: rows.length,
  maxDifference: rows.reduce((most, row) => Math.max(most, row.maxDifference), 0),
  meanDifference: mean(rows.map((row) => row.meanDifference)),
  maxDivergence: rows.reduce((most, row) => Math.max(most, row.divergence), 0),
  meanDivergence: mean(rows.map((row) => row.divergence)),
  agreement: mean(rows.map((row) => Number(row.agrees))),
})

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
