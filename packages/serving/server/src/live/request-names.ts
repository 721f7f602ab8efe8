/** Maps engine sequences to their requests. Results are kept so that they can be resolved after the request ends. */

import type { RequestRecord } from '../observability/request-record.ts'
import { sequenceId } from '../sequence-id.ts'

const maxRemembered = 4096

export class RequestNames {
  readonly #open: () => Iterable<RequestRecord>
  readonly #known = new Map<string, string>()

  constructor(open: () => Iterable<RequestRecord>) {
    this.#open = open
  }

  /** Undefined for sequences not started by a request. */
  of(sequence: string): string | undefined {
    const known = this.#known.get(sequence)
    if (known !== undefined) return known
    for (const { start, requested, sequences } of this.#open()) {
      const generation = requested?.answerId ?? start.id
      const isMine = sequences.some(
        (_, choice) => sequenceId(generation, choice, sequences.length) === sequence,
      )
      if (!isMine) continue
      if (this.#known.size >= maxRemembered) this.#known.clear()
      this.#known.set(sequence, start.id)
      return start.id
    }
    return undefined
  }
}
