/**
 * Embeds texts and images in the process of a dual-encoder model: images are decoded ahead of the passes, each pass computes
 * inputs of one kind, and results are sent with the pass that completed them. Independent of processes: it gets messages and a
 * function to send them.
 */

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@hadal/base'
import { type KindPass, planKindPass } from '@hadal/batching'
import { type EmbedInput, isImageInput } from '../engine.ts'
import { contextLengthExceeded, tokensOff, tooManyVectors } from '../errors.ts'
import type { FromProcess, PooledWork, ToProcess, WireError } from '../llama/messages.ts'
import { toWire } from '../llama/process/to-wire.ts'
import type { Towers } from './towers.ts'
import { type ImagePart, type InputPart, TowersRequest } from './towers-request.ts'

export interface TowersLimits {
  /** Inputs per pass. */
  readonly maxBatchSize: number
  /** Text tokens per pass, each text padded to the longest. */
  readonly maxBatchTokens: number
}

/** Maximum numbers per response, as for texts alone. */
const maxNumbers = 2 ** 23
/** Characters to tokenise per token that the model accepts: many times the length of words. */
const charactersLookedAt = 32
/** Tokenised per turn of the event loop. */
const textsPerTurn = 64
/**
 * Passes' worth of images decoded or being decoded: a pass blocks this thread, while decoding continues on the decoder's. Each
 * takes as much memory as the encoder's input.
 */
const passesAhead = 2
/** Share of the last image pass's duration that the next one waits for images being decoded. */
const patienceShare = 0.5
/** As for `batch`: measured with calls that pad (docs/batching.md). */
const [maxPaddingShare, maxPassedOver] = [0.3, 16]

export class TowersLoop {
  #limits: TowersLimits
  readonly #towers: Towers
  readonly #name: string
  readonly #send: (message: FromProcess) => void
  readonly #clock: Clock
  /** Being tokenised. */
  readonly #arriving = new Set<number>()
  /** In turn order. */
  #line: TowersRequest[] = []
  #running = false
  /** Includes those of cancelled requests. */
  #decoding = 0
  /** Duration of the last image pass. */
  #imageMillis = 0
  /** Until when ready images wait for others. */
  #waitsUntil: number | undefined

  /** `name` is the model's. */
  constructor(
    limits: TowersLimits,
    towers: Towers,
    name: string,
    send: (message: FromProcess) => void,
    clock: Clock,
  ) {
    this.#limits = limits
    this.#towers = towers
    this.#name = name
    this.#send = send
    this.#clock = clock
  }

  /** Every message gets a reply, so that a silent process is known to hang. */
  receive({ pooled = [], cancelPooled = [], ask = [], limits }: ToProcess): void {
    if (limits !== undefined) this.#limits = limits
    for (const key of cancelPooled) this.#cancel(key)
    for (const work of pooled) void this.#arrive(work)
    const answers = ask.map(({ id }) => ({ id, error: tokensOff(this.#name).toWire() }))
    this.#send({ type: 'step', kvCacheUsage: 0, events: [], answers })
  }

  async #arrive(work: PooledWork): Promise<void> {
    const { key } = work
    this.#arriving.add(key)
    try {
      const request = await this.#read(work)
      if (request === undefined) return
      this.#line.push(request)
    } catch (thrown) {
      if (this.#arriving.has(key)) this.#fail(key, toWire(thrown))
    } finally {
      this.#arriving.delete(key)
    }
    this.#decodeAhead()
    this.#wake()
  }

  /** Undefined if it was cancelled meanwhile. */
  async #read(work: PooledWork): Promise<TowersRequest | undefined> {
    const { embeddingLength } = this.#towers.model
    const inputs = work.kind === 'embed' ? work.inputs : []
    if (inputs.length * embeddingLength > maxNumbers)
      throw tooManyVectors(inputs.length, embeddingLength, maxNumbers)
    const parts: InputPart[] = []
    for (const [index, input] of inputs.entries()) {
      if (index > 0 && index % textsPerTurn === 0) await setImmediate()
      if (!this.#arriving.has(work.key)) return undefined
      parts.push(this.#part(input, index, inputs.length))
    }
    return new TowersRequest(
      work.key,
      parts,
      parts.map((part) => this.#tokensOf(part)),
    )
  }

  /** Throws `context_length_exceeded` and `tokens_off`. */
  #part(input: EmbedInput, index: number, count: number): InputPart {
    const counted = { index, passedOver: 0 }
    if (typeof input === 'string') {
      const ids = this.#tokenize(input, nameOf(index, count))
      return { kind: 'text', ids, tokens: this.#towers.model.paddedLength(ids.length), ...counted }
    }
    if (!isImageInput(input)) throw tokensOff(this.#name)
    return { kind: 'image', file: input.image, tokens: 1, isDecoding: false, ...counted }
  }

  /** Only the start of a very long text is tokenised, because this thread is shared. */
  #tokenize(text: string, name: string): readonly number[] {
    const { contextLength } = this.#towers.model
    const looked = text.slice(0, contextLength * charactersLookedAt)
    const isCut = looked.length < text.length
    const prefix = this.#towers.tokenize(looked)
    // At the cut there may be one extra token.
    if (isCut && prefix.length > contextLength + 1)
      throw contextLengthExceeded(prefix.length - 1, contextLength, true, name)
    const ids = isCut ? this.#towers.tokenize(text) : prefix
    if (ids.length > contextLength) throw contextLengthExceeded(ids.length, contextLength, false, name)
    return ids
  }

  /** Starts decoding the images that are next in order. */
  #decodeAhead(): void {
    const most = this.#limits.maxBatchSize * passesAhead
    const all = this.#line.flatMap((request) => request.images.map((part) => ({ request, part })))
    let ahead = this.#decoding + all.filter(({ part }) => part.pixels !== undefined).length
    for (const { request, part } of all) {
      if (ahead >= most) return
      if (part.isDecoding || part.pixels !== undefined) continue
      ahead += 1
      void this.#decode(request, part)
    }
  }

  async #decode(request: TowersRequest, part: ImagePart): Promise<void> {
    part.isDecoding = true
    this.#decoding += 1
    try {
      const name = request.count === 1 ? 'given' : `in input ${part.index}`
      part.pixels = await this.#towers.decode(part.file, name)
    } catch (thrown) {
      const param = request.count === 1 ? '' : `[${part.index}]`
      const error = { ...toWire(thrown), param }
      if (this.#drop(request.key)) this.#fail(request.key, error)
    } finally {
      part.isDecoding = false
      this.#decoding -= 1
    }
    this.#decodeAhead()
    this.#wake()
  }

  /** Makes passes while inputs are ready; yields to the event loop in between to let messages and decoded images in. */
  async #run(): Promise<void> {
    while (this.#pass()) await setImmediate()
    this.#running = false
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    void setImmediate().then(() => this.#run())
  }

  /** False if nothing is ready. */
  #pass(): boolean {
    const begin = this.#clock.now()
    const pass = this.#plan(begin)
    if (pass === undefined) return false
    for (const part of pass.passedOver) part.passedOver += 1
    const parts = pass.parts.map(({ input }) => input)
    const vectors = this.#compute(parts)
    const served = new Set<TowersRequest>()
    for (const [at, { id: request, input }] of pass.parts.entries()) {
      request.computed(input, vectors[at]!)
      served.add(request)
    }
    const endedAt = this.#clock.now()
    const millis = endedAt - begin
    if (pass.kind === 'image') [this.#imageMillis, this.#waitsUntil] = [millis, undefined]
    const others = this.#line.filter((request) => !served.has(request))
    this.#line = [...others, ...[...served].filter((request) => !request.isDone)]
    this.#decodeAhead()
    this.#send({
      type: 'pooled',
      results: [...served].filter((request) => request.isDone).map((request) => request.result()),
      step: {
        decodeTokens: 0,
        prefillTokens: parts.reduce((sum, part) => sum + this.#tokensOf(part), 0),
        isPass: true,
        tower: parts[0]!.kind,
        running: parts.length,
        millis,
        endedAt,
      },
    })
    return true
  }

  /** Images wait briefly for others being decoded if the pass has space for them; texts are computed meanwhile. */
  #plan(now: number): Plan | undefined {
    const limits = { ...this.#limits, maxPaddingShare, maxPassedOver }
    const requests = this.#line.map((request) => request.ready())
    const pass = planKindPass(requests, limits)
    if (pass?.kind !== 'image' || pass.parts.length >= limits.maxBatchSize || !this.#isDecoding) return pass
    if (this.#waitsUntil === undefined) {
      const patience = this.#imageMillis * patienceShare
      this.#waitsUntil = now + patience
      if (patience > 0) void this.#clock.sleep(patience).then(() => this.#wake())
    }
    if (this.#waitsUntil <= now) return pass
    const texts = requests.map(({ id, inputs }) => ({
      id,
      inputs: inputs.filter(({ kind }) => kind === 'text'),
    }))
    return planKindPass(texts, limits)
  }

  get #isDecoding(): boolean {
    return this.#line.some(({ images }) => images.some((part) => part.isDecoding))
  }

  /** All parts are of one kind. */
  #compute(parts: readonly InputPart[]): readonly Float32Array[] {
    const texts = parts.filter((part) => part.kind === 'text')
    if (texts.length > 0) return this.#towers.embedTexts(texts.map(({ ids }) => ids))
    return this.#towers.embedImages(parts.flatMap((part) => (part.kind === 'image' ? [part.pixels!] : [])))
  }

  /** Its token count. */
  #tokensOf(part: InputPart): number {
    return part.kind === 'text' ? part.ids.length : this.#towers.model.images.tokens
  }

  #cancel(key: number): void {
    this.#arriving.delete(key)
    this.#drop(key)
  }

  /** False if it is not queued any more. */
  #drop(key: number): boolean {
    const before = this.#line.length
    this.#line = this.#line.filter((request) => request.key !== key)
    return this.#line.length < before
  }

  #fail(key: number, error: WireError): void {
    this.#send({ type: 'pooled', results: [{ key, error }] })
  }
}

type Plan = KindPass<TowersRequest, InputPart>

const nameOf = (index: number, count: number): string => (count === 1 ? 'the input' : `input ${index}`)
