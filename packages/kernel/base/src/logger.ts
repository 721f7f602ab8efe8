/** The logging interface. Packages take a `Logger`; only the command line decides where lines go. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/**
 * A logger that passes each line at or above `threshold` to `write`.
 *
 * @example
 * ```ts
 * import { createLogger } from '@hadal/base'
 *
 * const lines: string[] = []
 * const log = createLogger((level, message) => lines.push(`${level}: ${message}`), 'warn')
 * log.info('not said')
 * log.warn('said')
 * lines // → [ 'warn: said' ]
 * ```
 */
export function createLogger(
  write: (level: LogLevel, message: string, fields: LogFields) => void,
  threshold: LogLevel = 'info',
): Logger {
  const from = levels.indexOf(threshold)
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (levels.indexOf(level) >= from) write(level, message, fields)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/**
 * A logger that discards everything.
 *
 * @example
 * ```ts
 * import { type Logger, silentLogger } from '@hadal/base'
 *
 * const log: Logger = silentLogger
 * log.error('this is discarded')
 * ```
 */
export const silentLogger: Logger = createLogger(() => {})
