/** A key-value store shared by the processes of a group. */

import { tensorDistributedPeerLost } from '../errors.ts'
import { failure } from '../failure.ts'
import { native } from '../native.ts'

export interface GroupStore {
  set(key: string, text: string): void
  /** The text under `key`, waiting until a rank sets it. Throws `tensor_distributed_peer_lost` when none does. */
  get(key: string, timeoutMillis: number): string
  has(key: string): boolean
}

/** The store of the native group `id`, hosted by rank 0 (or by the job's launcher). */
export function sharedStore(id: () => number): GroupStore {
  return {
    set: (key, text) => attempt('store.set', [key], () => native().storeSet(id(), key, text)),
    get: (key, timeoutMillis) =>
      attempt('store.get', [key], () => native().storeGet(id(), key, timeoutMillis)),
    has: (key) => attempt('store.has', [key], () => native().storeHas(id(), key)),
  }
}

/** The store of a single process: no other process sets a key, so nothing waits. */
export function ownStore(): GroupStore {
  const texts = new Map<string, string>()
  return {
    set: (key, text) => void texts.set(key, text),
    get(key) {
      const text = texts.get(key)
      if (text === undefined)
        throw tensorDistributedPeerLost(`store.get('${key}'): nobody set it, and this process is alone`)
      return text
    },
    has: (key) => texts.has(key),
  }
}

function attempt<T>(what: string, args: readonly unknown[], body: () => T): T {
  try {
    return body()
  } catch (thrown) {
    throw failure(thrown, what, '', args)
  }
}
