/** `tuneOnline`: monitors an engine and adjusts its limits within its startup values. Every change is logged with its reason. */

import { type Clock, type Logger, systemClock } from '@hadal/base'
import { OnlineTuner, type OnlineTunerOptions } from '@hadal/batching'
import type { Engine, EngineLimits, GenerateEvent, GenerateRequest } from '@hadal/engine'

export interface OnlineTuningOptions {
  readonly slo: OnlineTunerOptions['slo']
  readonly logger: Logger
  readonly clock?: Clock
  readonly windowMillis?: number
  readonly minRequests?: number
}

export interface TunedEngine extends Disposable {
  /** To be served instead. */
  readonly engine: Engine
}

/** Interval of decisions. */
const askEveryMillis = 1000
const minPrefill = 16
const longestTimeoutMicros = 50_000

/** Undefined for engines with fixed limits. */
export function tuneOnline(engine: Engine, options: OnlineTuningOptions): TunedEngine | undefined {
  const { limits } = engine
  if (limits === undefined || engine.limit === undefined) return undefined
  const { logger, clock = systemClock } = options
  const tuner = new OnlineTuner({ ...options, start: limits, bounds: boundsOf(limits) })
  const stopped = new AbortController()
  const watch = async (): Promise<void> => {
    while (true) {
      await clock.sleep(askEveryMillis, stopped.signal)
      const change = tuner.decide(clock.now())
      if (change === undefined) continue
      engine.limit!(change.knobs)
      if (change.isRollback) logger.warn('limits taken back', { reason: change.reason })
      else logger.info('limits changed', { reason: change.reason })
    }
  }
  // Ends with the rejection of its sleep.
  watch().catch(() => {})
  return { engine: watched(engine, tuner, clock), [Symbol.dispose]: () => stopped.abort() }
}

function boundsOf(limits: EngineLimits): OnlineTunerOptions['bounds'] {
  const { maxBatchSize, maxBatchTokens, maxPrefillTokensWhileDecoding, timeoutMicros } = limits
  return {
    maxBatchSize: [1, maxBatchSize],
    maxPrefillTokensWhileDecoding: [Math.min(minPrefill, maxPrefillTokensWhileDecoding), maxBatchTokens],
    timeoutMicros: [0, Math.max(timeoutMicros, longestTimeoutMicros)],
  }
}

/** Wraps the engine to measure its latency. */
function watched(engine: Engine, tuner: OnlineTuner, clock: Clock): Engine {
  const generate = (request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent> =>
    timed(engine.generate(request, signal), tuner, clock)
  const embed: Engine['embed'] = async (request, signal) => {
    const begin = clock.now()
    tuner.arrived()
    const vectors = await engine.embed(request, signal)
    tuner.sawFirst(clock.now() - begin)
    tuner.ended()
    return vectors
  }
  return new Proxy(engine, {
    get(target, name) {
      if (name === 'generate') return generate
      if (name === 'embed') return embed
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function* timed(
  events: AsyncIterable<GenerateEvent>,
  tuner: OnlineTuner,
  clock: Clock,
): AsyncGenerator<GenerateEvent> {
  let before = clock.now()
  let isFirst = true
  tuner.arrived()
  for await (const event of events) {
    if (event.type === 'delta') {
      const now = clock.now()
      if (isFirst) tuner.sawFirst(now - before)
      else tuner.sawGap(now - before)
      ;[before, isFirst] = [now, false]
    } else if (event.type === 'done' && event.finishReason !== 'cancelled') tuner.ended()
    yield event
  }
}
