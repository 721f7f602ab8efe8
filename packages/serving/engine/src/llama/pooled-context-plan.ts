/**
 * How large the context is that computes embeddings or scores: how long a text may be, how many tokens one pass takes,
 * how many keys and values it keeps. Pure; each choice comes with its reason.
 */

export interface PooledContextRequest {
  /** Each input in one pass or not at all. */
  readonly whole: boolean
  readonly onCpu: boolean
  readonly maxBatchTokens: number
  /** What was asked for; null means what is best. */
  readonly contextLength: number | null
  readonly trainedLength: number
  readonly vocabularySize: number
  /** Of one token's keys and values in all layers. */
  readonly bytesPerCell: number
  /** That keys and values may take, or the longest text's logits where there are none. */
  readonly budgetBytes: number
}

export interface PooledContextPlan {
  /** Longest text. */
  readonly inputLength: number
  /** Tokens of a pass, unless one whole text has more. */
  readonly passTokens: number
  /** Tokens that llama.cpp must be able to take at once. */
  readonly capacity: number
  readonly cells: number
  /** Of keys and values, where the model keeps any. */
  readonly bytes: number
  readonly lengthReason: string
}

/** Its buffers grow with the square of the longest text, so that must be asked for. */
const longWhole = 2048
const cellAlignment = 256
/**
 * llama.cpp keeps room for the logits of every token of a pass, even of an encoder, which has none (`output_reserve`): 128 MiB
 * at most, where a pass has 64 tokens or more.
 */
const maxLogits = 2 ** 25
const minPass = 64
/**
 * Whole texts on a CPU: every token of a pass is compared with every other, also those of other texts, and from 64 rows on a row
 * costs the same. A token took 8 to 15 % longer in passes of 512 and 30 % longer in passes of 1024 (`docs/batching.md`).
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
  // One long text beside a pass of short ones.
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
