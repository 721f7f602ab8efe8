/**
 * Measures a service, searches its knobs in the simulator, and holds the best of them against real load. Knows nothing of
 * terminals and files.
 */

import {
  brokenPromises,
  type Capacity,
  type CostCoefficients,
  capacityWithin,
  fitCosts,
  hasten,
  type MeasuredStep,
  type Promised,
  type Scored,
  type SimulatedCosts,
  type SimulatedRequest,
  type SimulatedService,
  type Slo,
  searchKnobs,
  simulatedCosts,
} from '@hadal/batching'
import type { Service } from '@hadal/config'
import { tuneUnmeasured } from '../errors.ts'
import { type ReplayReport, replayTraffic } from '../load/replay-traffic.ts'
import { type Curve, frontier } from './frontier.ts'
import { guidePoints, type Knobs, knobSpace, type Machine, simulatedFor } from './knobs.ts'
import { measureGuesses, measureSteps } from './measure-steps.ts'
import { measureSlowdown } from './real-load.ts'
import { startEngineWith, startService, type UnderTest } from './tuned-service.ts'

export interface TunePlan {
  readonly test: UnderTest
  readonly start: Knobs
  readonly threads: readonly number[]
  readonly traffic: readonly SimulatedRequest[]
  readonly slo: Slo
  /** Of the best that are tried under real load; 0: none. */
  readonly validated: number
  readonly validationMillis: number
}

export interface ThreadCosts extends CostCoefficients {
  readonly threads: number
  /** How far, at the median, a step is from what is foreseen: a share of it. */
  readonly medianError: number
}

/** Settings, and what the simulator foresees of them. */
export interface Point {
  readonly name: string
  readonly knobs: Knobs
  /** Undefined where the promise is not kept at any rate. */
  readonly foreseen: Capacity | undefined
}

/** What came of settings under real load. */
export interface Validation extends Point {
  readonly attempts: readonly {
    /** Requests a second that came. */
    readonly offered: number
    readonly report: ReplayReport
    readonly broken: readonly Promised[]
  }[]
  /** Requests a second done, of the fastest attempt that kept the promise; 0 where none did. */
  readonly kept: number
}

export interface TuneReport {
  readonly costs: readonly ThreadCosts[]
  /** Under real load all takes so many times as long. */
  readonly slowdown: number
  readonly machine: Machine
  readonly slo: Slo
  /** As it was, as guides have it, and as was found. */
  readonly points: readonly Point[]
  readonly tried: number
  readonly validations: readonly Validation[]
  readonly frontier: readonly Curve[]
  readonly best: Point
}

export interface TuneObserver {
  onPhase?(text: string): void
}

export async function tuneService(plan: TunePlan, observer: TuneObserver = {}): Promise<TuneReport> {
  const { start, traffic, slo } = plan
  const { costs, machine } = await measure(plan, observer)
  const slowdown = await slowdownOf(plan, costs, observer)
  const costsOf = new Map(costs.map((each) => [each.threads, slower(simulatedCosts(each), slowdown)]))
  const others = sheddingOf(plan.test.said)
  const foresee = (knobs: Knobs, guess = 1): Capacity | undefined => {
    const service = simulatedFor(knobs, machine, others)
    const cost = costsOf.get(knobs.threads)
    return service && cost && capacityWithin(slo, traffic, service, cost, guess)
  }

  observer.onPhase?.('searching')
  const longest = Math.max(...traffic.map(({ promptTokens, outputTokens }) => promptTokens + outputTokens))
  const capacities = new Map<Knobs, Capacity>()
  const tried = searchKnobs<Knobs>({
    space: knobSpace(start, machine, longest),
    start,
    score: (knobs, near) => {
      const capacity = foresee(knobs, near > 0 ? near : 1)
      if (capacity !== undefined) capacities.set(knobs, capacity)
      return capacity?.factor
    },
  })
  const asPoint = (name: string, knobs: Knobs): Point => ({
    name,
    knobs,
    foreseen: capacities.get(knobs) ?? foresee(knobs),
  })
  const found = asPoint('tuned', tried[0]!.knobs)
  const points = [
    asPoint('as it is', start),
    ...guidePoints.map(({ name, knobs }) => asPoint(name, { ...start, ...knobs })),
    found,
  ]
  const validations = await validate(plan, bestOf(tried, plan.validated, asPoint), observer)
  const best = validations.reduce<Validation | undefined>(
    (most, each) => (each.kept > (most?.kept ?? 0) ? each : most),
    undefined,
  )
  observer.onPhase?.('drawing the frontier')
  const curves = points.map(({ name, knobs }) => {
    const service = simulatedFor(knobs, machine) ?? {}
    return { name, service, costs: costsOf.get(knobs.threads) as SimulatedCosts }
  })
  return {
    costs,
    slowdown,
    machine,
    slo,
    points,
    tried: tried.length,
    validations,
    frontier: frontier(traffic, curves),
    best: best ?? found,
  }
}

/** What steps cost with so many threads, what guesses bring, and how many cells memory holds. */
async function measure(
  { test, start, threads }: TunePlan,
  observer: TuneObserver,
): Promise<{ costs: ThreadCosts[]; machine: Machine }> {
  const measured = new Map(
    threads.map((count) => [count, { steps: [] as MeasuredStep[], passes: [] as MeasuredStep[] }]),
  )
  let cells = 0
  // There and back: what others do on the machine meanwhile meets all of them alike.
  for (const count of threads.length > 1 ? [...threads, ...threads.toReversed()] : threads) {
    observer.onPhase?.(`measuring steps with ${count} ${count === 1 ? 'thread' : 'threads'}`)
    const { contextLength } = start
    const knobs = { maxBatchSize: 32, maxBatchTokens: 1024, maxPrefillTokensBesideDecodes: 512 }
    const others = { maxQueue: 1000, sloTtftMillis: undefined, sloItlMillis: undefined }
    const setting = { ...knobs, threads: count, contextLength, speculation: 'off', timeoutMicros: 0 } as const
    await using engine = await startEngineWith(test, setting, others)
    cells = Math.max(cells, cellsOf(engine.choices, engine.model.contextLength, knobs.maxBatchSize))
    const { steps, passes } = await measureSteps(engine, knobs.maxBatchSize)
    measured.get(count)!.steps.push(...steps)
    measured.get(count)!.passes.push(...passes)
  }
  const costs = [...measured].map(([count, { steps, passes }]): ThreadCosts => {
    const [step, pass] = [fitCosts(steps), fitCosts(passes)]
    const fitted = step ?? pass
    if (fitted === undefined) throw tuneUnmeasured(steps.length + passes.length)
    return { threads: count, step: fitted, ...(pass && { pass }), medianError: fitted.medianError }
  })
  if (test.said.speculation === 'off') return { costs, machine: { threads, cells, guesses: undefined } }
  observer.onPhase?.('measuring what guesses bring')
  await using engine = await startEngineWith(test, { ...start, speculation: 'auto' })
  const guesses = engine.model.can.generate ? await measureGuesses(engine) : undefined
  return { costs, machine: { threads, cells, guesses } }
}

/** Requests at once are enough to see it. */
const slowdownRequests = 40

/** What comes on top of steps where a server and its clients work on the same machine; 1 where nothing is validated. */
async function slowdownOf(
  { test, start, traffic, validated }: TunePlan,
  costs: readonly ThreadCosts[],
  observer: TuneObserver,
): Promise<number> {
  const own = costs.find(({ threads }) => threads === start.threads)
  if (validated === 0 || own === undefined) return 1
  observer.onPhase?.('measuring what comes on top of steps')
  await using service = await startService(test, start)
  const burst = traffic
    .slice(0, slowdownRequests)
    .map((request, index) => ({ ...request, arrivalMillis: index }))
  return measureSlowdown(service, simulatedCosts(own), burst)
}

const slower = (
  { stepMillis, passMillis, restoreMillis }: SimulatedCosts,
  factor: number,
): SimulatedCosts => ({
  stepMillis: (work) => factor * stepMillis(work),
  passMillis: (work) => factor * passMillis(work),
  restoreMillis,
})

/** What a config promises is kept by refusing who could not have it, and by shorter steps. */
const sheddingOf = ({
  sloTtftMillis,
  sloItlMillis,
  maxQueue,
}: Partial<Service>): Partial<SimulatedService> => ({
  ...(sloTtftMillis !== undefined && { sloTtftMillis }),
  ...(sloItlMillis !== undefined && { sloItlMillis }),
  ...(maxQueue !== undefined && { maxQueue }),
})

/** What the engine says of its cells: `kv cells: 4096 for each of 16 sequences`, `kv cells: 8192 shared by ...`. */
function cellsOf(choices: readonly string[], contextLength: number, sequences: number): number {
  const line = choices.find((choice) => choice.startsWith('kv cells:'))
  const [, count, each] = /^kv cells: (\d+)(?: for each of (\d+))?/.exec(line ?? '') ?? []
  return count === undefined ? contextLength * sequences : Number(count) * Number(each ?? 1)
}

/** The best, and of others those that are not nearly the same. */
function bestOf(
  tried: readonly Scored<Knobs>[],
  count: number,
  asPoint: (name: string, knobs: Knobs) => Point,
): Point[] {
  const chosen: Knobs[] = []
  const isAlike = (a: Knobs, b: Knobs): boolean =>
    a.threads === b.threads && a.maxBatchSize === b.maxBatchSize && a.timeoutMicros === b.timeoutMicros
  for (const { knobs } of tried)
    if (chosen.length < count && !chosen.some((other) => isAlike(other, knobs))) chosen.push(knobs)
  return chosen.map((knobs, index) => asPoint(index === 0 ? 'tuned' : `tuned, number ${index + 1}`, knobs))
}

/** Of what is foreseen: real machines are shared, and who measures works on this one, too. */
const attemptedShares = [1, 0.85, 0.7, 0.5]

async function validate(
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
      observer.onPhase?.(`${point.name}: ${part.length} requests, ${offered.toFixed(1)} a second`)
      const report = await replayTraffic(part, { target, scale, seed: attempts.length + 1 })
      const broken = brokenPromises(observed(report), slo)
      attempts.push({ offered, report, broken })
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
