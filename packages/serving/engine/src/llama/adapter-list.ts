/**
 * The LoRA adapters that requests can name, with their default scales. An unloaded adapter is kept until the requests that use
 * it end. Loading happens elsewhere.
 */

import type { AdapterInfo, AdapterUse } from '../engine.ts'
import { adapterExists, adapterUnknown, adapterUnusable, invalidSampling } from '../errors.ts'
import type { AdapterFile, AdapterSet } from './messages.ts'

interface Entry {
  /** A permanent identifier; ids can be reused. */
  readonly ref: number
  info: AdapterInfo
  /** False while it is being loaded and after it was unloaded. */
  listed: boolean
  /** Running requests that use it. */
  users: number
}

export class AdapterList {
  /** In the order of loading. */
  readonly #entries = new Map<number, Entry>()
  readonly #loading = new Set<string>()
  #unneeded: number[] = []
  #nextRef = 1

  /** The initial adapters. Throws `adapter_exists` and `adapter_unusable`. */
  constructor(adapters: readonly AdapterInfo[]) {
    for (const adapter of adapters) this.add(this.reserve(adapter), adapter)
  }

  get infos(): readonly AdapterInfo[] {
    return this.#listed().map(({ info }) => info)
  }

  /** Reserves a ref for loading; then call `add` or `giveUp`. Throws `adapter_exists` and `adapter_unusable`. */
  reserve({ id, path, scale }: AdapterInfo): number {
    if (this.#loading.has(id) || this.#find(id) !== undefined) throw adapterExists(id)
    if (!isScale(scale)) throw adapterUnusable(path, `its scale is ${scale}, not ${aScale}`)
    this.#loading.add(id)
    this.#nextRef += 1
    return this.#nextRef - 1
  }

  add(ref: number, info: AdapterInfo): void {
    this.#loading.delete(info.id)
    this.#entries.set(ref, { ref, info, listed: true, users: 0 })
  }

  giveUp({ id }: AdapterInfo): void {
    this.#loading.delete(id)
  }

  /** Affects new requests only. Throws `adapter_unknown`. */
  remove(id: string): void {
    const entry = this.#entryOf(id)
    entry.listed = false
    this.#forget(entry)
  }

  /** Adapters not named get 0. Throws `adapter_unknown` and `invalid_sampling` without changing anything. */
  setScales(uses: readonly AdapterUse[]): void {
    const scales = this.#scales(uses)
    for (const entry of this.#listed()) entry.info = { ...entry.info, scale: scales.get(entry.ref) ?? 0 }
  }

  /**
   * The adapter set of a request that names these, or none. Call `hold` when the request starts and `release` when it ends.
   * Throws `adapter_unknown` and `invalid_sampling`.
   */
  setOf(uses: readonly AdapterUse[] | undefined): AdapterSet {
    const scales =
      uses === undefined
        ? new Map(this.#listed().map(({ ref, info }) => [ref, info.scale]))
        : this.#scales(uses)
    return [...scales]
      .map(([ref, scale]) => [ref, Math.fround(scale)] as const)
      .filter(([, scale]) => scale !== 0)
      .sort(([a], [b]) => a - b)
  }

  hold(set: AdapterSet): void {
    for (const [ref] of set) this.#entries.get(ref)!.users += 1
  }

  release(set: AdapterSet): void {
    for (const [ref] of set) {
      const entry = this.#entries.get(ref)!
      entry.users -= 1
      this.#forget(entry)
    }
  }

  /** What a new process must load. */
  files(): AdapterFile[] {
    this.#unneeded = []
    return [...this.#entries.values()].map(({ ref, info: { path } }) => ({ ref, path }))
  }

  /** Refs that a process can free, given that it loaded `files()` and all later ones; each is returned once. */
  takeUnneeded(): number[] {
    const unneeded = this.#unneeded
    this.#unneeded = []
    return unneeded
  }

  #listed(): Entry[] {
    return [...this.#entries.values()].filter(({ listed }) => listed)
  }

  #find(id: string): Entry | undefined {
    return this.#listed().find(({ info }) => info.id === id)
  }

  #entryOf(id: string): Entry {
    const entry = this.#find(id)
    if (entry !== undefined) return entry
    throw adapterUnknown(
      id,
      this.#listed().map(({ info }) => info.id),
    )
  }

  #scales(uses: readonly AdapterUse[]): Map<number, number> {
    const scales = new Map<number, number>()
    for (const { id, scale } of uses) {
      if (!isScale(scale)) throw invalidSampling(`the scale of adapter ${JSON.stringify(id)}`, scale, aScale)
      scales.set(this.#entryOf(id).ref, scale)
    }
    return scales
  }

  #forget({ ref, listed, users }: Entry): void {
    if (listed || users > 0) return
    this.#entries.delete(ref)
    this.#unneeded.push(ref)
  }
}

/** Larger than any useful value, and far below half-precision overflow. */
const largestScale = 1000
const aScale = `a number from -${largestScale} to ${largestScale}`

function isScale(scale: number): boolean {
  return Math.abs(scale) <= largestScale
}
