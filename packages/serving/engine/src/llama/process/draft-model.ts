/**
 * A small draft model that proposes the most likely next tokens of several sequences at once. It synchronises with the
 * sequences by itself: whatever they added or dropped, it computes only what is new.
 */

import { basename } from 'node:path'
import type { Clock } from '@hadal/base'
import { draftModelUnfit, modelUnusable } from '../../errors.ts'
import type { ContextPointer, MemoryPointer, Native, SamplerPointer, ThreadPoolPointer } from '../binding.ts'
import { Batch } from './batch.ts'
import { bytesPerCell } from './model-metadata.ts'
import { Vocabulary } from './vocabulary.ts'

export interface DraftModelOptions {
  readonly path: string
  readonly slots: number
  /** The maximum length of its sequences, if memory allows. */
  readonly contextLength: number
  readonly threads: number
  /** The target's: the two never compute at the same time. */
  readonly threadpool: ThreadPoolPointer | null
  readonly gpuLayers: number | null
  /** The target model's. */
  readonly vocabulary: Vocabulary
  readonly clock: Clock
}

export interface DraftWanted {
  readonly slot: number
  /** All tokens of the sequence so far. */
  readonly tokens: readonly number[]
  readonly most: number
}

/** Rows per call. A sequence that is further behind catches up over several steps without drafts. */
const batchTokens = 256
/** For keys and values; longer sequences get no drafts. */
const maxBytes = 512 * 1024 ** 2
/** llama.cpp's limit on the size difference of otherwise equal vocabularies: padding. */
const paddingTokens = 128

interface Catching {
  readonly wanted: DraftWanted
  readonly draft: number[]
  row: number
}

export class DraftModel {
  readonly name: string
  readonly #native: Native
  readonly #context: ContextPointer
  readonly #memory: MemoryPointer
  readonly #vocabulary: Vocabulary
  readonly #sampler: SamplerPointer
  readonly #batch: Batch
  readonly #contextLength: number
  readonly #clock: Clock
  /** The cached tokens of each slot. */
  readonly #held: number[][]

  /** Throws `model_unusable` and `draft_model_unfit`. */
  constructor(
    native: Native,
    { path, slots, contextLength, threads, threadpool, gpuLayers, vocabulary, clock }: DraftModelOptions,
  ) {
    const { llama } = native
    const modelParams = llama.modelDefaultParams()
    if (gpuLayers !== null) modelParams.n_gpu_layers = gpuLayers
    const model = llama.modelLoadFromFile(path, modelParams)
    if (model === null) throw modelUnusable(path, 'llama.cpp could not load it')
    if (!llama.modelHasDecoder(model) || llama.modelIsRecurrent(model) || llama.modelIsHybrid(model))
      throw draftModelUnfit(path, 'it cannot take tokens back')
    this.#vocabulary = new Vocabulary(native, llama.modelGetVocab(model))
    const difference = differenceOf(this.#vocabulary, vocabulary)
    if (difference !== undefined) throw draftModelUnfit(path, difference)

    const params = llama.contextDefaultParams()
    const affordable = Math.floor(maxBytes / bytesPerCell(native, model) / slots)
    params.n_ctx = Math.min(contextLength, affordable) * slots
    params.n_seq_max = slots
    params.n_batch = Math.max(batchTokens, slots)
    params.n_ubatch = params.n_batch
    params.n_outputs_max = slots
    params.n_threads = threads
    params.n_threads_batch = threads
    params.kv_unified = false
    const context = llama.initFromModel(model, params)
    if (context === null) throw modelUnusable(path, 'llama.cpp could not make a context for it')
    // Its own pool would compete with the target's for the same cores.
    if (threadpool !== null) llama.attachThreadpool(context, threadpool, threadpool)
    this.name = basename(path)
    this.#clock = clock
    this.#native = native
    this.#context = context
    this.#memory = llama.getMemory(context)
    this.#sampler = llama.samplerInitGreedy()
    this.#batch = new Batch(params.n_batch)
    this.#contextLength = llama.nCtxSeq(context)
    this.#held = Array.from({ length: slots }, () => [])
  }

  setThreads(threads: number): void {
    this.#native.llama.setNThreads(this.#context, threads, threads)
  }

  /**
   * Up to the requested number of tokens per sequence; none if the text ends or there is too much to catch up with. `passed`
   * reports the duration of each pass that proposes one token for a number of sequences.
   */
  draft(sequences: readonly DraftWanted[], passed: (sequences: number, millis: number) => void): number[][] {
    const working = this.#catchUp(sequences)
    while (working.some((each) => isOpen(each))) {
      const begin = this.#clock.now()
      const open = working.filter((each) => isOpen(each))
      for (const each of open) this.#guess(each)
      const further = open.filter((each) => isOpen(each))
      this.#batch.clear()
      for (const each of further) each.row = this.#add(each.wanted.slot, each.draft.at(-1)!, true)
      if (further.length === 0) break
      this.#decode()
      passed(further.length, this.#clock.now() - begin)
    }
    return sequences.map((wanted) => working.find((each) => each.wanted === wanted)?.draft ?? [])
  }

  /** Sequences whose last token has been computed; its logits are in `row`. */
  #catchUp(sequences: readonly DraftWanted[]): Catching[] {
    this.#batch.clear()
    let room = this.#batch.capacity
    const ready: Catching[] = []
    for (const wanted of sequences) {
      const { slot, tokens, most } = wanted
      if (most < 1 || tokens.length + most > this.#contextLength) continue
      const held = this.#held[slot]!
      // The last token is recomputed if it is cached: its logits are needed.
      const common = Math.min(commonLength(held, tokens), tokens.length - 1)
      this.#native.llama.memorySeqRm(this.#memory, slot, common, -1)
      held.length = common
      const missing = tokens.slice(common, common + room)
      room -= missing.length
      const isWhole = common + missing.length === tokens.length
      let row = -1
      for (const [at, token] of missing.entries())
        row = this.#add(slot, token, isWhole && at === missing.length - 1)
      if (isWhole) ready.push({ wanted, draft: [], row })
    }
    if (this.#batch.native.n_tokens > 0) this.#decode()
    return ready
  }

  /** The most likely next token; an end token ends the draft. */
  #guess(catching: Catching): void {
    const token = this.#native.llama.samplerSample(this.#sampler, this.#context, catching.row)
    if (this.#vocabulary.endsGeneration(token)) catching.row = -1
    else catching.draft.push(token)
  }

  #add(slot: number, token: number, wantLogits: boolean): number {
    const held = this.#held[slot]!
    const row = this.#batch.add(token, held.length, slot, wantLogits)
    held.push(token)
    return row
  }

  #decode(): void {
    const result = this.#native.llama.decode(this.#context, this.#batch.native)
    if (result !== 0) throw new Error(`llama_decode of the draft model returned ${result}`)
  }
}

const isOpen = ({ wanted, draft, row }: Catching): boolean => row >= 0 && draft.length < wanted.most

function commonLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length += 1
  return length
}

/** Why draft tokens of one would mean something else to the other. */
function differenceOf(draft: Vocabulary, target: Vocabulary): string | undefined {
  if (Math.abs(draft.size - target.size) > paddingTokens)
    return `its vocabulary has ${draft.size} tokens, not ${target.size}`
  for (let token = 0; token < Math.min(draft.size, target.size); token += 1)
    if (draft.textOf(token) !== target.textOf(token))
      return `token ${token} is ${JSON.stringify(draft.textOf(token))}, not ${JSON.stringify(target.textOf(token))}`
  return undefined
}
