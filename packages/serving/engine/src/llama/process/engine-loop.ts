/**
 * The core of the engine: schedule, compute, sample, deliver, repeat. Sequences join and leave between steps. Independent of
 * processes: it gets messages and a function to send them.
 */

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@hadal/base'
import {
  Admission,
  attendedTokens,
  prefillBound,
  prefillTokensOf,
  StepCosts,
  type StepPlan,
  StepScheduler,
  type StepWork,
} from '@hadal/batching'
import type { CacheQuestion, CacheView, EngineLimits } from '../../engine.ts'
import type { FromProcess, Question, StepFigures, ToProcess } from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { answerQuestion } from './answer-question.ts'
import { Arrivals } from './arrivals.ts'
import { Cells } from './cells.ts'
import { decodeCalls, type Work, worthFilling } from './decode-calls.ts'
import { Decoder } from './decoder.ts'
import type { LoadedModel } from './open-generator.ts'
import { hostCacheBytes } from './open-prefixes.ts'
import { Outbox } from './outbox.ts'
import type { KeptPrefix, PrefixFiles } from './prefix-files.ts'
import type { Sequence } from './sequence.ts'
import { SequenceCache } from './sequence-cache.ts'
import { SequenceMaker } from './sequence-maker.ts'
import type { Placement } from './slots.ts'
import type { Speculation } from './speculation.ts'
import { stepMembers } from './step-members.ts'
import { toWire } from './to-wire.ts'

/** The number of rows from which attention has its faster kernel (`GGML_FA_TILE_Q`). */
const minPrefillChunk = 64
/**
 * Consecutive steps for requests with the same adapters while others wait: a change of adapters makes llama.cpp rebuild its
 * graphs.
 */
const stepsPerTurn = 4
const anyToken = 0
/** Number of tokens of a prefix that are shown as text. */
const shownTokens = 24

export class EngineLoop {
  readonly #model: LoadedModel
  readonly #clock: Clock
  readonly #outbox: Outbox
  readonly #arrivals: Arrivals
  readonly #admission: Admission<number, Placement>
  readonly #cache: SequenceCache
  readonly #scheduler: StepScheduler<number>
  readonly #cells: Cells
  readonly #decoder: Decoder
  readonly #speculation: Speculation | undefined
  readonly #costs = new StepCosts()
  readonly #sloItlMillis: number | null
  readonly #sequences = new Map<number, Sequence>()
  readonly #prefixes: PrefixFiles | undefined
  #tellsMembers = false
  #running = false
  #sampleMillis = 0
  #textMillis = 0

  constructor(
    config: LlamaConfig,
    model: LoadedModel,
    speculation: Speculation | undefined,
    send: (message: FromProcess) => void,
    clock: Clock,
    prefixes?: PrefixFiles,
  ) {
    this.#model = model
    this.#speculation = speculation
    this.#clock = clock
    this.#prefixes = prefixes
    this.#outbox = new Outbox(send)
    this.#sloItlMillis = config.sloItlMillis
    const maker = new SequenceMaker(model, config.maxBatchSize)
    this.#arrivals = new Arrivals(maker, clock, {
      ready: (candidate) => {
        const { key, priority } = candidate.start
        this.#cache.enter(candidate)
        this.#admission.enter(key, priority, candidate.arrivedAt)
        this.#wake()
      },
      refused: (key, error) => {
        this.#outbox.notify({ key, error })
        this.#wake()
      },
    })
    // llama.cpp may have reduced the batch size; a larger batch would abort the process.
    const maxBatchTokens = Math.min(config.maxBatchTokens, model.native.llama.nBatch(model.context))
    this.#scheduler = new StepScheduler({ ...config, maxBatchTokens, minPrefillChunk, stepsPerTurn })
    const { preemption, maxBatchSize, agingMillis } = config
    this.#cells = new Cells(model, {
      working: maxBatchSize,
      hostCacheBytes: hostCacheBytes(config),
      preemption,
      clock,
      onHot: (tokens, { bytes }) => void prefixes?.save({ tokens, bytes }),
    })
    this.#cache = new SequenceCache({
      cells: this.#cells,
      scheduler: this.#scheduler,
      maker,
      sequences: this.#sequences,
      speculation,
      outbox: this.#outbox,
      clock,
    })
    this.#admission = new Admission(this.#cache, {
      hasRoom: () => this.#scheduler.hasRoom(),
      preemption,
      agingMillis,
      maxMoves: Math.max(1, Math.floor(config.maxPrefillTokensWhileDecoding / model.copyCost)),
    })
    this.#decoder = new Decoder(model, maxBatchTokens, clock, (threads) => speculation?.setThreads(threads))
  }

  /** Restores prefixes kept by an earlier process. */
  restore(prefixes: readonly KeptPrefix[]): void {
    for (const prefix of prefixes) this.#cells.restore(prefix)
  }

  receive(message: ToProcess): void {
    this.#outbox.owe()
    if (message.limits !== undefined) this.#limit(message.limits)
    if (message.reportMembers !== undefined) this.#tellsMembers = message.reportMembers
    for (const key of message.cancel ?? []) this.#cancel(key)
    for (const ref of message.dropAdapters ?? []) this.#model.adapters.drop(ref)
    for (const start of message.start ?? []) void this.#arrivals.add(start)
    for (const question of message.ask ?? []) void this.#answer(question)
    this.#wake()
  }

  #limit({ maxBatchTokens, maxPrefillTokensWhileDecoding }: EngineLimits): void {
    const most = Math.min(maxBatchTokens, this.#decoder.capacity)
    const least = Math.max(most, this.#scheduler.limits.maxBatchSize)
    this.#scheduler.limit({ maxBatchTokens: least, maxPrefillTokensWhileDecoding })
  }

  /** Makes steps while there is work; yields to the event loop between steps to let messages in. */
  async #run(): Promise<void> {
    while (true) {
      this.#admission.admit(this.#clock.now())
      const step = this.#sequences.size > 0 ? this.#step() : undefined
      this.#outbox.deliver(step, this.#cells.usage)
      if (this.#sequences.size === 0 && this.#admission.waiting === 0) break
      await setImmediate()
    }
    this.#running = false
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    void setImmediate().then(() => this.#run())
  }

  /** Schedule, draft, compute, sample. All sequences of a step have the same adapters. */
  #step(): StepFigures {
    const begin = this.#clock.now()
    const running = this.#sequences.size
    const plan = this.#plan()
    const drafts = this.#guess(plan)
    this.#scheduler.commit(plan)
    const calls = decodeCalls(plan, this.#model.outputRows, {
      slotOf: (key) => this.#sequences.get(key)!.slot,
      draftOf: (key) => drafts.get(key) ?? [],
      givesAllLogits: (key) => this.#sequences.get(key)!.describesPrompt,
    })
    const [anyone] = calls[0]!
    this.#model.adapters.use(this.#sequences.get(anyone!.key)!.start.adapters)
    const tokens = [...drafts.values()].reduce((sum, draft) => sum + draft.length, 0)
    const work: StepWork = {
      decodeTokens: plan.decodes.length + tokens,
      prefillTokens: prefillTokensOf(plan),
      attendedTokens: attendedTokens(plan, this.#lengthOf),
    }
    const preempted = this.#admission.takePreempted()
    const preemptions = preempted.length
    // Taken before the step's sequences end.
    const members = this.#tellsMembers ? stepMembers(plan, drafts, this.#sequences, this.#cells) : undefined
    const planMillis = this.#clock.now() - begin
    let accepted = 0
    for (const call of calls) accepted += this.#compute(call)
    const endedAt = this.#clock.now()
    const millis = endedAt - begin
    this.#costs.record(work, millis)
    return {
      ...work,
      running,
      millis,
      ...(preemptions > 0 && { preemptions }),
      nativeMillis: this.#decoder.takeNativeMillis(),
      outside: { plan: planMillis, ...this.#takeOutside() },
      endedAt,
      ...(drafts.size > 0 && { drafts: { count: drafts.size, tokens, accepted } }),
      ...(members !== undefined && { members, ...(preemptions > 0 && { preempted }) }),
    }
  }

  /** A plan that fits into the free cells and the latency target of decoding sequences. */
  #plan(): StepPlan<number> {
    return this.#admission.planWithinCells(
      () => this.#scheduler.plan(this.#prefillBound()),
      this.#clock.now(),
      (plan) => plan.decodes.length + prefillTokensOf(plan),
    )
  }

  /** Prompt tokens per step within `sloItlMillis`, from the measured step costs. */
  #prefillBound(): number | undefined {
    if (this.#sloItlMillis === null) return undefined
    const { decodes, prefills } = this.#scheduler.plan()
    const work = {
      decodeTokens: decodes.length,
      prefillTokens: 0,
      attendedTokens: attendedTokens({ decodes, prefills: [] }, this.#lengthOf),
    }
    const context = Math.max(0, ...prefills.map(({ id }) => this.#lengthOf(id)))
    return prefillBound(this.#costs, this.#sloItlMillis, work, context)
  }

  readonly #lengthOf = (key: number): number => this.#cells.length(this.#sequences.get(key)!.slot)

  /** Draft tokens by key. Their cells and rows are available: those reserved by the sequences and those of its calls. */
  #guess(plan: StepPlan<number>): ReadonlyMap<number, readonly number[]> {
    if (this.#speculation === undefined) return new Map()
    const guessable = plan.decodes.map((key) => {
      const { slot, left } = this.#sequences.get(key)!
      return { key, slot, most: left - 1 }
    })
    const { outputRows } = this.#model
    const rows = this.#decoder.capacity - prefillTokensOf(plan)
    // Sequences without a draft take one cell each.
    const cells = this.#cells.free - prefillTokensOf(plan) - (plan.decodes.length - 1)
    const room = Math.min(outputRows - plan.prefills.length, rows, cells)
    return this.#speculation.propose(guessable, plan.decodes.length, room)
  }

  /**
   * The last row of a whole prompt and the rows after it output logits, and all rows if the prompt is described. Returns the
   * number of accepted draft tokens.
   */
  #compute(call: readonly Work[]): number {
    const begin = this.#clock.now()
    const sampled: { sequence: Sequence; row: number; draft: readonly number[] }[] = []
    const described: { sequence: Sequence; row: number; position: number }[] = []
    const computed: { sequence: Sequence; computedTokens: number }[] = []
    const filling = this.#filling(call)
    this.#decoder.begin()
    for (const work of [...call, ...filling].sort((a, b) => this.#slotOf(a) - this.#slotOf(b))) {
      if (typeof work === 'number') {
        // A cancelled sequence may have unverified draft tokens in its cells.
        this.#cells.trim(work)
        this.#decoder.add(anyToken, this.#cells.length(work), work, false)
        continue
      }
      const { key, count, draft } = work
      const sequence = this.#sequences.get(key)!
      const { slot, describesPrompt, prompt } = sequence
      const from = this.#cells.length(slot)
      const tokens = sequence.tokens.slice(from, from + count - draft.length)
      const last = sequence.tokens.length - 1
      const isPrompt = from < prompt.length
      for (const [index, token] of [...tokens, ...draft].entries()) {
        const position = from + index
        const row = this.#decoder.add(token, position, slot, position >= last || describesPrompt)
        if (index === tokens.length - 1 && position >= last) sampled.push({ sequence, row, draft })
        else if (describesPrompt) described.push({ sequence, row, position: position + 1 })
      }
      this.#cells.append(slot, tokens, isPrompt)
      if (isPrompt) computed.push({ sequence, computedTokens: from + tokens.length })
    }
    this.#decoder.run()
    this.#cells.computed()
    for (const slot of filling) this.#cells.trim(slot)
    for (const { sequence, computedTokens } of computed) {
      // The output of a preempted sequence is recomputed like a prompt.
      if (sequence.hasBegun) continue
      const millis = this.#clock.now() - sequence.times.admittedAt
      this.#outbox.notify({ key: sequence.key, computedTokens, millis })
    }
    for (const { sequence, row, position } of described)
      sequence.describePrompt(position, this.#decoder.logits(row))
    let accepted = 0
    for (const { sequence, row, draft } of sampled) accepted += this.#check(sequence, row, draft)
    const rowsAreNew = call.every(({ count, draft }) => count === 1 + draft.length)
    if (rowsAreNew) this.#speculation?.took(this.#decoder.rows - filling.length, this.#clock.now() - begin)
    return accepted
  }

  /** Slots that get an unused row, so that the others are computed in one go. */
  #filling(call: readonly Work[]): number[] {
    const { plan, divisible } = this.#model
    if (plan.shared || !divisible || call.some(({ count }) => count > 1)) return []
    const slots = call.map((work) => this.#slotOf(work)).sort((a, b) => a - b)
    return worthFilling(slots).filter((slot) => this.#cells.length(slot) < plan.contextLength)
  }

  #slotOf(work: Work | number): number {
    return typeof work === 'number' ? work : this.#sequences.get(work.key)!.slot
  }

  /**
   * Samples at each draft position until a token differs; drops what was computed beyond. Returns the number of accepted
   * tokens.
   */
  #check(sequence: Sequence, row: number, draft: readonly number[]): number {
    sequence.drafted(draft.length)
    let right = 0
    for (const guess of [...draft, undefined]) {
      const token = this.#sample(sequence, row + right, guess)
      if (token === undefined || token !== guess) break
      right += 1
      if (!this.#sequences.has(sequence.key)) break
    }
    if (draft.length === 0) return 0
    this.#speculation?.verified(sequence.key, draft.length, right)
    if (!this.#sequences.has(sequence.key)) return right
    this.#cells.append(sequence.slot, draft.slice(0, right), false)
    if (right < draft.length) this.#cells.trim(sequence.slot)
    return right
  }

  /** Returns the token; undefined if none is allowed. */
  #sample(sequence: Sequence, row: number, guess: number | undefined): number | undefined {
    const now = this.#clock.now()
    try {
      const choice = sequence.chooser.choose(this.#decoder, row)
      const chosenAt = this.#clock.now()
      this.#sampleMillis += chosenAt - now
      if (choice !== undefined) this.#speculation?.push(sequence.key, choice.token)
      const { events, ended } =
        choice === undefined
          ? { events: sequence.end(now), ended: true }
          : sequence.accept(choice.token, choice.logprobs, now, guess)
      this.#outbox.notify(...events)
      this.#textMillis += this.#clock.now() - chosenAt
      if (ended) this.#leave(sequence)
      return choice?.token
    } catch (thrown) {
      this.#outbox.notify({ key: sequence.key, error: toWire(thrown) })
      this.#leave(sequence)
      return undefined
    }
  }

  /** Since the last call. */
  #takeOutside(): { sample: number; texts: number } {
    const outside = { sample: this.#sampleMillis, texts: this.#textMillis }
    this.#sampleMillis = 0
    this.#textMillis = 0
    return outside
  }

  #cancel(key: number): void {
    this.#arrivals.cancel(key)
    const sequence = this.#sequences.get(key)
    if (sequence !== undefined) {
      this.#leave(sequence)
      return
    }
    this.#admission.remove(key)
    this.#cache.forget(key)
  }

  #leave({ key, slot, chooser }: Sequence): void {
    chooser.free()
    this.#speculation?.end(key)
    this.#sequences.delete(key)
    this.#admission.remove(key)
    this.#scheduler.remove(key)
    this.#cells.leave(slot)
  }

  async #answer(question: Question): Promise<void> {
    const { vocabulary, adapters } = this.#model
    const answer =
      question.ask === 'cache'
        ? { id: question.id, value: await this.#cacheView(question) }
        : await answerQuestion(question, vocabulary, adapters)
    this.#outbox.answer(answer)
    this.#wake()
  }

  async #cacheView({ most, withTexts }: CacheQuestion): Promise<CacheView> {
    const disk = await this.#prefixes?.usage()
    const { vocabulary } = this.#model
    const text = (tokens: readonly number[]): string => vocabulary.detokenize(tokens.slice(0, shownTokens))
    const view = this.#cells.view(most, withTexts ? text : undefined)
    return { ...view, ...(disk !== undefined && { disk }) }
  }
}
