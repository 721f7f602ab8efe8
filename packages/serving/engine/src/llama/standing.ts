/**
 * What an engine accepts in its current state: nothing if it is closed or cannot start, and never what its model does not
 * support.
 */

import type { HadalError } from '@hadal/base'
import type { EngineSnapshot, ModelAbilities, ModelInfo } from '../engine.ts'
import { embeddingsOff, engineClosed, generationOff, rerankingOff } from '../errors.ts'
import { inferenceOff } from '../onnx/errors.ts'

export type Ability = keyof ModelAbilities
/** The errors for abilities that the model does not have. */
export type Refusals = Partial<Record<Ability, HadalError>>

export class Standing {
  /** Resolves once it was ready; rejects when it never will be. */
  readonly ready: Promise<void>
  #becameReady: () => void = () => {}
  #neverBecomesReady: (error: HadalError) => void = () => {}
  #state: EngineSnapshot['state'] = 'starting'
  #model: ModelInfo | undefined
  #refusals: Refusals = {}
  /** Set while restarts fail. */
  #outOfService: HadalError | undefined

  constructor() {
    this.ready = new Promise((resolve, reject) => {
      this.#becameReady = resolve
      this.#neverBecomesReady = reject
    })
    this.ready.catch(() => {})
  }

  get state(): EngineSnapshot['state'] {
    return this.#state
  }

  /** As of the last start. */
  get model(): ModelInfo {
    if (this.#model === undefined) throw new Error('the model is known once ready() has resolved')
    return this.#model
  }

  /** Throws if the engine is out of service. */
  checkService(): void {
    if (this.#outOfService !== undefined) throw this.#outOfService
  }

  /** Throws if requests of this kind are not accepted. The model's abilities are known once it is ready. */
  check(ability: Ability): void {
    if (this.#state === 'draining' || this.#state === 'closed') throw engineClosed(this.#state)
    this.checkService()
    if (this.#refusals[ability] !== undefined) throw this.#refusals[ability]
  }

  /** A process is ready with this model. Returns the errors for queued requests that it does not support. */
  serves(model: ModelInfo): Refusals {
    this.#model = model
    this.#outOfService = undefined
    const { id, can } = model
    this.#refusals = {
      ...(!can.generate && { generate: generationOff(id, can.infer) }),
      ...(!can.embed && { embed: embeddingsOff(id, can.infer) }),
      ...(!can.rerank && { rerank: rerankingOff(id, can.infer) }),
      ...(can.infer !== true && { infer: inferenceOff(id) }),
    }
    if (this.#state !== 'draining') this.#state = 'ready'
    this.#becameReady()
    return this.#refusals
  }

  died(): void {
    if (this.#state === 'ready') this.#state = 'restarting'
  }

  /** Until it serves again. */
  goesOutOfService(error: HadalError): void {
    this.#outOfService = error
  }

  drains(): void {
    if (this.#state !== 'closed') this.#state = 'draining'
  }

  /** Permanent. */
  closes(error: HadalError): void {
    this.#state = 'closed'
    this.#neverBecomesReady(error)
  }
}
