/** One line per finished request: in the normal log, or as JSON written by pino, which is loaded only if JSON is configured. */

import type { Logger } from '@hadal/base'
import { isQuietRoute } from '../http/route-access.ts'
import { accessFacts } from './access-facts.ts'
import type { RequestRecord } from './request-record.ts'

export interface AccessLogOptions {
  readonly format: 'off' | 'text' | 'json'
  readonly logger: Logger
  /** Receives JSON lines without the line break. */
  readonly write: (line: string) => void
}

const isQuiet = ({ start: { method, route } }: RequestRecord): boolean => isQuietRoute(method, route)

export function accessLog({ format, logger, write }: AccessLogOptions): (record: RequestRecord) => void {
  if (format === 'off') return () => {}
  if (format === 'text') return (record) => textLine(record, logger)
  const json = jsonLines(write, logger)
  return (record) => {
    if (!isQuiet(record)) json(record)
  }
}

function textLine(record: RequestRecord, logger: Logger): void {
  const { requestId, method, route: _, path, status, ...rest } = accessFacts(record)
  const { millis, traceId: __, prompt: ___, ...more } = rest
  const level = isQuiet(record) ? 'debug' : 'info'
  logger[level](`${method} ${path}`, { status, millis: Math.round(millis), requestId, ...more })
}

/** Buffers lines until pino is loaded. */
function jsonLines(write: (line: string) => void, logger: Logger): (record: RequestRecord) => void {
  const waiting: RequestRecord[] = []
  let log = (record: RequestRecord): void => void waiting.push(record)
  import('pino').then(
    ({ pino }) => {
      const lines = pino(
        {
          base: null,
          timestamp: () => `,"time":"${new Date().toISOString()}"`,
          formatters: { level: (level) => ({ level }) },
        },
        { write: (line) => write(line.trimEnd()) },
      )
      log = (record) => lines.info(accessFacts(record), 'request')
      for (const record of waiting.splice(0)) log(record)
    },
    (error: unknown) => {
      log = () => {}
      logger.error('there is no access log: pino could not be loaded', { error })
    },
  )
  return (record) => log(record)
}
