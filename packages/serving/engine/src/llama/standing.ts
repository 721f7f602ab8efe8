/** What an engine takes by now: nothing when it is closed or cannot start, and never what its model does not do. */

import type { HadalError } from '@hadal/base'
import type { EngineSnapshot, ModelAbilities, ModelInfo } from '../engine.ts'
import { embeddingsOff, engineClosed, generationOff, rerankingOff } from '../errors.ts'
import { inferenceOff } from '../onnx/errors.ts'

export type Ability = keyof ModelAbilities
/** What those are told who ask for what the model does not do. */
export type Refusals = Partial<Record<Ability, HadalError>>

export class Standing {
  /** Resolves once it was ready; rejects when it never will be. */
  readonly ready: Promise<void>
  #becameReady: () => void = () => {}
  #neverBecomesReady: (error: HadalError) => void = () => {}
  #state: EngineSnapshot['state'] = 'starting'
  #model: ModelInfo | undefined
  #refusals: Refusals = {}
  /** Since it fails to start again. */
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

  /** Throws where there is nobody to ask. */
  checkService(): void {
    if (this.#outOfService !== undefined) throw this.#outOfService
  }

  /** Throws where none who wants this is taken. What the model does not do is known once it is ready. */
  check(ability: Ability): void {
    if (this.#state === 'draining' || this.#state === 'closed') throw engineClosed(this.#state)
    this.checkService()
    if (this.#refusals[ability] !== undefined) throw this.#refusals[ability]
  }

  /** A process is ready with this model. Returns what to tell those who wait for what it does not do. */
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

  /** For good. */
  closes(error: HadalError): void {
    this.#state = 'closed'
    this.#neverBecomesReady(error)
  }
}
