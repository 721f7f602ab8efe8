/** What a server knows about a model before loading it, and how to load it. Independent of config files. */

import { type Engine, engineClosed } from '@hadal/engine'
import type { Upstream } from '@hadal/upstream'

/** A model's names. */
export interface ModelNames {
  readonly aliases?: readonly string[]
  /** Labels shown in the model list; no effect. */
  readonly tags?: readonly string[]
}

interface AnyModel extends ModelNames {
  /** Models to try in order if this one fails before sending any output. */
  readonly fallbacks?: readonly string[]
}

/** A model this server loads and unloads. */
export interface LocalModel extends AnyModel {
  readonly kind: 'local'
  /** The name for `model`; undefined: the engine's id, once ready. */
  readonly id: string | undefined
  /** Never unloaded, neither for memory nor when idle. */
  readonly pinned?: boolean
  /** Loaded at startup, before the server is ready; otherwise on the first request. */
  readonly loadAtStart?: boolean
  /** Unloads after this idle time. Absent: never. */
  readonly idleUnloadMillis?: number
  /** Adapters of the model: their names select it. */
  readonly adapterIds?: readonly string[]
  /** The engine belongs to the caller and is never closed here; once closed, the model stays unavailable. */
  readonly isGiven?: true
  /** Estimated memory: weights and KV cache. May look up or download the file. */
  estimateBytes?(): Promise<number>
  /** Returns an engine that may still be starting. */
  open(): Promise<Engine>
}

/** A model on other servers. */
export interface UpstreamModel extends AnyModel {
  readonly kind: 'upstream'
  readonly id: string
  /** Owned by the caller and never closed here. */
  readonly upstream: Upstream
}

/** True if a replica is healthy or requests may wait for one. */
export function takesRequests({ upstream }: UpstreamModel): boolean {
  const { state } = upstream.snapshot()
  return state === 'ready' || state === 'asleep'
}

export type ModelSource = LocalModel | UpstreamModel

/** An engine started and closed by the caller. */
export function givenModel(engine: Engine, names: ModelNames = {}): LocalModel {
  return {
    kind: 'local',
    id: undefined,
    ...names,
    pinned: true,
    loadAtStart: true,
    isGiven: true,
    open: async () => {
      if (engine.snapshot().state === 'closed') throw engineClosed('closed')
      return engine
    },
  }
}
