/**
 * The embedding and reranking loop: each pass computes parts of several texts, and results are sent with the pass that
 * completed them. Shares its thread with the engine loop, which generates. Independent of processes: it gets messages and a
 * function to send them.
 */

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@hadal/base'
import { type PassPart, PassShare, planPass } from '@hadal/batching'
import { isImageInput, type Prompt } from '../../engine.ts'
import { imagesOff, tooManyVectors } from '../../errors.ts'
import { inferenceOff } from '../../onnx/errors.ts'
import type { FromProcess, PooledResult, PooledWork, StepFigures, ToProcess } from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { inputTokens } from './input-tokens.ts'
import type { PooledModel } from './open-pooled.ts'
import { pacedTokenizer } from './paced-tokenizer.ts'
import type { PassRows, PooledContext } from './pooled-context.ts'
import { PooledRequest } from './pooled-request.ts'
import { rerankPairs } from './rerank-pairs.ts'
import { toWire } from './to-wire.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Maximum numbers per response: 32 MiB, some 150 MB as text. */
const maxNumbers = 2 ** 23

type Limits = Pick<LlamaConfig, 'maxBatchSize' | 'maxPrefillTokensWhileDecoding'>

export class PooledLoop {
  #limits: Limits
  readonly #model: PooledModel
  readonly #vocabulary: Vocabulary
  readonly #send: (message: FromProcess) => void
  readonly #clock: Clock
  readonly #share = new PassShare()
  /** Being tokenised. */
  readonly #arriving = new Set<number>()
  /** In turn order. */
  #line: PooledRequest[] = []
  #running = false

  constructor(
    limits: Limits,
    model: PooledModel,
    vocabulary: Vocabulary,
    send: (message: FromProcess) => void,
    clock: Clock,
  ) {
    this.#limits = limits
    this.#model = model
    this.#vocabulary = vocabulary
    this.#send = send
    this.#clock = clock
  }

  receive({ pooled = [], cancelPooled = [], limits }: ToProcess): void {
    if (limits !== undefined) this.#limits = { ...this.#limits, ...limits }
    for (const key of cancelPooled) this.#cancel(key)
    for (const work of pooled) void this.#arrive(work)
  }

  /** The engine loop on this thread made a step. */
  sawStep({ millis }: StepFigures): void {
    this.#share.stepped(millis)
  }

  async #arrive(work: PooledWork): Promise<void> {
    const { key } = work
    this.#arriving.add(key)
    const isWanted = (): boolean => this.#arriving.has(key)
    try {
      // The engine does not forward tensor requests to this process.
      if (work.kind === 'infer') throw inferenceOff('a model of texts')
      const request =
        work.kind === 'embed' ? await this.#toEmbed(work, isWanted) : await this.#toRank(work, isWanted)
      if (request === undefined || !isWanted()) return
      if (request.isDone) this.#send({ type: 'pooled', results: [request.result()] })
      else this.#line.push(request)
    } catch (thrown) {
      if (isWanted()) this.#send({ type: 'pooled', results: [{ key, error: toWire(thrown) }] })
    } finally {
      this.#arriving.delete(key)
    }
    this.#wake()
  }

  async #toEmbed(
    { key, inputs }: Extract<PooledWork, { kind: 'embed' }>,
    isWanted: () => boolean,
  ): Promise<PooledRequest | undefined> {
    const { pooling } = this.#model
    const context = this.#contextFor('embed')
    const texts = inputs.filter((input): input is Prompt => !isImageInput(input))
    if (texts.length < inputs.length) throw imagesOff('this model')
    const check = (vectors: number): void => {
      if (vectors * context.width > maxNumbers) throw tooManyVectors(vectors, context.width, maxNumbers)
    }
    check(inputs.length)
    const tokenize = pacedTokenizer(this.#vocabulary, isWanted)
    const tokens = await inputTokens(texts, context.plan.inputLength, this.#vocabulary, tokenize)
    if (tokens === undefined) return undefined
    if (pooling === 'none') check(tokens.reduce((sum, each) => sum + each.length, 0))
    return new PooledRequest(key, context, tokens, pooling)
  }

  async #toRank(
    work: Extract<PooledWork, { kind: 'rerank' }>,
    isWanted: () => boolean,
  ): Promise<PooledRequest | undefined> {
    const context = this.#contextFor('rerank')
    const { pairFormat, areProbabilities } = this.#model
    const { inputLength } = context.plan
    const tokenize = pacedTokenizer(this.#vocabulary, isWanted)
    const pairs = await rerankPairs(work, pairFormat, inputLength, this.#vocabulary, tokenize)
    return pairs && new PooledRequest(work.key, context, pairs, { areProbabilities })
  }

  #contextFor(kind: PooledContext['kind']): PooledContext {
    const context = this.#model.contexts.find((each) => each.kind === kind)
    if (context === undefined) throw new Error(`there is no context to ${kind}`)
    return context
  }

  /** Makes passes while there is work; yields to the event loop in between to let messages in and steps run. */
  async #run(): Promise<void> {
    while (this.#line.length > 0) {
      if (this.#share.mayPass()) this.#pass()
      await setImmediate()
    }
    this.#running = false
  }

  #wake(): void {
    if (this.#running || this.#line.length === 0) return
    this.#running = true
    void setImmediate().then(() => this.#run())
  }

  /** Computes requests for the same context as the first one in the queue. */
  #pass(): void {
    const begin = this.#clock.now()
    const { context } = this.#line[0]!
    const requests = this.#line.filter((request) => request.context === context)
    const { maxBatchSize, maxPrefillTokensWhileDecoding } = this.#limits
    const parts = planPass(
      requests.map((request) => request.toCome(maxBatchSize)),
      {
        maxTokens: this.#share.generating
          ? Math.min(context.plan.passTokens, maxPrefillTokensWhileDecoding)
          : context.plan.passTokens,
        maxSequences: maxBatchSize,
        whole: this.#model.whole(context.kind),
      },
    )
    const served = this.#compute(context, parts)
    this.#line = [...this.#line.filter((request) => !served.has(request)), ...served].filter(
      (request) => !request.isDone,
    )
    const endedAt = this.#clock.now()
    const millis = endedAt - begin
    this.#share.passed(millis)
    const results: PooledResult[] = []
    for (const request of served) if (request.isDone) results.push(request.result())
    this.#send({
      type: 'pooled',
      results,
      step: {
        decodeTokens: 0,
        prefillTokens: parts.reduce((sum, { tokens }) => sum + tokens, 0),
        attendedTokens: parts.reduce((sum, { tokens }) => sum + (tokens * tokens) / 2, 0),
        isPass: true,
        running: parts.length,
        millis,
        nativeMillis: context.nativeMillis,
        endedAt,
      },
    })
  }

  /** The long text, which takes several passes, is always the first part and so keeps its sequence. */
  #compute(context: PooledContext, parts: readonly PassPart<PooledRequest>[]): Set<PooledRequest> {
    const rows = parts.map(
      ({ id, input, tokens }, sequence): PassRows => ({ sequence, ...id.rows(input, tokens) }),
    )
    context.compute(rows)
    const served = new Set<PooledRequest>()
    let at = 0
    for (const [sequence, { id: request, tokens }] of parts.entries()) {
      const completes = request.computed(tokens, {
        vectors: () => context.vectors().subarray(at * context.width, (at + tokens) * context.width),
        score: () => context.score(sequence),
      })
      if (completes) context.forget(sequence)
      at += tokens
      served.add(request)
    }
    return served
  }

  #cancel(key: number): void {
    this.#arriving.delete(key)
    const request = this.#line.find((each) => each.key === key)
    if (request === undefined) return
    this.#line = this.#line.filter((each) => each !== request)
    if (request.begun) request.context.forget(0)
  }
}
