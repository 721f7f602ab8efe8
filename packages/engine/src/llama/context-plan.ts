/**
 * How an engine's keys and values are laid out: how long a sequence may be, and whether sequences have cells of their
 * own or share them. Pure; each choice comes with its reason.
 *
 * Separate cells make a sequence's result independent of its companions (measured with libllama 0.4.0 on a Zen 4 CPU,
 * Llama-shaped models, logits compared bit by bit over batches of 1 to 8 sequences, prompts cut at 7, 32, 64, 128 and
 * 512 tokens, contexts of 20 to 600):
 *  - weights Q8_0 or Q4_0, flash attention off: always the same bits;
 *  - flash attention on: a sequence alone differs from one in company from 257 tokens of context on (llama.cpp then
 *    divides the cells among threads), and prompts differ with the size of their chunks (from 64 tokens on other
 *    kernels compute them);
 *  - weights F32, F16 (BF16 takes the same path): a step of one row differs from a step of several, whatever the
 *    attention: with one row llama.cpp uses another matrix kernel. All batches of two and more agree. This is where greedy
 *    text can still depend on company;
 *  - shared cells: always differs, because the place of its cells decides the order of summation.
 * GPU kernels have rules of their own, not measured here.
 */

export interface ContextRequest {
  readonly maxBatchSize: number
  /** What was asked for; null means what is best. */
  readonly contextLength: number | null
  /** What the model was trained for. */
  readonly trainedLength: number
  /** Of one token's keys and values in all layers. */
  readonly bytesPerCell: number
  /** What was asked for; null means a quarter of what is free. */
  readonly kvCacheBytes: number | null
  readonly freeBytes: number
  readonly batchInvariant: boolean
  /** Whether the keys and values live on the CPU. */
  readonly onCpu: boolean
}

export interface ContextPlan {
  /** Longest prompt plus completion of one sequence. */
  readonly contextLength: number
  /** Cells in all. */
  readonly cells: number
  /** One pool for all sequences; each reserves what it may need before it starts. */
  readonly shared: boolean
  readonly flashAttention: 'off' | 'auto'
  readonly choices: readonly string[]
}

/** llama.cpp rounds each sequence's cells up to it. */
const cellAlignment = 256
/** Below this, a context of one's own is worth less than a share of a pool. */
const leastOwnContext = 4096
/** A default never takes more, unless without it a context would be shorter than `leastOwnContext`: filling it takes time. */
const comfortableBytes = 1024 ** 3

const align = (tokens: number): number => Math.ceil(tokens / cellAlignment) * cellAlignment

/** Undefined when not even one sequence fits; `kvBudget` says into what. */
export function planContext(request: ContextRequest): ContextPlan | undefined {
  const { maxBatchSize, trainedLength, bytesPerCell } = request
  const affordable = Math.floor(kvBudget(request) / bytesPerCell)
  const wanted = Math.min(request.contextLength ?? trainedLength, trainedLength)
  const fits = (length: number, cells: number): boolean => align(length) * maxBatchSize <= cells
  const own =
    request.contextLength !== null
      ? wanted
      : (longestOwn(wanted, (length) => fits(length, Math.floor(comfortableBytes / bytesPerCell))) ??
        Math.min(wanted, leastOwnContext))
  const lengthNote = (length: number): string => `contextLength: ${length} (${lengthReason(request, length)})`

  if (fits(own, affordable)) {
    const flashAttention = request.batchInvariant && request.onCpu ? 'off' : 'auto'
    return {
      contextLength: own,
      cells: align(own) * maxBatchSize,
      shared: false,
      flashAttention,
      choices: [
        lengthNote(own),
        `kv cells: ${align(own)} for each of ${maxBatchSize} sequences (a sequence's text does not depend on its neighbours)`,
        flashAttention === 'off'
          ? 'flash attention: off (its results depend on the batch)'
          : 'flash attention: where the device has it (faster)',
      ],
    }
  }
  const cells = Math.floor(affordable / cellAlignment) * cellAlignment
  const contextLength = Math.min(wanted, cells)
  if (contextLength < (request.contextLength === null ? 1 : wanted)) return undefined
  return {
    contextLength,
    cells,
    shared: true,
    flashAttention: 'auto',
    choices: [
      lengthNote(contextLength),
      `kv cells: ${cells} shared by ${maxBatchSize} sequences (memory does not hold ${own} for each; greedy text can depend on neighbours)`,
      'flash attention: where the device has it (shared cells are slow without)',
    ],
  }
}

export function kvBudget({
  kvCacheBytes,
  freeBytes,
}: Pick<ContextRequest, 'kvCacheBytes' | 'freeBytes'>): number {
  return kvCacheBytes ?? freeBytes / 4
}

/** The longest halving of `wanted` that fits, not below `leastOwnContext`. */
function longestOwn(wanted: number, fits: (length: number) => boolean): number | undefined {
  for (let length = wanted; length >= Math.min(wanted, leastOwnContext); length = Math.floor(length / 2))
    if (fits(length)) return length
  return undefined
}

function lengthReason({ contextLength, trainedLength }: ContextRequest, length: number): string {
  if (contextLength === length) return 'as configured'
  if (length === trainedLength)
    return contextLength === null
      ? 'what the model was trained for'
      : `the model was trained for no more; ${contextLength} asked`
  return `bounded by memory; the model was trained for ${trainedLength}`
}
