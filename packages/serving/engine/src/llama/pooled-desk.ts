/**
 * Manages embedding, reranking and inference requests: a separate queue in front of the engine process. If the process dies,
 * running requests fail and queued ones wait for the next process.
 */

import { HadalError, onAbort } from '@hadal/base'
import { type EmbedInput, type EngineLimits, isImageInput, type Prompt, type Scheduling } from '../engine.ts'
import type { TensorValue } from '../tensor-value.ts'
import type { EngineProcess } from './engine-process.ts'
import type { PooledResult, PooledWork } from './messages.ts'
import { promptSize } from './prompt-size.ts'
import { WaitingLine, type WaitingLineOptions } from './waiting-line.ts'

export type RequestedPooled = PooledWork extends infer W ? (W extends PooledWork ? Omit<W, 'key'> : never) : never
type Done = Exclude<PooledResult, { readonly error: unknown }>
export type ResultOf<Requested extends RequestedPooled> = Requested extends { readonly kind: 'embed' }
  ? Extract<Done, { readonly vectors: unknown }>
  : Requested extends { readonly kind: 'rerank' }
    ? Extract<Done, { readonly scores: unknown }>
    : Extract<Done, { readonly outputs: unknown }>

export interface PooledDeskOptions
  extends Omit<WaitingLineOptions<Pending>, 'isOpen' | 'send' | 'late' | 'canPreempt'> {
  /** Undefined while there is none. */
  readonly process: () => Pick<EngineProcess, 'startPooled' | 'cancelPooled'> | undefined
  /** Tokens per pass. */
  readonly maxBatchTokens: number
}

/** Passes' worth of requests in the process, so that it need not wait between passes. */
const passesAhead = 2

interface Pending {
  readonly work: PooledWork
  readonly size: WorkSize
  readonly resolve: (result: Done) => void
  /** The reason of the aborted signal. */
  readonly reject: (reason: unknown) => void
}

export class PooledDesk {
  readonly #process: PooledDeskOptions['process']
  readonly #line: WaitingLine<Pending>
  /** Queued or running requests, by key. */
  readonly #pending = new Map<number, Pending>()
  /** Total of the running requests. */
  #size: WorkSize = { texts: 0, tokens: 0, images: 0 }
  #pass: Omit<WorkSize, 'images'>
  #nextKey = 1
  /** A request was cancelled in the process, which has not sent anything since. */
  #cancelUnheard = false

  constructor({ process, maxBatchTokens, ...options }: PooledDeskOptions) {
    this.#process = process
    this.#pass = { texts: options.maxBatchSize, tokens: maxBatchTokens }
    this.#line = new WaitingLine({
      ...options,
      maxBatchSize: options.maxBatchSize * passesAhead,
      late: ({ reject }, error) => reject(error),
      isOpen: () => process() !== undefined,
      send: ({ work }) => process()!.startPooled(work),
    })
  }

  get running(): number {
    return this.#line.running
  }

  get waiting(): number {
    return this.#line.waiting
  }

  /** Whether a message from the process is due. */
  get isOwed(): boolean {
    return this.#line.running > 0 || this.#cancelUnheard
  }

  limit({
    maxBatchSize,
    maxBatchTokens,
    timeoutMicros,
  }: Omit<EngineLimits, 'maxPrefillTokensWhileDecoding'>): void {
    this.#pass = { texts: maxBatchSize, tokens: maxBatchTokens }
    this.#line.limit({ maxBatchSize: maxBatchSize * passesAhead, timeoutMicros })
  }

  /** A process is available again. */
  dispatch(): void {
    this.#line.dispatch()
  }

  /**
   * Throws `queue_full` or `deadline_unmet` immediately, otherwise the error of the process, of its crash, or the reason of the
   * signal.
   */
  async run<Requested extends RequestedPooled>(
    requested: Requested,
    { priority, client, deadlineMillis }: Scheduling,
    signal: AbortSignal | undefined,
  ): Promise<ResultOf<Requested>> {
    signal?.throwIfAborted()
    const work = { ...requested, key: this.#nextKey } as PooledWork
    const size = sizeOf(requested)
    this.#nextKey += 1
    let stopListening = (): void => {}
    try {
      return (await new Promise<Done>((resolve, reject) => {
        const pending: Pending = { work, size, resolve, reject }
        this.#pending.set(work.key, pending)
        this.#count(size, 1)
        if (signal !== undefined) stopListening = onAbort(signal, () => this.#cancel(pending, signal))
        const refused = this.#line.enter(pending, {
          ...(priority !== undefined && { priority }),
          ...(client !== undefined && { key: client }),
          ...(deadlineMillis !== undefined && { withinMillis: deadlineMillis }),
          tokens: size.tokens + size.images * tokensOfImage,
        })
        if (refused !== undefined) reject(refused)
        else if (this.#isPassFull()) this.#line.dispatch({ atOnce: true })
      })) as ResultOf<Requested>
    } finally {
      stopListening()
      this.#pending.delete(work.key)
      this.#count(size, -1)
    }
  }

  /** A message from the process arrived, with results of these requests. */
  receive(results: readonly PooledResult[]): void {
    this.#cancelUnheard = false
    for (const result of results) {
      const pending = this.#pending.get(result.key)
      // A cancelled request may still have been in a running pass.
      if (pending === undefined) continue
      if ('error' in result) {
        this.#line.leave(pending)
        pending.reject(HadalError.revive(result.error))
      } else {
        this.#line.gaveFirst(pending)
        this.#line.served(pending)
        pending.resolve(result)
      }
    }
    if (results.length > 0) this.#line.dispatch()
  }

  /** The process died: fails its requests. */
  failRunning(error: () => HadalError): void {
    for (const pending of this.#line.takeRunning()) pending.reject(error())
    this.#cancelUnheard = false
  }

  /** No process is available for now or for good, or none that does this kind of work. */
  failWaiting(error: HadalError, kind?: PooledWork['kind']): void {
    const isMeant = ({ work }: Pending): boolean => kind === undefined || work.kind === kind
    for (const pending of this.#line.takeWaiting(isMeant)) pending.reject(error)
  }

  #count({ texts, tokens, images }: WorkSize, sign: 1 | -1): void {
    const before = this.#size
    this.#size = {
      texts: before.texts + sign * texts,
      tokens: before.tokens + sign * tokens,
      images: before.images + sign * images,
    }
  }

  /** Whether the queue fills a pass while the process is idle: then there is no need to wait for more. */
  #isPassFull(): boolean {
    if (this.#line.running > 0) return false
    const { texts, tokens, images } = this.#size
    // Images and texts have separate passes.
    return texts >= this.#pass.texts || tokens >= this.#pass.tokens || images >= this.#pass.texts
  }

  #cancel(pending: Pending, signal: AbortSignal): void {
    if (this.#line.leave(pending) === 'process') {
      this.#process()?.cancelPooled(pending.work.key)
      this.#cancelUnheard = this.#process() !== undefined
    }
    pending.reject(signal.reason)
    this.#line.dispatch()
  }
}

interface WorkSize {
  readonly texts: number
  /** Estimated tokens of the texts. */
  readonly tokens: number
  readonly images: number
}

/** Charge per image for fair sharing: some ViT models have 50 positions, some 577. A row of tensors counts as one. */
const tokensOfImage = 256

function sizeOf(requested: RequestedPooled): WorkSize {
  if (requested.kind === 'infer') return { texts: 0, tokens: 0, images: rowsOf(requested.inputs) }
  const inputs: readonly EmbedInput[] = requested.kind === 'embed' ? requested.inputs : requested.documents
  const texts = inputs.filter((input): input is Prompt => !isImageInput(input))
  const images = inputs.length - texts.length
  const beside = requested.kind === 'embed' ? 0 : promptSize(requested.query)
  const tokens = texts.reduce((sum, text) => sum + beside + promptSize(text), 0)
  return { texts: texts.length, tokens, images }
}

/** Uses the first dimension unchecked: the tensors have not been validated yet. */
function rowsOf([first]: readonly TensorValue[]): number {
  const rows = first?.dims[0] ?? 1
  return Number.isSafeInteger(rows) && rows > 0 ? rows : 1
}
