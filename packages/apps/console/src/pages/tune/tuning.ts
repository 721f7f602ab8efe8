/** The state of a tuning, from its job's progress so far: points, candidates, frontier, the best. Pure. */

import type { TuneKnobs, TunePhase, TunePoint, TuneProgress, TuneResult, TuneSlo } from '@hadal/protocol'

/** A choice of settings, with the most that it bore within the promise. */
export interface Candidate {
  readonly id: string
  readonly knobs: TuneKnobs
  /** Undefined where the promise was kept at no load. */
  readonly best: TunePoint | undefined
  readonly loads: number
  /** Requests a second under real load, where that was tried; 0: the promise was not kept. */
  readonly real: number | undefined
  readonly isStart: boolean
}

export interface ShownPoint {
  readonly kind: 'simulated' | 'real'
  readonly point: TunePoint
  readonly candidate: string
  readonly requestsPerSecond: number
  readonly millis: number
}

export interface Tuning {
  readonly begin: Extract<TuneProgress, { readonly type: 'begin' }> | undefined
  readonly phase: TunePhase | undefined
  readonly phaseText: string | undefined
  readonly slo: TuneSlo
  readonly points: readonly ShownPoint[]
  /** The most borne first. */
  readonly candidates: readonly Candidate[]
  /** Points that no other beats in both: fewer milliseconds, more requests. By requests a second. */
  readonly frontier: readonly ShownPoint[]
  /** The candidate that is best so far, or that was chosen. */
  readonly chosen: Candidate | undefined
  readonly start: Candidate | undefined
}

export const idOf = (knobs: TuneKnobs): string => JSON.stringify(Object.entries(knobs).sort())

/** To the first token; of texts to embed, to the answer. */
export const latencyOf = (point: Pick<TunePoint, 'ttftMillis' | 'embedMillis'>): number | undefined =>
  point.ttftMillis ?? point.embedMillis

/** SLO target of `latencyOf`. */
export const promisedMillis = ({ ttftMillis, embedMillis }: TuneSlo): number | undefined =>
  ttftMillis ?? embedMillis

export function tuningOf(progress: readonly unknown[], result: TuneResult | undefined): Tuning {
  const reported = progress.filter(isProgress)
  const begin = reported.find((each) => each.type === 'begin')
  const phase = reported.findLast((each) => each.type === 'phase')
  const points = reported.flatMap((each) => (isPoint(each) ? shown(each) : []))
  const startId = begin === undefined ? undefined : idOf(begin.start)
  const candidates = candidatesOf(reported, startId)
  const chosenId = result === undefined ? undefined : idOf(result.best.knobs)
  return {
    begin,
    phase: phase?.phase,
    phaseText: phase?.text,
    slo: begin?.slo ?? result?.slo ?? {},
    points,
    candidates,
    frontier: paretoOf(points.filter(({ kind }) => kind === 'simulated')),
    chosen: candidates.find(({ id }) => id === chosenId) ?? candidates.find(({ best }) => best !== undefined),
    start: candidates.find(({ isStart }) => isStart),
  }
}

function candidatesOf(reported: readonly TuneProgress[], startId: string | undefined): Candidate[] {
  const found = new Map<string, { -readonly [K in keyof Candidate]: Candidate[K] }>()
  for (const each of reported) {
    if (!isPoint(each)) continue
    const id = idOf(each.knobs)
    let candidate = found.get(id)
    if (candidate === undefined) {
      candidate = {
        id,
        knobs: each.knobs,
        best: undefined,
        loads: 0,
        real: undefined,
        isStart: id === startId,
      }
      found.set(id, candidate)
    }
    if (each.type === 'attempt')
      candidate.real = Math.max(candidate.real ?? 0, each.isKept ? each.requestsPerSecond : 0)
    else {
      candidate.loads += 1
      if (each.isKept && each.requestsPerSecond > (candidate.best?.requestsPerSecond ?? 0))
        candidate.best = each
    }
  }
  return [...found.values()].sort(
    (a, b) => (b.best?.requestsPerSecond ?? 0) - (a.best?.requestsPerSecond ?? 0),
  )
}

/** Lower right is better: more requests, fewer milliseconds. */
export function paretoOf(points: readonly ShownPoint[]): ShownPoint[] {
  const sorted = [...points].sort((a, b) => b.requestsPerSecond - a.requestsPerSecond || a.millis - b.millis)
  let least = Number.POSITIVE_INFINITY
  const best = sorted.filter(({ millis }) => {
    if (millis >= least) return false
    least = millis
    return true
  })
  return best.reverse()
}

type Point = Extract<TuneProgress, { readonly type: 'point' | 'attempt' }>

const isPoint = (reported: TuneProgress): reported is Point =>
  reported.type === 'point' || reported.type === 'attempt'

function shown(point: Point): ShownPoint[] {
  const millis = latencyOf(point)
  if (millis === undefined || !(millis > 0) || !(point.requestsPerSecond > 0)) return []
  const kind = point.type === 'attempt' ? 'real' : 'simulated'
  const { requestsPerSecond } = point
  return [{ kind, point, candidate: idOf(point.knobs), requestsPerSecond, millis }]
}

const types: readonly string[] = [
  'begin',
  'phase',
  'costs',
  'slowdown',
  'point',
  'attempt',
] satisfies readonly TuneProgress['type'][]

const isProgress = (value: unknown): value is TuneProgress =>
  typeof value === 'object' && value !== null && types.includes((value as { type: string }).type)
