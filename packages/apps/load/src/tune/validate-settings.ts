/** Validates settings under real load: at the predicted rate, then slower until the SLO is met. */

import { brokenPromises, hasten, type SimulatedRequest } from '@hadal/batching'
import { type ReplayReport, replayTraffic } from '../load/replay-traffic.ts'
import type { Point, TuneObserver, TunePlan, Validation } from './tune-plan.ts'
import { startService } from './tuned-service.ts'

/** Fraction of the prediction: machines are shared, and the load generator runs on this one, too. */
const attemptedShares = [1, 0.85, 0.7, 0.5]

export async function validateSettings(
  { test, traffic, slo, validationMillis }: TunePlan,
  points: readonly Point[],
  observer: TuneObserver,
): Promise<Validation[]> {
  const validations: Validation[] = []
  for (const point of points) {
    if (point.foreseen === undefined) continue
    await using service = await startService(test, point.knobs)
    const { url, scale, engine } = service
    const target = { url, model: engine.model.id, timeoutMillis: 120_000, extraBody: { ignore_eos: true } }
    const attempts: Validation['attempts'][number][] = []
    for (const share of attemptedShares) {
      const part = within(hasten(traffic, point.foreseen.factor * share), validationMillis)
      if (part.length < 2) break
      const offered = ((part.length - 1) * 1000) / (part.at(-1)!.arrivalMillis - part[0]!.arrivalMillis)
      observer.onPhase?.(
        'validation',
        `${point.name}: ${part.length} requests, ${offered.toFixed(1)} a second`,
      )
      const report = await replayTraffic(part, { target, scale, seed: attempts.length + 1 })
      const broken = brokenPromises(observed(report), slo)
      const attempt = { offered, report, broken }
      attempts.push(attempt)
      observer.onAttempt?.(point, attempt)
      if (broken.length === 0) break
    }
    const kept = attempts.find(({ broken }) => broken.length === 0)?.report.requestsPerSecond ?? 0
    validations.push({ ...point, attempts, kept })
  }
  return validations
}

function within(traffic: Iterable<SimulatedRequest>, millis: number): SimulatedRequest[] {
  const part: SimulatedRequest[] = []
  for (const request of traffic) {
    if (part.length > 0 && request.arrivalMillis - part[0]!.arrivalMillis > millis) break
    part.push(request)
  }
  return part
}

function observed({ requests, done, ...report }: ReplayReport): Parameters<typeof brokenPromises>[0] {
  return { ...report, requests, outcomes: { done } }
}
