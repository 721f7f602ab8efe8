/** The server's part of a service's settings. */

import type { Service } from '@hadal/config'
import type { ServerChange, ServerOptions } from '@hadal/server'

type ChatDefaults = NonNullable<NonNullable<ServerOptions['defaults']>['chat']>

const sampling = [
  'temperature',
  'topK',
  'topP',
  'minP',
  'repeatPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
] as const

export function serverSettings(service: Service): Omit<ServerOptions, 'engines' | 'models' | 'room'> {
  const { modelAliases: aliases, modelTags: tags, anyModelName, tlsCert, tlsKey } = service
  const { anyModelName: _, ...live } = liveServerSettings(service)
  return {
    ...live,
    modelNames: { aliases, tags, any: anyModelName },
    ...(tlsCert !== undefined && tlsKey !== undefined && { tls: { cert: tlsCert, key: tlsKey } }),
    separateAdmin: service.adminPort !== undefined,
  }
}

/** Those that can change at runtime. */
export function liveServerSettings(service: Service): Omit<ServerChange, 'guard'> {
  const chosen = sampling.flatMap((key) => (service[key] === undefined ? [] : [[key, service[key]] as const]))
  const {
    apiKeys,
    adminKeys,
    allowKeyless,
    corsOrigins = [],
    hostNames,
    trustProxy,
    privateMetrics,
  } = service
  return {
    apiKeys,
    adminKeys,
    allowKeyless,
    corsOrigins,
    hostNames,
    trustProxy,
    privateMetrics,
    limits: {
      maxBodyBytes: service.bodyLimitBytes,
      maxBodiesBytes: service.bodyMemoryBytes,
      maxHeaderBytes: service.headerLimitBytes,
      maxHeaders: service.maxHeaders,
      maxConnections: service.maxConnections,
      maxConnectionsPerAddress: service.maxConnectionsPerAddress,
    },
    defaults: {
      sampling: Object.fromEntries(chosen),
      chat: chatDefaults(service),
      verbose: service.verboseAnswers,
      ...(service.maxTokens !== undefined && { maxTokens: service.maxTokens }),
    },
    slots: service.slots,
    adapterChanges: service.adapterChanges,
    strictParameters: service.strictParameters,
    anyModelName: service.anyModelName,
  }
}

function chatDefaults({ thinking, thinkingBudget, reasoningEffort: effort }: Service): ChatDefaults {
  return {
    ...(thinking !== undefined && { thinking }),
    ...(thinkingBudget !== undefined && { thinkingBudget }),
    ...(effort !== undefined && { effort }),
  }
}
