/** Opens the generation context as planned. Embedding and reranking contexts may exist alongside it (`open-pooled.ts`). */

import { kvCacheTooLarge } from '../../errors.ts'
import type { ContextPointer, ModelPointer, Native, ThreadPoolPointer } from '../binding.ts'
import { align, type ContextPlan, type ContextRequest, kvBudget, planContext } from '../context-plan.ts'
import { copyCost } from '../copy-cost.ts'
import { type LlamaConfig, maxSequences } from '../options.ts'
import { LoadedAdapters } from './loaded-adapters.ts'
import { metadata } from './model-metadata.ts'
import type { ProcessorTimes } from './thread-governor.ts'
import type { Vocabulary } from './vocabulary.ts'

/** GGML_TYPE_BF16. */
const ggmlTypeBf16 = 30

export interface LoadedModel {
  readonly native: Native
  readonly context: ContextPointer
  readonly vocabulary: Vocabulary
  readonly adapters: LoadedAdapters
  readonly plan: ContextPlan
  /** The files of the model. */
  readonly paths: readonly string[]
  /** Sequence slots: running ones and, with shared cells, those of cached prefixes. */
  readonly sequences: number
  /** Rows per batch that may output logits; one more aborts the process. */
  readonly outputRows: number
  /** Cost of copying another sequence's cells, in prompt tokens computed in the same time. */
  readonly copyCost: number
  /** Whether a sequence's memory can be cut after any token. */
  readonly divisible: boolean
  /** Keys and values of one token. */
  readonly bytesPerCell: number
  /** One for all contexts: they never compute at the same time. */
  readonly pool: ThreadPoolPointer | null
  /** Maximum compute threads per step; 1 if a GPU does the work. */
  readonly threads: number
  /** CPU times at the start of loading: the load during it determines the initial number of threads. */
  readonly loadedFrom: ProcessorTimes
}

export interface OpenGeneratorOptions {
  readonly native: Native
  readonly model: ModelPointer
  readonly vocabulary: Vocabulary
  readonly config: LlamaConfig
  readonly request: ContextRequest
  /** The files of the model. */
  readonly paths: readonly string[]
  readonly pool: ThreadPoolPointer | null
  readonly threads: number
  readonly loadedFrom: ProcessorTimes
}

/** Undefined if llama.cpp could not create a context; its log has the reason. Throws `kv_cache_too_large`. */
export function openGenerator(options: OpenGeneratorOptions): LoadedModel | undefined {
  const { native, model, vocabulary, config, request, paths, pool, threads, loadedFrom } = options
  const { llama } = native
  const plan = planContext(request)
  if (plan === undefined) {
    const length = config.contextLength ?? request.trainedLength
    throw kvCacheTooLarge(length, align(length) * request.bytesPerCell, kvBudget(request))
  }
  const divisible = isDivisible(native, model)
  const sequences = config.maxBatchSize + (plan.shared && divisible ? keepers(config) : 0)
  const context = openContext(native, model, plan, sequences, config)
  if (context === null) return undefined
  if (pool !== null) llama.attachThreadpool(context, pool, pool)
  const contextLength = Math.min(plan.contextLength, llama.nCtxSeq(context))
  return {
    native,
    context,
    vocabulary,
    adapters: new LoadedAdapters({ native, model, context, paths }),
    plan: { ...plan, contextLength, cells: llama.nCtx(context) },
    paths,
    sequences,
    outputRows: outputRows(sequences, config),
    copyCost: copyCost({
      shared: plan.shared,
      bytesPerSequence: llama.nCtxSeq(context) * request.bytesPerCell,
      parameterCount: Number(llama.modelNParams(model)),
      divisible,
    }),
    divisible,
    bytesPerCell: request.bytesPerCell,
    pool,
    threads,
    loadedFrom,
  }
}

/** The logits buffer grows with the slots. */
const keepers = ({ maxBatchSize }: LlamaConfig): number => Math.min(16, maxSequences - maxBatchSize)

/** At least one per sequence. For a large vocabulary, a buffer for every row of a batch would be large. */
function outputRows(sequences: number, { maxBatchTokens }: LlamaConfig): number {
  return Math.max(sequences, Math.min(maxBatchTokens, 64))
}

function openContext(
  { llama }: Native,
  model: ModelPointer,
  plan: ContextPlan,
  sequences: number,
  config: LlamaConfig,
): ContextPointer | null {
  const params = llama.contextDefaultParams()
  params.n_ctx = plan.cells
  params.n_seq_max = sequences
  // Prevents llama.cpp from splitting batches in ways unknown to `decode-calls.ts`.
  params.n_batch = config.maxBatchTokens
  params.n_ubatch = params.n_batch
  params.n_outputs_max = outputRows(sequences, config)
  params.n_threads = config.threads
  params.n_threads_batch = config.threads
  params.kv_unified = plan.shared
  if (plan.flashAttention === 'off') params.flash_attn_type = 0
  if (plan.flashAttention === 'byRow') params.type_v = ggmlTypeBf16
  return llama.initFromModel(model, params)
}

/** Whether a sequence's memory can be cut after any token. */
function isDivisible(native: Native, model: ModelPointer): boolean {
  const { llama } = native
  const summarises = metadata(native, model, 'general.architecture') === 'deepseek4'
  return !summarises && !llama.modelIsRecurrent(model) && !llama.modelIsHybrid(model)
}
