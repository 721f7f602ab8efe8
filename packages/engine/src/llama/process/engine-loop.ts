/**
 * The engine's heart: schedule, compute, sample, deliver, again. Sequences come and go between steps. Knows nothing of
 * processes: it is given messages and a way to send them.
 */

import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@hadal/base'
import { StepScheduler } from '@hadal/batching'
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
import { processorTimes } from './processor-times.ts'
import type { Sequence } from './sequence.ts'
import { type PreparedSequence, SequenceMaker } from './sequence-maker.ts'
import type { Wanted } from './slots.ts'
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

  constructor(config: LlamaConfig, model: LoadedModel, send: (message: FromProcess) => void, clock: Clock) {
    this.#model = model
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

  /** Schedule, compute, sample. */
  #step(): StepFigures {
    const begin = this.#clock.now()
    const running = this.#sequences.size
    const plan = this.#scheduler.plan()
    const slotOf = (key: number): number => this.#sequences.get(key)!.slot
    const describesPrompt = (key: number): boolean => this.#sequences.get(key)!.describesPrompt
    this.#scheduler.commit(plan)
    for (const call of decodeCalls(plan, slotOf, describesPrompt, this.#model.outputRows)) this.#compute(call)
    return {
      decodeTokens: plan.decodes.length,
      prefillTokens: plan.prefills.reduce((sum, chunk) => sum + chunk.tokens, 0),
      running,
      millis: this.#clock.now() - begin,
    }
  }

  /** The last row of a whole prompt, and rows of new tokens, give logits; others where the prompt is described. */
  #compute(call: readonly Work[]): void {
    const sampled: { sequence: Sequence; row: number }[] = []
    const described: { sequence: Sequence; row: number; position: number }[] = []
    this.#batch.clear()
    for (const { key, count } of call) {
      const sequence = this.#sequences.get(key)!
      const from = this.#cells.length(sequence.slot)
      const tokens = sequence.tokensAt(from, count)
      const givesLogits = from + tokens.length >= sequence.prompt.length
      for (const [index, token] of tokens.entries()) {
        const position = from + index
        const last = givesLogits && index === tokens.length - 1
        const row = this.#batch.add(token, position, sequence.slot, last || sequence.describesPrompt)
        if (last) sampled.push({ sequence, row })
        else if (sequence.describesPrompt) described.push({ sequence, row, position: position + 1 })
      }
      this.#cells.append(sequence.slot, tokens, from < sequence.prompt.length)
    }
    this.#decode()
    for (const { sequence, row, position } of described) sequence.describePrompt(position, this.#logits(row))
    for (const { sequence, row } of sampled) this.#sample(sequence, row)
  }

  #decode(): void {
    const { native, context } = this.#model
    const now = this.#clock.now()
    if (this.#governor.isDue(now)) {
      this.#governor.decide(processorTimes(now))
      native.llama.setNThreads(context, this.#governor.threads, this.#governor.threads)
    }
    const result = native.llama.decode(context, this.#batch.native)
    // Cells are reserved and every row is checked, so this is a fault of ours or of the hardware: start afresh.
    if (result !== 0) throw new Error(`llama_decode returned ${result}`)
  }

  #sample(sequence: Sequence, row: number): void {
    const now = this.#clock.now()
    try {
      const choice = sequence.chooser.choose(this.#rows, row)
      const { events, ended } =
        choice === undefined
          ? { events: sequence.end(now), ended: true }
          : sequence.accept(choice.token, choice.logprobs, now)
      this.#events.push(...events)
      if (ended) this.#leave(sequence)
    } catch (thrown) {
      this.#events.push({ key: sequence.key, error: toWire(thrown) })
      this.#leave(sequence)
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
        scope: start.owner ?? '',
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
      this.#scheduler.admit(start.key, prompt.length - cached)
      this.#events.push({ key: start.key, promptTokens: prompt.length, cachedTokens: cached })
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
    this.#sequences.delete(sequence.key)
    this.#scheduler.remove(sequence.key)
    this.#cells.leave(sequence.slot)
  }

  async #answer(question: Question): Promise<void> {
    const answer = await answerQuestion(this.#model.vocabulary, question)
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
