/**
 * How an engine's keys and values are laid out: how long a sequence may be, and whether sequences have cells of their
 * own or share them. Pure; each choice comes with its reason.
 *
 * What makes greedy text the same alone and in company, found with libllama 0.4.0 on a Zen 5 CPU by comparing logits bit by
 * bit (Llama-shaped models, 1 to 8 sequences a step, contexts of 20 to 600 tokens, prompts cut in many ways):
 *  - Cells of one's own. In shared cells, where a sequence's cells lie decides the order of summation.
 *  - Not every kernel of flash attention on the CPU: it computes a sequence alone differently from 257 tokens of context
 *    on, and prompts differently by the size of their chunks. ggml has those kernels only for keys and values of one type
 *    (`ggml_compute_forward_flash_attn_ext_f16`), so values in BF16 beside keys in F16 leave the one that goes row by row.
 *    Eight sequences of 160 tokens are then served 10 to 20 % faster than without flash attention; prompts of 900 tokens
 *    are read 20 % slower, so longer contexts do without (135M Q8_0, two threads; `bench/LOG.md`). So do DeepSeek's latents,
 *    which are keys and values at once and so of one type.
 *  - New tokens and prompt chunks in separate calls, and no chunk of a single row (`decode-calls.ts`).
 * Then weights of Q8_0, Q4_0, Q5_0, Q5_K and Q6_K gave the same bits in any company. The kernels forbid it for
 *  - F32, F16 and BF16: a step of one sequence is computed differently from any larger one;
 *  - Q4_K, Q3_K, Q2_K and IQ4: steps of four and more sequences differ from smaller ones, because llama.cpp rearranges
 *    such weights for groups of four rows.
 * GPU kernels were not tried.
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
  /** Null means where it costs little. */
  readonly batchInvariant: boolean | null
  /** Whether the keys and values live on the CPU. */
  readonly onCpu: boolean
  /** Keys and values are the same cells, as with DeepSeek's latents, and so of one type. */
  readonly oneLatent: boolean
}

export interface ContextPlan {
  /** Longest prompt plus completion of one sequence. */
  readonly contextLength: number
  /** Cells in all. */
  readonly cells: number
  /** One pool for all sequences; each reserves what it may need before it starts. */
  readonly shared: boolean
  /** `byRow`: only the kernel that computes each row by itself, whatever its company. */
  readonly flashAttention: 'off' | 'auto' | 'byRow'
  /** Whether a sequence's results shall not depend on its company. */
  readonly invariant: boolean
  readonly choices: readonly string[]
}

/** llama.cpp rounds each sequence's cells up to it. */
const cellAlignment = 256
/** Below this, a context of one's own is worth less than a share of a pool. */
const minOwnContext = 4096
/** Up to here a sequence whose results do not depend on its company costs little, prompts included. */
const shortContext = 512
/** A default never takes more, unless without it a context would be shorter than `minOwnContext`: filling it takes time. */
const comfortableBytes = 1024 ** 3

/** How many cells so many tokens take. */
export const align = (tokens: number): number => Math.ceil(tokens / cellAlignment) * cellAlignment

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

/** The longest halving of `wanted` that fits, not below `minOwnContext`. */
function longestOwn(wanted: number, fits: (length: number) => boolean): number | undefined {
  for (let length = wanted; length >= Math.min(wanted, minOwnContext); length = Math.floor(length / 2))
    if (fits(length)) return length
  return undefined
}

const flashReasons = {
  auto: 'where the device has it (fastest)',
  byRow: 'row by row, values in BF16 (the same results in any company)',
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
