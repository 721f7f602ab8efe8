/**
 * A context that computes whole texts: token vectors for pooling, or scores of pairs. It shares the weights, and nothing else,
 * with the generation context.
 */

import { availableParallelism } from 'node:os'
import type { Clock } from '@hadal/base'
import koffi from 'koffi'
import type { ContextPointer, MemoryPointer, ModelPointer, Native, ThreadPoolPointer } from '../binding.ts'
import type { LlamaConfig } from '../options.ts'
import type { PooledContextPlan } from '../pooled-context-plan.ts'
import { Batch } from './batch.ts'
import { processorTimes } from './processor-times.ts'
import { type ProcessorTimes, ThreadGovernor } from './thread-governor.ts'

/** LLAMA_POOLING_TYPE_NONE: `Pool` pools, also across passes. */
const poolingNone = 0
/** LLAMA_POOLING_TYPE_RANK: the classification head. */
const poolingRank = 4

/**
 * On a CPU, flash attention computes fewer rows one by one (`GGML_FA_TILE_Q`): a pass of 32 or 63 tokens takes twice as long as
 * without it. From this size on, flash attention is faster.
 */
const minFlashRows = 64

export type PooledKind = 'embed' | 'rerank'

export interface PooledContextOptions {
  readonly native: Native
  readonly model: ModelPointer
  readonly kind: PooledKind
  readonly plan: PooledContextPlan
  readonly config: LlamaConfig
  readonly onCpu: boolean
  /** Maximum compute threads. */
  readonly threads: number
  readonly loadedFrom: ProcessorTimes
  readonly pool: ThreadPoolPointer | null
  readonly clock: Clock
}

/** Tokens of one sequence in a pass; `from` is the position of the first one in its text. */
export interface PassRows {
  readonly sequence: number
  readonly from: number
  readonly tokens: readonly number[]
}

export class PooledContext {
  readonly kind: PooledKind
  readonly plan: PooledContextPlan
  /** Vector length. */
  readonly width: number
  readonly #native: Native
  readonly #context: ContextPointer
  /** The same without flash attention, for few rows. */
  readonly #few: ContextPointer | undefined
  /** The one that computed the last pass. */
  #last: ContextPointer
  readonly #memory: MemoryPointer | null
  readonly #encodes: boolean
  readonly #batch: Batch
  readonly #governor: ThreadGovernor
  readonly #clock: Clock
  #nativeMillis = 0

  /** Undefined if llama.cpp could not create a context; its log has the reason. */
  static open(options: PooledContextOptions): PooledContext | undefined {
    const { native, plan, onCpu } = options
    const context = openContext(options, { rows: plan.capacity, cells: plan.cells, flash: true })
    if (context === null) return undefined
    // A context with cells must compute all of a text.
    if (!onCpu || native.llama.getMemory(context) !== null)
      return new PooledContext(options, context, undefined)
    const few = openContext(options, { rows: minFlashRows - 1, cells: minFlashRows, flash: false })
    return few === null ? undefined : new PooledContext(options, context, few)
  }

  private constructor(
    options: PooledContextOptions,
    context: ContextPointer,
    few: ContextPointer | undefined,
  ) {
    const { native, model, kind, plan, threads, loadedFrom, clock } = options
    this.kind = kind
    this.plan = plan
    this.width = native.llama.modelNEmbdOut(model)
    this.#native = native
    this.#context = context
    this.#few = few
    this.#last = context
    this.#memory = native.llama.getMemory(context) as MemoryPointer | null
    this.#encodes = this.#memory === null || native.llama.modelHasEncoder(model)
    this.#batch = new Batch(plan.capacity)
    this.#governor = new ThreadGovernor(threads, availableParallelism(), loadedFrom)
    this.#clock = clock
  }

  /** Bytes of keys and values. */
  get bytes(): number {
    return this.#memory === null ? 0 : this.plan.bytes
  }

  compute(parts: readonly PassRows[]): void {
    const { llama } = this.#native
    this.#batch.clear()
    for (const { sequence, from, tokens } of parts)
      for (const [at, token] of tokens.entries()) this.#batch.add(token, from + at, sequence, true)
    this.#govern()
    const isFew = this.#few !== undefined && this.#batch.native.n_tokens < minFlashRows
    this.#last = isFew ? this.#few! : this.#context
    const run = this.#encodes ? llama.encode : llama.decode
    const begin = this.#clock.now()
    const result = run(this.#last, this.#batch.native)
    this.#nativeMillis = this.#clock.now() - begin
    // Cells suffice and every row is checked, so this is a bug or a hardware error: restart.
    if (result !== 0) throw new Error(`llama.cpp returned ${result} for a pass over texts`)
  }

  /** Time of the last pass in the library's computation. */
  get nativeMillis(): number {
    return this.#nativeMillis
  }

  /** The concatenated token vectors of the last pass; valid until the next one. */
  vectors(): Float32Array {
    const pointer = this.#native.llama.getEmbeddings(this.#last)
    if (pointer === null) throw new Error('the pass gave no vectors')
    const rows = this.#batch.native.n_tokens
    return new Float32Array(koffi.view(pointer, rows * this.width * 4))
  }

  /** For a sequence whose last token was in the last pass. */
  score(sequence: number): number {
    const pointer = this.#native.llama.getEmbeddingsSeq(this.#last, sequence)
    if (pointer === null) throw new Error(`sequence ${sequence} has no score`)
    return new Float32Array(koffi.view(pointer, 4))[0]!
  }

  forget(sequence: number): void {
    if (this.#memory !== null) this.#native.llama.memorySeqRm(this.#memory, sequence, -1, -1)
  }

  #govern(): void {
    const now = this.#clock.now()
    if (!this.#governor.isDue(now)) return
    this.#governor.decide(processorTimes(now))
    const { threads } = this.#governor
    for (const context of [this.#context, this.#few])
      if (context !== undefined) this.#native.llama.setNThreads(context, threads, threads)
  }
}

function openContext(
  { native, model, kind, config, pool }: PooledContextOptions,
  { rows, cells, flash }: { readonly rows: number; readonly cells: number; readonly flash: boolean },
): ContextPointer | null {
  const params = native.llama.contextDefaultParams()
  params.n_ctx = cells
  params.n_seq_max = config.maxBatchSize
  params.n_batch = rows
  params.n_ubatch = rows
  params.n_threads = config.threads
  params.n_threads_batch = config.threads
  params.embeddings = true
  params.pooling_type = kind === 'rerank' ? poolingRank : poolingNone
  // Most texts need a single pass: separate cells would be empty most of the time.
  params.kv_unified = true
  if (!flash) params.flash_attn_type = 0
  const context = native.llama.initFromModel(model, params)
  if (context === null) return null
  // A batch above the actual capacity aborts the process later.
  if (native.llama.nBatch(context) < rows) throw new Error('llama.cpp made the context smaller')
  if (pool !== null) native.llama.attachThreadpool(context, pool, pool)
  return context
}
