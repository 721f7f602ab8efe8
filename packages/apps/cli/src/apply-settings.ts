/** Applies settings that changed at runtime: engine limits first, then everything the server reads per request. */

import type { Logger, LogLevel } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { Engine, EngineLimits } from '@hadal/engine'

export interface AppliedTo {
  /** For `hadal serve`: `(service) => server.change(serverSettings(service))`. */
  readonly changeServer: (service: Service) => void
  readonly engines: () => readonly Pick<Engine, 'limit'>[]
  readonly logger: Logger
}

const limitKeys = [
  'maxBatchSize',
  'maxBatchTokens',
  'maxPrefillTokensWhileDecoding',
  'timeoutMicros',
] as const satisfies readonly (keyof EngineLimits)[]

export function applySettings(
  { changeServer, engines, logger }: AppliedTo,
  service: Service,
  changed: readonly (keyof Service)[],
): void {
  const limits: Partial<EngineLimits> = Object.fromEntries(
    limitKeys.flatMap((key) => (changed.includes(key) ? [[key, service[key]] as const] : [])),
  )
  const [first] = Object.keys(limits)
  if (first !== undefined)
    for (const engine of engines()) {
      if (engine.limit === undefined) logger.warn(`${first}: the limits of this engine cannot change`)
      else engine.limit(limits)
    }
  changeServer(service)
}

const severity: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Filters a logger by the current `level`; `target` must write everything. */
export function withLevel(target: Logger, level: () => LogLevel): Logger {
  const at =
    (own: LogLevel): Logger['info'] =>
    (message, fields) => {
      if (severity.indexOf(own) >= severity.indexOf(level())) target[own](message, fields)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
