/** The progress of one tensor request: its remaining rows and the results so far. */

import type { KindInput, KindRequest } from '@hadal/batching'
import type { PooledResult } from '../../llama/messages.ts'
import type { InferenceTimes, TensorValue } from '../../tensor-value.ts'
import { inferenceFailed } from '../errors.ts'
import { concatenated } from '../rows.ts'

/** A row, or a request that is computed whole. */
export interface RowPart extends KindInput {
  readonly row: number
}

export class OnnxRequest {
  readonly key: number
  readonly inputs: readonly TensorValue[]
  /** Names of the requested outputs. */
  readonly outputs: readonly string[]
  readonly rows: number
  readonly #kind: string
  /** Rows before this one are computed. */
  #next = 0
  /** By output, in run order. */
  readonly #found: Map<string, TensorValue[]>
  #times: InferenceTimes = { inputMillis: 0, inferMillis: 0, outputMillis: 0 }

  /** Requests of one kind share runs. */
  constructor(
    key: number,
    inputs: readonly TensorValue[],
    outputs: readonly string[],
    kind: string,
    rows: number,
  ) {
    this.key = key
    this.inputs = inputs
    this.outputs = outputs
    this.rows = rows
    this.#kind = kind
    this.#found = new Map(outputs.map((name) => [name, []]))
  }

  get isDone(): boolean {
    return this.#next === this.rows
  }

  /** The first row to compute. */
  get next(): number {
    return this.#next
  }

  /** The next `most` rows for `planKindPass`: a body may have millions. */
  waiting(most: number): KindRequest<OnnxRequest, RowPart> {
    const length = Math.min(most, this.rows - this.#next)
    const part = (row: number): RowPart => ({ kind: this.#kind, tokens: 1, passedOver: 0, row })
    return { id: this, inputs: Array.from({ length }, (_, at) => part(this.#next + at)) }
  }

  /** The output of a run for the next `count` rows. */
  computed(count: number, values: readonly TensorValue[], times: InferenceTimes): void {
    this.#next += count
    for (const value of values) this.#found.get(value.name)?.push(value)
    const { inputMillis, inferMillis, outputMillis } = this.#times
    this.#times = {
      inputMillis: inputMillis + times.inputMillis,
      inferMillis: inferMillis + times.inferMillis,
      outputMillis: outputMillis + times.outputMillis,
    }
  }

  /** Call once it is done. Throws `inference_failed` if the rows of several runs do not fit together. */
  result(): PooledResult {
    const outputs = this.outputs.map((name) => joined(this.#found.get(name)!))
    return { key: this.key, outputs, times: this.#times }
  }
}

function joined(values: readonly TensorValue[]): TensorValue {
  const [first] = values
  if (values.length === 1) return first!
  const tailOf = ({ dims }: TensorValue): string => dims.slice(1).join()
  if (values.some((value) => tailOf(value) !== tailOf(first!)))
    throw inferenceFailed(
      `${JSON.stringify(first!.name)} has another shape for other rows: send fewer at a time`,
    )
  const rows = values.reduce((sum, { dims }) => sum + dims[0]!, 0)
  return {
    ...first!,
    dims: [rows, ...first!.dims.slice(1)],
    data: concatenated(values.map(({ data }) => data)),
  }
}
