/**
 * The engine's heart: schedule, compute, sample, deliver, again. Sequences come and go between steps. Knows nothing of
 * processes: it is given messages and a way to send them.
 */

import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@hadal/base'
import { type StepPlan, StepScheduler } from '@hadal/batching'
import koffi from 'koffi'
import type {
  Answer,
  FromProcess,
  Question,
  SequenceEvent,
  StartSequence,
  StepFigures,
  ToProcess,
} from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { answerQuestion } from './answer-question.ts'
import { Batch } from './batch.ts'
import { Cells } from './cells.ts'
import { decodeCalls, type Work } from './decode-calls.ts'
import type { LoadedModel } from './load-model.ts'
import { adapterKey } from './loaded-adapters.ts'
import { processorTimes } from './processor-times.ts'
import type { Sequence } from './sequence.ts'
import { type PreparedSequence, SequenceMaker } from './sequence-maker.ts'
import type { Wanted } from './slots.ts'
import type { Speculation } from './speculation.ts'
import { ThreadGovernor } from './thread-governor.ts'
import { toWire } from './to-wire.ts'
import type { Rows } from './token-chooser.ts'

/** Attention has its faster kernel from as many rows on (`GGML_FA_TILE_Q`). */
const minPrefillChunk = 64
/** For requests with the same adapters while others wait: changing adapters makes llama.cpp plan its graphs anew. */
const stepsPerTurn = 4

/** A sequence whose prompt is tokenised and that waits for cells. */
interface Candidate extends PreparedSequence {
  readonly arrivedAt: number
}

export class EngineLoop {
  readonly #model: LoadedModel
  readonly #clock: Clock
  readonly #send: (message: FromProcess) => void
  readonly #scheduler: StepScheduler<number>
  readonly #cells: Cells
  readonly #batch: Batch
  readonly #maker: SequenceMaker
  readonly #rows: Rows
  readonly #governor: ThreadGovernor
  readonly #speculation: Speculation | undefined
  /** More would hold up the sequences at work for longer than a chunk of a prompt may. */
  readonly #mostCopies: number
  readonly #sequences = new Map<number, Sequence>()
  /** Started but not admitted yet: being tokenised, or waiting for cells. */
  readonly #arriving = new Set<number>()
  #candidates: Candidate[] = []
  #events: SequenceEvent[] = []
  #answers: Answer[] = []
  #toldUsage = 0
  /** Every message is answered by one at least, so that a silent process is known to hang. */
  #owesAnswer = false
  #running = false

  constructor(
    config: LlamaConfig,
    model: LoadedModel,
    speculation: Speculation | undefined,
    send: (message: FromProcess) => void,
    clock: Clock,
  ) {
    this.#model = model
    this.#speculation = speculation
    this.#clock = clock
    this.#send = send
    // llama.cpp may have taken a smaller batch than it was asked for; a larger one ends the process.
    const maxBatchTokens = Math.min(config.maxBatchTokens, model.native.llama.nBatch(model.context))
    this.#scheduler = new StepScheduler({ ...config, maxBatchTokens, minPrefillChunk, stepsPerTurn })
    this.#cells = new Cells(model, config.maxBatchSize)
    this.#mostCopies = Math.max(1, Math.floor(config.maxPrefillTokensBesideDecodes / model.copyCost))
    this.#batch = new Batch(maxBatchTokens)
    this.#maker = new SequenceMaker(model)
    this.#rows = { context: model.context, logits: (row) => this.#logits(row) }
    this.#governor = new ThreadGovernor(model.threads, availableParallelism(), model.loadedFrom)
  }

  receive(message: ToProcess): void {
    this.#owesAnswer = true
    for (const key of message.cancel ?? []) this.#cancel(key)
    for (const ref of message.dropAdapters ?? []) this.#model.adapters.drop(ref)
    for (const start of message.start ?? []) void this.#arrive(start)
    for (const question of message.ask ?? []) void this.#answer(question)
    this.#wake()
  }

  /** Steps while there is anything to do; one turn of the event loop between steps lets messages in. */
  async #run(): Promise<void> {
    while (true) {
      this.#admit()
      const step = this.#sequences.size > 0 ? this.#step() : undefined
      this.#deliver(step)
      if (this.#sequences.size === 0 && this.#candidates.length === 0) break
      await setImmediate()
    }
    this.#running = false
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    void setImmediate().then(() => this.#run())
  }

  /** Schedule, guess, compute, sample. */
  #step(): StepFigures {
    const begin = this.#clock.now()
    const running = this.#sequences.size
    const plan = this.#scheduler.plan()
    const drafts = this.#guess(plan)
    this.#scheduler.commit(plan)
    const calls = decodeCalls(plan, this.#model.outputRows, {
      slotOf: (key) => this.#sequences.get(key)!.slot,
      draftOf: (key) => drafts.get(key) ?? [],
      givesAllLogits: (key) => this.#sequences.get(key)!.describesPrompt,
    })
    let accepted = 0
    for (const call of calls) accepted += this.#compute(call)
    const tokens = [...drafts.values()].reduce((sum, draft) => sum + draft.length, 0)
    return {
      decodeTokens: plan.decodes.length + tokens,
      prefillTokens: prefillTokens(plan),
      running,
      millis: this.#clock.now() - begin,
      ...(drafts.size > 0 && { drafts: { count: drafts.size, tokens, accepted } }),
    }
  }

  /** What sequences may say next, by key. Cells and rows are there for it: those that a sequence reserved, and of its calls. */
  #guess(plan: StepPlan<number>): ReadonlyMap<number, readonly number[]> {
    if (this.#speculation === undefined) return new Map()
    const guessable = plan.decodes.map((key) => {
      const { slot, left } = this.#sequences.get(key)!
      return { key, slot, most: left - 1 }
    })
    const { outputRows } = this.#model
    const room = Math.min(outputRows - plan.prefills.length, this.#batch.capacity - prefillTokens(plan))
    return this.#speculation.propose(guessable, plan.decodes.length, room)
  }

  /** The last row of a whole prompt, and those after it, give logits; others where the prompt is described. Returns how many guesses were right. */
  #compute(call: readonly Work[]): number {
    const begin = this.#clock.now()
    const sampled: { sequence: Sequence; row: number; draft: readonly number[] }[] = []
    const described: { sequence: Sequence; row: number; position: number }[] = []
    this.#batch.clear()
    for (const { key, count, draft } of call) {
      const sequence = this.#sequences.get(key)!
      const from = this.#cells.length(sequence.slot)
      const tokens = sequence.tokensAt(from, count)
      const last = sequence.prompt.length - 1
      for (const [index, token] of [...tokens, ...draft].entries()) {
        const position = from + index
        const row = this.#batch.add(
          token,
          position,
          sequence.slot,
          position >= last || sequence.describesPrompt,
        )
        if (index === tokens.length - 1 && position >= last) sampled.push({ sequence, row, draft })
        else if (sequence.describesPrompt) described.push({ sequence, row, position: position + 1 })
      }
      this.#cells.append(sequence.slot, tokens, from <= last)
      if (from <= last) this.#events.push({ key, computedTokens: from + tokens.length })
    }
    this.#model.adapters.use(this.#sequences.get(call[0]!.key)!.adapters)
    this.#decode()
    for (const { sequence, row, position } of described) sequence.describePrompt(position, this.#logits(row))
    let accepted = 0
    for (const { sequence, row, draft } of sampled) accepted += this.#check(sequence, row, draft)
    const rowsAreNew = call.every(({ count, draft }) => count === 1 + draft.length)
    if (rowsAreNew) this.#speculation?.took(this.#batch.native.n_tokens, this.#clock.now() - begin)
    return accepted
  }

  /** Draws at each guessed place until a draw is another one; what was computed beyond is forgotten. Returns how many were right. */
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

  #decode(): void {
    const { native, context } = this.#model
    const now = this.#clock.now()
    if (this.#governor.isDue(now)) {
      this.#governor.decide(processorTimes(now))
      native.llama.setNThreads(context, this.#governor.threads, this.#governor.threads)
      this.#speculation?.setThreads(this.#governor.threads)
    }
    const result = native.llama.decode(context, this.#batch.native)
    // Cells are reserved and every row is checked, so this is a fault of ours or of the hardware: start afresh.
    if (result !== 0) throw new Error(`llama_decode returned ${result}`)
  }

  /** Returns the token; undefined where none may come. */
  #sample(sequence: Sequence, row: number, guess: number | undefined): number | undefined {
    const now = this.#clock.now()
    try {
      const choice = sequence.chooser.choose(this.#rows, row)
      if (choice !== undefined) this.#speculation?.push(sequence.key, choice.token)
      const { events, ended } =
        choice === undefined
          ? { events: sequence.end(now), ended: true }
          : sequence.accept(choice.token, choice.logprobs, now, guess)
      this.#events.push(...events)
      if (ended) this.#leave(sequence)
      return choice?.token
    } catch (thrown) {
      this.#events.push({ key: sequence.key, error: toWire(thrown) })
      this.#leave(sequence)
      return undefined
    }
  }

  #logits(row: number): Float32Array {
    const { native, context, vocabulary } = this.#model
    const pointer = native.llama.getLogitsIth(context, row)
    if (pointer === null) throw new Error(`row ${row} has no logits`)
    return new Float32Array(koffi.view(pointer, vocabulary.size * 4))
  }

  async #arrive(start: StartSequence): Promise<void> {
    const arrivedAt = this.#clock.now()
    this.#arriving.add(start.key)
    const isWanted = (): boolean => this.#arriving.has(start.key)
    try {
      this.#model.adapters.check(start.adapters)
      const prepared = await this.#maker.prepare(start, isWanted)
      if (prepared === undefined || !isWanted()) return
      this.#candidates.push({ ...prepared, arrivedAt })
    } catch (thrown) {
      this.#arriving.delete(start.key)
      this.#events.push({ key: start.key, error: toWire(thrown) })
    }
    this.#wake()
  }

  /**
   * In order; the first that must wait for cells keeps the later ones waiting, so that a long one gets its turn. Only who
   * waits for a beginning that another sequence is computing lets others pass.
   */
  #admit(): void {
    let copies = 0
    for (const candidate of [...this.#candidates]) {
      const { start, prompt, limit, arrivedAt } = candidate
      if (!this.#scheduler.hasRoom() || copies === this.#mostCopies) return
      const wanted: Wanted = {
        prompt,
        scope: `${adapterKey(start.adapters)} ${start.owner ?? ''}`,
        // What is not computed gives no logits.
        reuse: start.reusePrefix && start.promptLogprobs === null,
      }
      const place = this.#cells.place(wanted)
      if (place === undefined) continue
      if (!this.#cells.suffice(prompt.length + limit, place)) return
      if (place.from !== place.slot) copies += 1
      this.#candidates = this.#candidates.filter((each) => each.start !== start)
      this.#arriving.delete(start.key)
      const cached = this.#cells.take(wanted, place, prompt.length + limit)
      const times = { arrivedAt, admittedAt: this.#clock.now() }
      const sequence = this.#maker.make(candidate, place.slot, times)
      this.#sequences.set(start.key, sequence)
      this.#speculation?.begin(start.key, prompt)
      this.#scheduler.admit(start.key, prompt.length - cached, adapterKey(start.adapters))
      const { slot } = place
      this.#events.push({ key: start.key, slot, promptTokens: prompt.length, cachedTokens: cached })
    }
  }

  #cancel(key: number): void {
    this.#arriving.delete(key)
    this.#candidates = this.#candidates.filter(({ start }) => start.key !== key)
    const sequence = this.#sequences.get(key)
    if (sequence !== undefined) this.#leave(sequence)
  }

  #leave(sequence: Sequence): void {
    sequence.chooser.free()
    this.#speculation?.end(sequence.key)
    this.#sequences.delete(sequence.key)
    this.#scheduler.remove(sequence.key)
    this.#cells.leave(sequence.slot)
  }

  async #answer(question: Question): Promise<void> {
    const answer = await answerQuestion(question, this.#model.vocabulary, this.#model.adapters)
    this.#answers.push(answer)
    this.#wake()
  }

  #deliver(step: StepFigures | undefined): void {
    const [events, answers] = [this.#events, this.#answers]
    const kvCacheUsage = this.#cells.usage
    const news = step !== undefined || events.length > 0 || answers.length > 0
    if (!news && !this.#owesAnswer && kvCacheUsage === this.#toldUsage) return
    this.#events = []
    this.#answers = []
    this.#toldUsage = kvCacheUsage
    this.#owesAnswer = false
    this.#send({ type: 'step', ...(step !== undefined && { step }), kvCacheUsage, events, answers })
  }
}

const prefillTokens = ({ prefills }: StepPlan<number>): number =>
  prefills.reduce((sum, { tokens }) => sum + tokens, 0)
