/** The settings of a service that are the server's, as it takes them. */

import type { Service } from '@hadal/config'
import type { ServerOptions } from '@hadal/server'

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

export function serverSettings(service: Service): Omit<ServerOptions, 'engines'> {
  const chosen = sampling.flatMap((key) => (service[key] === undefined ? [] : [[key, service[key]] as const]))
  return {
    apiKeys: service.apiKeys,
    corsOrigins: service.corsOrigins ?? (service.apiKeys.length > 0 ? ['*'] : []),
    limits: { maxBodyBytes: service.bodyLimitBytes },
    modelNames: {
      aliases: service.modelAliases,
      tags: service.modelTags,
      any: service.anyModelName,
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
  }
}

function chatDefaults({ thinking, thinkingBudget, reasoningEffort: effort }: Service): ChatDefaults {
  return {
    ...(thinking !== undefined && { thinking }),
    ...(thinkingBudget !== undefined && { thinkingBudget }),
    ...(effort !== undefined && { effort }),
  }
}
