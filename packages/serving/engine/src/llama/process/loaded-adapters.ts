/** The LoRA adapters of this process, and those currently set in the context: one set for all sequences of a step. */

import { HadalError, messageOf } from '@hadal/base'
import { adapterUnusable } from '../../errors.ts'
import type { AdapterPointer, ContextPointer, ModelPointer, Native } from '../binding.ts'
import type { AdapterFile, AdapterSet } from '../messages.ts'
import { type BaseModel, checkAdapter, readBaseModel } from './check-adapter.ts'

export interface AdapterPlace {
  readonly native: Native
  readonly model: ModelPointer
  readonly context: ContextPointer
  /** The files of the model. */
  readonly paths: readonly string[]
}

export class LoadedAdapters {
  readonly #place: AdapterPlace
  /** By ref; the error if its file was lost. */
  readonly #adapters = new Map<number, AdapterPointer | HadalError>()
  #base: BaseModel | undefined
  #atWork: AdapterSet = []

  constructor(place: AdapterPlace) {
    this.#place = place
  }

  /** Throws `adapter_unusable`. */
  async load({ ref, path }: AdapterFile): Promise<void> {
    const { native, model } = this.#place
    await checkAdapter(path, this.#baseOf(path))
    const adapter = native.llama.adapterLoraInit(model, path)
    if (adapter === null) throw adapterUnusable(path, 'llama.cpp could not load it')
    this.#adapters.set(ref, adapter)
  }

  /** Loads an adapter that an earlier process had. If it is gone, only requests for it are rejected; returns why. */
  async restore(file: AdapterFile): Promise<HadalError[]> {
    try {
      await this.load(file)
      return []
    } catch (thrown) {
      if (!(thrown instanceof HadalError)) throw thrown
      this.#adapters.set(file.ref, thrown)
      return [thrown]
    }
  }

  /** Throws `adapter_unusable` if one of them was lost. */
  check(set: AdapterSet): void {
    for (const [ref] of set) {
      const adapter = this.#adapters.get(ref)
      if (adapter instanceof HadalError) throw adapter
    }
  }

  /** Applies to the next computation. */
  use(set: AdapterSet): void {
    if (adapterKey(set) === adapterKey(this.#atWork)) return
    const { native, context } = this.#place
    const adapters = BigUint64Array.from(set, ([ref]) => this.#pointer(ref))
    const scales = Float32Array.from(set, ([, scale]) => scale)
    native.llama.setAdaptersLora(context, adapters, set.length, scales)
    this.#atWork = set
  }

  /** No sequence uses it any more. */
  drop(ref: number): void {
    const adapter = this.#adapters.get(ref)
    this.#adapters.delete(ref)
    if (adapter === undefined || adapter instanceof HadalError) return
    if (this.#atWork.some(([each]) => each === ref)) this.use([])
    this.#place.native.llama.adapterLoraFree(adapter)
  }

  /** Read when the first adapter is loaded: most models have none. */
  #baseOf(path: string): BaseModel {
    try {
      this.#base ??= readBaseModel(this.#place.paths)
      return this.#base
    } catch (cause) {
      throw adapterUnusable(path, `the model to compare it with: ${messageOf(cause)}`).with({ cause })
    }
  }

  #pointer(ref: number): AdapterPointer {
    const adapter = this.#adapters.get(ref)
    if (adapter === undefined || adapter instanceof HadalError)
      throw new Error(`adapter ${ref} is not loaded`)
    return adapter
  }
}

/** Equal for equal sets: only sequences with the same key can be computed together or share cells. */
export function adapterKey(set: AdapterSet): string {
  return set.map(([ref, scale]) => `${ref}:${scale}`).join()
}
