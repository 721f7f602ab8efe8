/**
 * Computes tensors in the process of an ONNX model: each run takes compatible rows of several requests, and results are sent
 * with the run that completed them. Independent of processes: it gets messages and a function to send them.
 */

import { setImmediate } from 'node:timers/promises'
import { type Clock, HadalError } from '@hadal/base'
import { planKindPass } from '@hadal/batching'
import { tokensOff } from '../../errors.ts'
import type {
  Answer,
  FromProcess,
  PooledResult,
  PooledWork,
  ToProcess,
  WireError,
} from '../../llama/messages.ts'
import { toWire } from '../../llama/process/to-wire.ts'
import type { InferenceTimes, TensorBatching, TensorValue } from '../../tensor-value.ts'
import { checkFeeds } from '../check-feeds.ts'
import { onnxModelUnusable, tensorInvalid } from '../errors.ts'
import type { OpenSession } from '../open-session.ts'
import { joinRows, type RowRange, rowsOf, signatureOf } from '../rows.ts'
import { OnnxRequest } from './onnx-request.ts'

export interface OnnxLimits {
  /** Rows per run. */
  readonly maxBatchSize: number
}

/** The rows of one run. */
interface Run {
  readonly parts: readonly { readonly request: OnnxRequest; readonly count: number }[]
  readonly rows: number
}

/** Event loop turns before a run while requests still arrive: the channel delivers some in each. */
const maxGatheringTurns = 8

export class OnnxLoop {
  #limits: OnnxLimits
  readonly #session: Pick<OpenSession, 'inputs' | 'outputs' | 'run'>
  readonly #batching: TensorBatching
  readonly #name: string
  readonly #send: (message: FromProcess) => void
  readonly #clock: Clock
  /** In turn order. */
  #line: OnnxRequest[] = []
  #running = false
  /** Number of requests received. */
  #arrivals = 0
  #computing = false
  /** Replies to messages that arrived during a run: sent when it ends, so that a run that hangs is silent. */
  #owed: Answer[] | undefined

  /** `name` is the model's. */
  constructor(
    limits: OnnxLimits,
    session: Pick<OpenSession, 'inputs' | 'outputs' | 'run'>,
    batching: TensorBatching,
    name: string,
    send: (message: FromProcess) => void,
    clock: Clock,
  ) {
    this.#limits = limits
    this.#session = session
    this.#batching = batching
    this.#name = name
    this.#send = send
    this.#clock = clock
  }

  /** Every message gets a reply, so that a silent process is known to hang. */
  receive({ pooled = [], cancelPooled = [], ask = [], limits }: ToProcess): void {
    if (limits !== undefined) this.#limits = limits
    for (const key of cancelPooled) this.#line = this.#line.filter((request) => request.key !== key)
    for (const work of pooled) this.#arrive(work)
    const answers = ask.map(({ id }) => ({ id, error: tokensOff(this.#name).toWire() }))
    this.#owed = [...(this.#owed ?? []), ...answers]
    if (!this.#computing) this.#answer()
  }

  #answer(): void {
    if (this.#owed === undefined) return
    this.#send({ type: 'step', kvCacheUsage: 0, events: [], answers: this.#owed })
    this.#owed = undefined
  }

  #arrive(work: PooledWork): void {
    this.#arrivals += 1
    try {
      this.#line.push(this.#read(work))
    } catch (thrown) {
      this.#fail(work.key, toWire(thrown))
    }
    this.#wake()
  }

  /** Throws `tensor_invalid`. */
  #read(work: PooledWork): OnnxRequest {
    // The engine does not forward other requests.
    if (work.kind !== 'infer') throw tokensOff(this.#name)
    const { key, inputs } = work
    const { inputs: specs, outputs } = this.#session
    const isApart = this.#batching.kind === 'none'
    checkFeeds(inputs, specs, { anyRows: !isApart })
    const wanted = work.outputs ?? outputs.map(({ name }) => name)
    for (const name of wanted)
      if (!outputs.some((output) => output.name === name))
        throw tensorInvalid(
          name,
          `is no output of the model, which gives ${outputs.map((each) => each.name).join(', ')}`,
        ).with({ param: 'outputs' })
    return isApart
      ? new OnnxRequest(key, inputs, wanted, `alone ${key}`, 1)
      : new OnnxRequest(key, inputs, wanted, signatureOf(inputs), inputs[0]!.dims[0]!)
  }

  /** Makes runs while there is work. */
  async #run(): Promise<void> {
    while (this.#line.length > 0) {
      await this.#gather()
      const run = this.#plan()
      if (run === undefined) continue
      this.#computing = true
      await this.#compute(run)
      this.#computing = false
      this.#answer()
    }
    this.#running = false
  }

  #wake(): void {
    if (this.#running) return
    this.#running = true
    void this.#run()
  }

  /** Lets pending messages in, unless the run is already full. */
  async #gather(): Promise<void> {
    for (let turn = 0; turn < maxGatheringTurns; turn += 1) {
      const before = this.#arrivals
      await setImmediate()
      if (turn > 0 && this.#arrivals === before) return
      const rows = this.#line.reduce((sum, request) => sum + request.rows - request.next, 0)
      if (rows >= this.#maxRows) return
    }
  }

  get #maxRows(): number {
    const { kind, rows = 1 } = this.#batching
    return kind === 'fixed' ? rows : this.#limits.maxBatchSize
  }

  /** Undefined if all requests have been cancelled. */
  #plan(): Run | undefined {
    const pass = planKindPass(
      this.#line.map((request) => request.waiting(this.#maxRows)),
      {
        maxBatchSize: this.#maxRows,
        maxBatchTokens: Number.POSITIVE_INFINITY,
        maxPaddingShare: 1,
        maxPassedOver: 0,
      },
    )
    if (pass === undefined) return undefined
    const counts = new Map<OnnxRequest, number>()
    for (const { id } of pass.parts) counts.set(id, (counts.get(id) ?? 0) + 1)
    return {
      parts: [...counts].map(([request, count]) => ({ request, count })),
      rows: pass.parts.length,
    }
  }

  async #compute(run: Run): Promise<void> {
    const begin = this.#clock.now()
    let times: InferenceTimes
    try {
      times = await this.#computeRows(run)
    } catch (thrown) {
      if (!(thrown instanceof HadalError)) throw thrown
      if (run.parts.length === 1) this.#drop(run.parts[0]!.request, thrown)
      // Computing each part separately finds the request with the bad tensors.
      else for (const part of run.parts) await this.#compute({ parts: [part], rows: part.count })
      return
    }
    const endedAt = this.#clock.now()
    const served = run.parts.map(({ request }) => request)
    const isServed = new Set(served)
    const [others, mine] = [
      this.#line.filter((request) => !isServed.has(request)),
      this.#line.filter((request) => isServed.has(request)),
    ]
    this.#line = [...others, ...mine.filter((request) => !request.isDone)]
    this.#send({
      type: 'pooled',
      results: mine.filter((request) => request.isDone).map(resultOf),
      step: {
        decodeTokens: 0,
        prefillTokens: 0,
        isPass: true,
        tensors: times,
        running: run.rows,
        millis: endedAt - begin,
        nativeMillis: times.inferMillis,
        endedAt,
      },
    })
  }

  /** Throws `inference_failed`, and `onnx_model_unusable` if the number of output rows differs from the input. */
  async #computeRows({ parts, rows }: Run): Promise<InferenceTimes> {
    const begin = this.#clock.now()
    const wanted = [...new Set(parts.flatMap(({ request }) => request.outputs))]
    const ranges = parts.map(({ request, count }) => ({ inputs: request.inputs, from: request.next, count }))
    const { kind, rows: padTo = 0 } = this.#batching
    const feeds = kind === 'none' ? parts[0]!.request.inputs : joinRows(ranges, this.#session.inputs, padTo)
    const joined = this.#clock.now()
    const found = await this.#session.run(feeds, wanted)
    const inferred = this.#clock.now()
    // A request that is alone may get output of any shape.
    const isWhole = parts.length === 1 && rows === parts[0]!.request.rows && padTo <= rows
    if (!isWhole) checkRows(found, Math.max(rows, padTo), this.#name)
    const takenApart = parts.map((_, at) => (isWhole ? found : rowsAt(found, ranges, at)))
    const times = {
      inputMillis: joined - begin,
      inferMillis: inferred - joined,
      outputMillis: this.#clock.now() - inferred,
    }
    for (const [at, { request, count }] of parts.entries()) request.computed(count, takenApart[at]!, times)
    return times
  }

  #drop(request: OnnxRequest, error: HadalError): void {
    const isThere = this.#line.includes(request)
    this.#line = this.#line.filter((each) => each !== request)
    if (isThere) this.#fail(request.key, error.toWire())
  }

  #fail(key: number, error: WireError): void {
    this.#send({ type: 'pooled', results: [{ key, error }] })
  }
}

function resultOf(request: OnnxRequest): PooledResult {
  try {
    return request.result()
  } catch (thrown) {
    return { key: request.key, error: toWire(thrown) }
  }
}

/** The rows of one part in every output, after those of earlier parts. */
function rowsAt(values: readonly TensorValue[], ranges: readonly RowRange[], at: number): TensorValue[] {
  const from = ranges.slice(0, at).reduce((sum, { count }) => sum + count, 0)
  const { count } = ranges[at]!
  return values.map((value) => ({
    ...value,
    dims: [count, ...value.dims.slice(1)],
    data: rowsOf(value, from, count),
  }))
}

/** Batching was verified with synthetic rows; the model may behave differently with others. */
function checkRows(values: readonly TensorValue[], rows: number, model: string): void {
  const odd = values.find(({ dims }) => dims[0] !== rows)
  if (odd !== undefined)
    throw onnxModelUnusable(
      model,
      `${rows} rows went in, and its output ${JSON.stringify(odd.name)} has the shape [${odd.dims.join(', ')}]`,
    )
}
