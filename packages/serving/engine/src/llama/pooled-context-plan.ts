/**
 * Plans the context for embeddings or scores: the maximum text length, the tokens per pass, and the size of the KV cache. Pure;
 * each choice comes with its reason.
 */

export interface PooledContextRequest {
  /** Each input must be computed entirely in one pass. */
  readonly whole: boolean
  readonly onCpu: boolean
  readonly maxBatchTokens: number
  /** The requested value; null: choose the best. */
  readonly contextLength: number | null
  readonly trainedLength: number
  readonly vocabularySize: number
  /** Keys and values of one token in all layers. */
  readonly bytesPerCell: number
  /** Memory for keys and values, or for the longest text's logits if there are none. */
  readonly budgetBytes: number
}

export interface PooledContextPlan {
  /** Longest text. */
  readonly inputLength: number
  /** Tokens per pass, unless one whole text has more. */
  readonly passTokens: number
  /** Tokens that llama.cpp must be able to take at once. */
  readonly capacity: number
  readonly cells: number
  /** Keys and values, if the model has any. */
  readonly bytes: number
  readonly lengthReason: string
}

/** Buffers grow with the square of the longest text, so more must be requested explicitly. */
const longWhole = 2048
const cellAlignment = 256
/**
 * llama.cpp reserves logits for every token of a pass, even for encoders, which have none (`output_reserve`): at most 128 MiB,
 * if a pass has 64 tokens or more.
 */
const maxLogits = 2 ** 25
const minPass = 64
/**
 * Whole texts on a CPU: every token of a pass attends to all others, including those of other texts, and from 64 rows on the
 * cost per row is constant. A token took 8 to 15 % longer in passes of 512 and 30 % longer in passes of 1024
 * (`docs/batching.md`).
 */
const maxWholeOnCpu = 256

const align = (tokens: number): number => Math.ceil(tokens / cellAlignment) * cellAlignment

export function planPooledContext(request: PooledContextRequest): PooledContextPlan {
  const { whole, onCpu, trainedLength, contextLength, maxBatchTokens, bytesPerCell } = request
  const passTokens = Math.min(
    whole && onCpu ? Math.min(maxWholeOnCpu, maxBatchTokens) : maxBatchTokens,
    Math.max(minPass, Math.floor(maxLogits / request.vocabularySize)),
  )
  const wanted = Math.min(
    contextLength ?? (whole ? Math.min(longWhole, trainedLength) : trainedLength),
    trainedLength,
  )
  // One long text alongside a pass of short ones.
  const cellsFor = (length: number): number => align(length) + align(passTokens)
  const bytesFor = (length: number): number =>
    whole ? length * request.vocabularySize * 4 : cellsFor(length) * bytesPerCell
  let inputLength = wanted
  while (inputLength > cellAlignment && bytesFor(inputLength) > request.budgetBytes)
    inputLength = Math.floor(inputLength / 2)
  const cells = whole ? align(Math.max(inputLength, passTokens)) : cellsFor(inputLength)
  return {
    inputLength,
    passTokens,
    capacity: whole ? Math.max(inputLength, passTokens) : passTokens,
    cells,
    bytes: cells * bytesPerCell,
    lengthReason: lengthReason(request, wanted, inputLength),
  }
}

function lengthReason(request: PooledContextRequest, wanted: number, length: number): string {
  const { contextLength, trainedLength } = request
  if (length < wanted) return `bounded by memory; ${wanted} wanted`
  if (contextLength === length) return 'as configured'
  if (length === trainedLength) return 'what the model was trained for'
  return `trained for ${trainedLength}; a longer contextLength takes more memory`
}
