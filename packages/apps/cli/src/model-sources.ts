/** Models of a config file as server sources: located and started on demand. */

import type { Logger } from '@hadal/base'
import {
  adapterId,
  type LocalEntry,
  type ModelEntry,
  ownSettings,
  type RemoteEntry,
  type Service,
} from '@hadal/config'
import type { Terminal } from '@hadal/output'
import type { LocalModel, ModelSource, UpstreamModel } from '@hadal/server'
import type { ServedModel, StartEngine } from '@hadal/service'
import { readChatTemplate, weightBytes } from '@hadal/service'
import type { Upstream, UpstreamOptions } from '@hadal/upstream'
import { findModels } from './find-models.ts'
import { wakeFile, wakeFilePath } from './wake-file.ts'

export interface SourceContext {
  readonly service: Service
  /** Explicit settings. */
  readonly said: Partial<Service>
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly logger: Logger
  readonly startEngine: StartEngine
  /** Shares of clients, which may change. */
  readonly weights: Readonly<Record<string, number>>
}

/** Throws `chat_template_unreadable` and `upstream_option_invalid`. The caller closes the upstream. */
export const sourceOf = async (entry: ModelEntry, context: SourceContext): Promise<ModelSource> =>
  'upstream' in entry ? remote(entry, context) : local(entry, context)

const policyOf = ({ id, aliases, tags, fallbacks }: ModelEntry) => ({
  id,
  ...(aliases !== undefined && { aliases }),
  ...(tags !== undefined && { tags }),
  ...(fallbacks !== undefined && { fallbacks }),
})

function local(entry: LocalEntry, context: SourceContext): LocalModel {
  const { service, terminal, signal, logger, startEngine, weights } = context
  const { pinned = false } = entry
  const { loadAtStart = pinned, idleUnloadMillis = service.idleUnloadMillis } = entry
  const kept = ownSettings.flatMap((key) => (entry[key] === undefined ? [] : [[key, entry[key]] as const]))
  const chosen = { ...context.said, ...Object.fromEntries(kept) } as Partial<Service>
  const chatTemplate = readChatTemplate(entry.chatTemplate)
  const own: Partial<Service> = {
    ...chosen,
    ...(chatTemplate !== undefined && { chatTemplate }),
    ...budgetedCells(chosen, service),
  }
  let found: Promise<ServedModel> | undefined
  const find = (): Promise<ServedModel> => {
    const wanted = { ...service, ...own, model: entry.model, modelId: entry.id }
    found ??= findModels(wanted, terminal, signal).catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }
  return {
    kind: 'local',
    ...policyOf(entry),
    pinned,
    loadAtStart,
    ...(idleUnloadMillis !== undefined && { idleUnloadMillis }),
    adapterIds: (entry.adapters ?? []).map(adapterId),
    estimateBytes: async () =>
      weightBytes((await find()).path) + atLeast(own.replicas) * (own.kvCacheBytes ?? 0),
    open: async () => startEngine(await find(), own, logger, weights),
  }
}

/** Processes that it begins with. */
const atLeast = (replicas: Service['replicas'] = 1): number => (replicas === 'auto' ? 1 : replicas)

/** By default a model takes at most a quarter of the budget, so that others fit. */
const largestShare = 1 / 4
const comfortableBytes = 1024 ** 3

function budgetedCells(
  { kvCacheBytes }: Partial<Service>,
  { memoryBudgetBytes }: Service,
): Pick<Partial<Service>, 'kvCacheBytes'> {
  if (kvCacheBytes !== undefined || memoryBudgetBytes === undefined) return {}
  return { kvCacheBytes: Math.min(comfortableBytes, Math.floor(memoryBudgetBytes * largestShare)) }
}

async function remote(
  entry: RemoteEntry,
  { terminal, logger, weights }: SourceContext,
): Promise<UpstreamModel & { readonly upstream: Upstream }> {
  // Speaks HTTP by a library that others need not load.
  const { createUpstream } = await import('@hadal/upstream')
  const { apiKeyEnv, discover, ...options } = entry.upstream
  const apiKey = options.apiKey ?? (apiKeyEnv === undefined ? undefined : terminal.env[apiKeyEnv])
  const weightOf = (client: string): number => weights[client] ?? 1
  const requested: UpstreamOptions = {
    id: entry.id,
    weightOf,
    ...options,
    // Validated with the config: exactly one discovery method is set.
    ...(discover !== undefined && { discover: discover as NonNullable<UpstreamOptions['discover']> }),
    ...(apiKey !== undefined && { apiKey }),
  }
  const wakes = wakeFile(wakeFilePath(entry.id, terminal.env), logger)
  return { kind: 'upstream', ...policyOf(entry), upstream: createUpstream(requested, { logger, wakes }) }
}
