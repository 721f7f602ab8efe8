/** Decisions and looks of one model as columns over time, for a chart. Pure. */

import type { ScaledModelAnswer } from '@hadal/protocol'

/** One observation. */
export interface ScalingSample {
  readonly at: number
  readonly replicas: number | null
  readonly ready: number | null
  /** Engines' worth of work. */
  readonly work: number | null
  readonly latencyMillis: number | null
}

export interface ScalingColumns {
  readonly x: readonly number[]
  readonly replicas: readonly (number | null)[]
  readonly ready: readonly (number | null)[]
  readonly work: readonly (number | null)[]
  readonly latencyMillis: readonly (number | null)[]
}

/** Past samples from the stored decisions: each from the start of its unchanged count to its latest signals. */
export function samplesOf({ decisions }: Pick<ScaledModelAnswer, 'decisions'>): readonly ScalingSample[] {
  return decisions.flatMap(({ at, since, from, to, signals }) => {
    const value = (name: string): number | null => signals.find((each) => each.name === name)?.value ?? null
    const busy = value('busy')
    const before = { at: (since ?? at) - 1, replicas: from, ready: null, work: null, latencyMillis: null }
    const then = {
      at,
      replicas: to,
      ready: null,
      work: busy === null ? null : busy / 100,
      latencyMillis: value('latency'),
    }
    if (from !== to) return [{ ...before, at: at - 1 }, then]
    return since === undefined || since >= at ? [then] : [{ ...before, at: since, replicas: to }, then]
  })
}

/** The current sample; undefined before the first observation. */
export function sampleNow(model: ScaledModelAnswer): ScalingSample | undefined {
  const { observedAt, replicas, readyReplicas } = model
  if (observedAt === null) return undefined
  const last = samplesOf({ decisions: model.decisions.slice(-1) }).at(-1)
  const isFresh = last !== undefined && Math.abs(last.at - observedAt) < 60_000
  return {
    at: observedAt,
    replicas,
    ready: readyReplicas,
    work: isFresh ? last.work : null,
    latencyMillis: isFresh ? last.latencyMillis : null,
  }
}

/** Longer ones forget the oldest: an hour of looks every five seconds. */
export const maxSamples = 720

export function withSample(
  samples: readonly ScalingSample[],
  sample: ScalingSample | undefined,
): readonly ScalingSample[] {
  if (sample === undefined || (samples.at(-1)?.at ?? 0) >= sample.at) return samples
  return [...samples, sample].slice(-maxSamples)
}

/** Decisions and looks together, in order of time; of one moment the look. */
export function columnsOf(decided: readonly ScalingSample[], seen: readonly ScalingSample[]): ScalingColumns {
  const byTime = new Map<number, ScalingSample>()
  for (const each of [...decided, ...seen]) byTime.set(each.at, each)
  const all = [...byTime.values()].sort((a, b) => a.at - b.at)
  return {
    x: all.map(({ at }) => at),
    replicas: all.map(({ replicas }) => replicas),
    ready: all.map(({ ready }) => ready),
    work: all.map(({ work }) => work),
    latencyMillis: all.map(({ latencyMillis }) => latencyMillis),
  }
}
