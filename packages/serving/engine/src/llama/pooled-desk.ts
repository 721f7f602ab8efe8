/**
 * Requests to embed, to rank and to infer: who waits for what. They have a line of their own in front of the engine process. Those in a
 * process that died fail; those in line wait for the next. Knows nothing of texts and vectors.
 */

import { HadalError, onAbort } from '@hadal/base'
import { type EmbedInput, type EngineLimits, isImageInput, type Prompt, type Scheduling } from '../engine.ts'
import type { TensorValue } from '../tensor-value.ts'
import type { EngineProcess } from './engine-process.ts'
import type { PooledResult, PooledWork } from './messages.ts'
import { promptSize } from './prompt-size.ts'
import { WaitingLine, type WaitingLineOptions } from './waiting-line.ts'

export type AskedPooled = PooledWork extends infer W ? (W extends PooledWork ? Omit<W, 'key'> : never) : never
type Done = Exclude<PooledResult, { readonly error: unknown }>
export type ResultOf<Asked extends AskedPooled> = Asked extends { readonly kind: 'embed' }
  ? Extract<Done, { readonly vectors: unknown }>
  : Asked extends { readonly kind: 'rerank' }
    ? Extract<Done, { readonly scores: unknown }>
    : Extract<Done, { readonly outputs: unknown }>

export interface PooledDeskOptions
  extends Omit<WaitingLineOptions<Pending>, 'isOpen' | 'send' | 'late' | 'canPreempt'> {
  /** Undefined while there is none. */
  readonly process: () => Pick<EngineProcess, 'startPooled' | 'cancelPooled'> | undefined
  /** Of a pass. */
  readonly maxBatchTokens: number
}

/** That the process has requests for: between two passes it need not wait for the next ones. */
const passesAhead = 2

interface Pending {
  readonly work: PooledWork
  readonly size: WorkSize
  readonly resolve: (result: Done) => void
  /** Whatever an aborted signal has as its reason. */
  readonly reject: (reason: unknown) => void
}

export class PooledDesk {
  readonly #process: PooledDeskOptions['process']
  readonly #line: WaitingLine<Pending>
  /** In line or in the process, by key. */
  readonly #pending = new Map<number, Pending>()
  /** Of all of them. */
  #size: WorkSize = { texts: 0, tokens: 0, images: 0 }
  #pass: Omit<WorkSize, 'images'>
  #nextKey = 1
  /** One was cancelled in the process, which has said nothing since. */
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

  /** Whether the process has to say something. */
  get isOwed(): boolean {
    return this.#line.running > 0 || this.#cancelUnheard
  }

  limit({
    maxBatchSize,
    maxBatchTokens,
    timeoutMicros,
  }: Omit<EngineLimits, 'maxPrefillTokensBesideDecodes'>): void {
    this.#pass = { texts: maxBatchSize, tokens: maxBatchTokens }
    this.#line.limit({ maxBatchSize: maxBatchSize * passesAhead, timeoutMicros })
  }

  /** There is a process again. */
  dispatch(): void {
    this.#line.dispatch()
  }

  /** Throws `queue_full` or `deadline_unmet` at once, else what the process says, what it died of, or the reason of the signal. */
  async run<Asked extends AskedPooled>(
    asked: Asked,
    { priority, client, deadlineMillis }: Scheduling,
    signal: AbortSignal | undefined,
  ): Promise<ResultOf<Asked>> {
    signal?.throwIfAborted()
    const work = { ...asked, key: this.#nextKey } as PooledWork
    const size = sizeOf(asked)
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
      })) as ResultOf<Asked>
    } finally {
      stopListening()
      this.#pending.delete(work.key)
      this.#count(size, -1)
    }
  }

  /** The process has said anything: what of these requests. */
  receive(results: readonly PooledResult[]): void {
    this.#cancelUnheard = false
    for (const result of results) {
      const pending = this.#pending.get(result.key)
      // One that was cancelled may still have had a pass under way.
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

  /** The process died under those in it. */
  failRunning(error: () => HadalError): void {
    for (const pending of this.#line.takeRunning()) pending.reject(error())
    this.#cancelUnheard = false
  }

  /** No process will come soon, or ever; or none that does this kind of work. */
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

  /** By what is in line while nothing is in the process: no need to wait for company. */
  #isPassFull(): boolean {
    if (this.#line.running > 0) return false
    const { texts, tokens, images } = this.#size
    // Of images and texts each has passes of its own.
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
  /** Of the texts; guessed. */
  readonly tokens: number
  readonly images: number
}

/** What a key is charged for one, as the share of others is reckoned: some ViT have 50 positions, some 577. A row of tensors counts as one. */
const tokensOfImage = 256

function sizeOf(asked: AskedPooled): WorkSize {
  if (asked.kind === 'infer') return { texts: 0, tokens: 0, images: rowsOf(asked.inputs) }
  const inputs: readonly EmbedInput[] = asked.kind === 'embed' ? asked.inputs : asked.documents
  const texts = inputs.filter((input): input is Prompt => !isImageInput(input))
  const images = inputs.length - texts.length
  const beside = asked.kind === 'embed' ? 0 : promptSize(asked.query)
  const tokens = texts.reduce((sum, text) => sum + beside + promptSize(text), 0)
  return { texts: texts.length, tokens, images }
}

/** Whatever their first dimension is, for nobody has looked at them yet. */
function rowsOf([first]: readonly TensorValue[]): number {
  const rows = first?.dims[0] ?? 1
  return Number.isSafeInteger(rows) && rows > 0 ? rows : 1
}
