import { createLogger, type LogLevel } from '@hadal/base'
import { resolveSettings, type Service, serviceSettings } from '@hadal/config'
import type { EngineLimits } from '@hadal/engine'
import { expect, it } from 'vitest'
import { applySettings, withLevel } from './apply-settings.ts'

const service = (values: Record<string, unknown>): Service =>
  resolveSettings(serviceSettings, { file: { path: 'f', values } }).values

it('gives the engine the limits that changed, and the server everything', () => {
  const limits: Partial<EngineLimits>[] = []
  const served: Service[] = []
  const lines: string[] = []
  const engine = {
    limit: (changed: Partial<EngineLimits>): EngineLimits => {
      limits.push(changed)
      return { maxBatchSize: 1, maxBatchTokens: 1, maxPrefillTokensWhileDecoding: 1, timeoutMicros: 0 }
    },
  }
  const to = {
    changeServer: (next: Service) => void served.push(next),
    engines: () => [engine, {}],
    logger: createLogger((_, message) => lines.push(message)),
  }
  const next = service({ maxBatchSize: 4, timeoutMicros: 7, topK: 1 })
  applySettings(to, next, ['topK'])
  expect([limits, lines]).toEqual([[], []])
  applySettings(to, next, ['maxBatchSize', 'timeoutMicros'])
  expect(limits).toEqual([{ maxBatchSize: 4, timeoutMicros: 7 }])
  expect(lines).toEqual(['maxBatchSize: the limits of this engine cannot change'])
  expect(served).toEqual([next, next])
})

it('the level of a log is that of the moment', () => {
  const lines: string[] = []
  let level: LogLevel = 'warn'
  const logger = withLevel(
    createLogger((at, message, { n }) => lines.push(`${at} ${message} ${n}`), 'debug'),
    () => level,
  )
  logger.info('a', { n: 1 })
  level = 'debug'
  logger.debug('b', { n: 2 })
  logger.error('c')
  expect(lines).toEqual(['debug b 2', 'error c undefined'])
})
