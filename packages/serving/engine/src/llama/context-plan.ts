/**
 * Plans the KV cache layout: the maximum sequence length, and whether sequences have separate cells or share a pool. Pure; each
 * choice comes with its reason.
 *
 * Conditions for batch-invariant greedy text, determined with libllama 0.4.0 on a Zen 5 CPU by comparing logits bit by bit
 * (Llama-shaped models, 1 to 8 sequences per step, contexts of 20 to 600 tokens, prompts chunked in many ways):
 *  - Separate cells. In a shared pool, the location of a sequence's cells determines the order of summation.
 *  - Not every CPU kernel of flash attention: from 257 tokens of context on, a single sequence is computed differently, and
 *    prompts differ by chunk size. ggml has those kernels only for keys and values of the same type
 *    (`ggml_compute_forward_flash_attn_ext_f16`), so BF16 values with F16 keys leave only the row-by-row kernel. Eight
 *    sequences of 160 tokens then run 10 to 20 % faster than without flash attention; prompts of 900 tokens are 20 % slower, so
 *    longer contexts do without (135M Q8_0, two threads; `bench/LOG.md`). So do DeepSeek's latents, which are keys and values
 *    at once and so of one type.
 *  - New tokens and prompt chunks in separate calls, and no chunk of a single row (`decode-calls.ts`).
 * With this, weights of Q8_0, Q4_0, Q5_0, Q5_K and Q6_K gave identical bits in any batch. The kernels rule it out for
 *  - F32, F16 and BF16: a step of one sequence is computed differently from any larger one;
 *  - Q4_K, Q3_K, Q2_K and IQ4: steps of four or more sequences differ from smaller ones, because llama.cpp repacks such weights
 *    in groups of four rows.
 * GPU kernels were not tested.
 */

export interface ContextRequest {
  readonly maxBatchSize: number
  /** The requested value; null: choose the best. */
  readonly contextLength: number | null
  /** The context length the model was trained with. */
  readonly trainedLength: number
  /** Keys and values of one token in all layers. */
  readonly bytesPerCell: number
  /** The requested value; null: a quarter of the free memory. */
  readonly kvCacheBytes: number | null
  readonly freeBytes: number
  /** Null: on if it costs little. */
  readonly batchInvariant: boolean | null
  /** Whether the KV cache is in CPU memory. */
  readonly onCpu: boolean
  /** Keys and values share cells, as with DeepSeek's latents, and so have one type. */
  readonly oneLatent: boolean
}

export interface ContextPlan {
  /** Maximum prompt plus completion of one sequence. */
  readonly contextLength: number
  /** Total cells. */
  readonly cells: number
  /** One pool for all sequences; each reserves its potential need before it starts. */
  readonly shared: boolean
  /** `byRow`: only the kernel that computes each row separately, regardless of the batch. */
  readonly flashAttention: 'off' | 'auto' | 'byRow'
  /** Whether results must be batch-invariant. */
  readonly invariant: boolean
  readonly choices: readonly string[]
}

/** llama.cpp rounds each sequence's cells up to a multiple of this. */
const cellAlignment = 256
/** Below this length, separate contexts are worth less than a share of a pool. */
const minOwnContext = 4096
/** Up to this length batch invariance costs little, prompts included. */
const shortContext = 512
/** Upper limit of the default, unless a context would be shorter than `minOwnContext`: filling more takes time. */
const comfortableBytes = 1024 ** 3

/** Number of cells for this many tokens. */
export const align = (tokens: number): number => Math.ceil(tokens / cellAlignment) * cellAlignment

/** Undefined if not even one sequence fits; `kvBudget` explains into what. */
export function planContext(request: ContextRequest): ContextPlan | undefined {
  const { maxBatchSize, trainedLength, bytesPerCell } = request
  const affordable = Math.floor(kvBudget(request) / bytesPerCell)
  const wanted = Math.min(request.contextLength ?? trainedLength, trainedLength)
  const fits = (length: number, cells: number): boolean => align(length) * maxBatchSize <= cells
  const own =
    request.contextLength !== null
      ? wanted
      : (longestOwn(wanted, (length) => fits(length, Math.floor(comfortableBytes / bytesPerCell))) ??
        Math.min(wanted, minOwnContext))
  const lengthNote = (length: number): string => `contextLength: ${length} (${lengthReason(request, length)})`

  if (fits(own, affordable)) {
    const invariant = request.onCpu && (request.batchInvariant ?? trainedLength <= shortContext)
    const byRow = align(own) <= shortContext && !request.oneLatent
    const flashAttention = !invariant ? 'auto' : byRow ? 'byRow' : 'off'
    return {
      contextLength: own,
      cells: align(own) * maxBatchSize,
      shared: false,
      flashAttention,
      invariant,
      choices: [
        lengthNote(own),
        `kv cells: ${align(own)} for each of ${maxBatchSize} sequences`,
        `batch invariance: ${invarianceReason(request, invariant)}`,
        `flash attention: ${flashReasons[flashAttention]}`,
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
    invariant: false,
    choices: [
      lengthNote(contextLength),
      `kv cells: ${cells} shared by ${maxBatchSize} sequences (memory does not hold ${own} for each; greedy text can depend on company)`,
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

/** The longest halving of `wanted` that fits, but at least `minOwnContext`. */
function longestOwn(wanted: number, fits: (length: number) => boolean): number | undefined {
  for (let length = wanted; length >= Math.min(wanted, minOwnContext); length = Math.floor(length / 2))
    if (fits(length)) return length
  return undefined
}

const flashReasons = {
  auto: 'where the device has it (fastest)',
  byRow: 'row by row, values in BF16 (batch-invariant)',
  off: 'off (its results depend on company)',
} as const

function invarianceReason(
  { batchInvariant, onCpu, trainedLength }: ContextRequest,
  invariant: boolean,
): string {
  if (!onCpu) return 'off (the kernels of a GPU do not promise it)'
  if (batchInvariant !== null) return `${invariant ? 'on' : 'off'} (as configured)`
  return invariant
    ? `on (it costs little up to ${shortContext} tokens of context)`
    : `off (long prompts are read faster; the model was trained for ${trainedLength} tokens)`
}

function lengthReason({ contextLength, trainedLength }: ContextRequest, length: number): string {
  if (contextLength === length) return 'as configured'
  if (length === trainedLength)
    return contextLength === null
      ? 'what the model was trained for'
      : `the model was trained for no more; ${contextLength} asked`
  return `bounded by memory; the model was trained for ${trainedLength}`
}
