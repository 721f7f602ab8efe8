/** What a server has to know of a model before it is loaded, and how it is loaded. Knows nothing of config files. */

import { type Engine, engineClosed } from '@hadal/engine'
import type { Upstream } from '@hadal/upstream'

/** How a model is called. */
export interface ModelNames {
  readonly aliases?: readonly string[]
  /** What the list of models says of it; means nothing here. */
  readonly tags?: readonly string[]
}

interface AnyModel extends ModelNames {
  /** Models that are asked, in turn, where this one cannot answer and nothing was said yet. */
  readonly fallbacks?: readonly string[]
}

/** A model that this server loads and unloads. */
export interface LocalModel extends AnyModel {
  readonly kind: 'local'
  /** As clients name it in `model`; undefined: as its engine does, once that is ready. */
  readonly id: string | undefined
  /** Never unloaded, neither for others nor because nobody asks. */
  readonly pinned?: boolean
  /** Loaded when the server starts, which is ready only then; else with the first request. */
  readonly loadAtStart?: boolean
  /** Unloaded when nobody has asked for so long. Absent: never for that. */
  readonly idleUnloadMillis?: number
  /** Adapters that come with it: a request for one of them means this model. */
  readonly adapterIds?: readonly string[]
  /** Its engine is the caller's and is never closed here: the model stays away once that is closed. */
  readonly isGiven?: true
  /** What it will take, before it is loaded: weights, keys and values. May look for its file, or download it. */
  estimateBytes?(): Promise<number>
  /** An engine that may still be starting. */
  open(): Promise<Engine>
}

/** A model that lives in other servers. */
export interface UpstreamModel extends AnyModel {
  readonly kind: 'upstream'
  readonly id: string
  /** The caller's: never closed here. */
  readonly upstream: Upstream
}

/** It may be asked: a replica is well, or requests wait for one. */
export function takesRequests({ upstream }: UpstreamModel): boolean {
  const { state } = upstream.snapshot()
  return state === 'ready' || state === 'asleep'
}

export type ModelSource = LocalModel | UpstreamModel

/** An engine that somebody else started, and closes. */
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
