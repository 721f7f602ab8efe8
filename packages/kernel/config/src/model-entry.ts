/** An entry of `models`: the model's location, its lifecycle and its own settings. Pure. */

import { isPlainObject } from '@hadal/base'
import type { AdapterSetting } from './adapter-setting.ts'
import { flag, millis, text, texts } from './kinds.ts'
import { type NestedKinds, readNested } from './nested.ts'
import { type BatchingSettings, batchingSettings } from './service/batching.ts'
import { type ModelSettings, modelSettings } from './service/model.ts'
import { type StartSettings, startSettings } from './service/start.ts'
import { readUpstream, type UpstreamEntry } from './upstream-entry.ts'

/**
 * Settings that can be overridden per model; defaults come from the service.
 *
 * @internal
 */
export const ownSettings = [
  'adapters',
  'batchInvariant',
  'chatTemplate',
  'contextLength',
  'cudaGraph',
  'draftModel',
  'draftTokens',
  'embeddings',
  'gpuLayers',
  'hostCacheBytes',
  'kvCacheBytes',
  'lockMemory',
  'mapMemory',
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensWhileDecoding',
  'maxQueue',
  'pooling',
  'preemption',
  'preload',
  'priorityAgingMillis',
  'replicas',
  'reranking',
  'sloItlMillis',
  'sloTtftMillis',
  'snapshotDir',
  'speculation',
  'standby',
  'threads',
  'timeoutMicros',
] as const

type OwnSource = ModelSettings & BatchingSettings & StartSettings
export type OwnSettings = Pick<OwnSource, (typeof ownSettings)[number]>

interface NamedEntry {
  /** The name clients use in `model`. */
  readonly id: string
  /** Other names for it. */
  readonly aliases?: readonly string[]
  /** Labels returned by `GET /v1/models`; otherwise unused. */
  readonly tags?: readonly string[]
  /** Ids of models to try, in order, if this one is unavailable. */
  readonly fallbacks?: readonly string[]
}

/** A model that this service loads. */
export interface LocalEntry extends NamedEntry, Partial<OwnSettings> {
  /** Like the setting `model`. */
  readonly model: string
  readonly adapters?: readonly AdapterSetting[]
  /** Never unloaded, neither for other models nor when idle. */
  readonly pinned?: boolean
  /** Loaded at start; true for pinned models, otherwise loaded by the first request. */
  readonly loadAtStart?: boolean
  /** Unloaded after this time without requests. */
  readonly idleUnloadMillis?: number
}

/** A model on other servers. */
export interface RemoteEntry extends NamedEntry {
  readonly upstream: UpstreamEntry
}

/**
 * A model of a service, local or remote.
 *
 * @example
 * ```ts
 * import type { ModelEntry } from '@hadal/config'
 *
 * const models: ModelEntry[] = [
 *   { id: 'small', model: 'org/model-3B-GGUF:Q4_K_M', pinned: true },
 *   { id: 'large', upstream: { replicas: ['http://10.0.0.7:8000'], model: 'org/model-70B' } },
 * ]
 * ```
 */
export type ModelEntry = LocalEntry | RemoteEntry

const named: NestedKinds = { id: text, aliases: texts, tags: texts, fallbacks: texts }
const ownTable = { ...modelSettings, ...batchingSettings, ...startSettings }
const own: NestedKinds = Object.fromEntries(ownSettings.map((key) => [key, ownTable[key].kind]))
const formerKeys = new Map(
  ownSettings.flatMap((key) => {
    const { formerly } = ownTable[key]
    return formerly === undefined ? [] : [[formerly, key]]
  }),
)
const local: NestedKinds = {
  ...named,
  ...own,
  model: text,
  pinned: flag,
  loadAtStart: flag,
  idleUnloadMillis: millis,
}

export interface ReadModels {
  readonly models: readonly ModelEntry[]
  readonly issues: readonly string[]
}

export function readModels(given: unknown): ReadModels {
  if (!Array.isArray(given)) return { models: [], issues: ['models must be a list of objects'] }
  const read = given.map((each, at) => readModel(each, `models[${at}]`))
  const models = read.flatMap(({ model }) => model ?? [])
  return { models, issues: [...read.flatMap(({ issues }) => issues), ...issuesBetween(models)] }
}

function readModel(
  given: unknown,
  place: string,
): { readonly model?: ModelEntry; readonly issues: readonly string[] } {
  const { model, upstream } = (given ?? {}) as Readonly<Record<string, unknown>>
  if (upstream === undefined) {
    const { values, issues } = readNested(withCurrentKeys(given), local, place, ['id', 'model'])
    return issues.length > 0 ? { issues } : { model: values as unknown as LocalEntry, issues }
  }
  const { upstream: _, ...rest } = given as Readonly<Record<string, unknown>>
  const outer = readNested(rest, { ...named, model: text }, place, ['id'])
  const inner = readUpstream(upstream, `${place}.upstream`)
  const both = model === undefined ? [] : [`${place}: set either model or upstream, not both`]
  const issues = [...outer.issues, ...both, ...inner.issues]
  if (issues.length > 0) return { issues }
  return { model: { ...outer.values, upstream: inner.values } as unknown as RemoteEntry, issues }
}

/** Renames deprecated keys, unless the current one is given too. */
function withCurrentKeys(given: unknown): unknown {
  if (!isPlainObject(given)) return given
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const current = formerKeys.get(key)
      return [current === undefined || current in given ? key : current, value]
    }),
  )
}

/** Errors between models. */
function issuesBetween(models: readonly ModelEntry[]): string[] {
  const names = models.flatMap(({ id, aliases = [] }) => [id, ...aliases])
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  const ids = new Set(models.map(({ id }) => id))
  return [
    ...[...twice].map((name) => `models: the name ${JSON.stringify(name)} is used twice`),
    ...models.flatMap(({ id, fallbacks = [] }) =>
      fallbacks
        .filter((other) => !ids.has(other) || other === id)
        .map((other) =>
          other === id
            ? `models: ${id} falls back to itself`
            : `models: ${id} falls back to ${JSON.stringify(other)}, which does not exist`,
        ),
    ),
  ]
}
