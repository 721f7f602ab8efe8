/** Measures a service, searches its settings in the simulator, and validates the best under real load. */

import {
  type Capacity,
  capacityWithin,
  type Scored,
  type SimulatedCosts,
  type SimulatedService,
  searchKnobs,
  simulatedCosts,
} from '@hadal/batching'
import type { Service } from '@hadal/config'
import { frontier, promises } from './frontier.ts'
import { guidePoints, type Knobs, knobSpace, simulatedFor } from './knobs.ts'
import { measureMachine, slowdownOf } from './measure-machine.ts'
import type { Point, TuneObserver, TunePlan, TuneReport, Validation } from './tune-plan.ts'
import { validateSettings } from './validate-settings.ts'

export async function tuneService(plan: TunePlan, observer: TuneObserver = {}): Promise<TuneReport> {
  const { start, traffic, slo } = plan
  const { costs, machine } = await measureMachine(plan, observer)
  const slowdown = await slowdownOf(plan, costs, observer)
  observer.onSlowdown?.(slowdown)
  const costsOf = new Map(costs.map((each) => [each.threads, slower(simulatedCosts(each), slowdown)]))
  const others = sheddingOf(plan.test.said)
  const foresee = (knobs: Knobs, guess = 1): Capacity | undefined => {
    const service = simulatedFor(knobs, machine, others)
    const cost = costsOf.get(knobs.threads)
    if (service === undefined || cost === undefined) return undefined
    return capacityWithin(slo, traffic, service, cost, guess, ({ report }, isKept) =>
      observer.onSimulated?.(knobs, report, isKept),
    )
  }

  observer.onPhase?.('search', 'searching')
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
  const validations = await validateSettings(plan, bestOf(tried, plan.validated, asPoint), observer)
  const best = validations.reduce<Validation | undefined>(
    (most, each) => (each.kept > (most?.kept ?? 0) ? each : most),
    undefined,
  )
  observer.onPhase?.('frontier', 'drawing the frontier')
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
    promises,
    frontier: frontier(traffic, curves),
    best: best ?? found,
  }
}

const slower = (
  { stepMillis, passMillis, restoreMillis }: SimulatedCosts,
  factor: number,
): SimulatedCosts => ({
  stepMillis: (work) => factor * stepMillis(work),
  passMillis: (work) => factor * passMillis(work),
  restoreMillis,
})

/** An SLO is met by rejecting requests that cannot meet it, and by shorter steps. */
const sheddingOf = ({
  sloTtftMillis,
  sloItlMillis,
  maxQueue,
}: Partial<Service>): Partial<SimulatedService> => ({
  ...(sloTtftMillis !== undefined && { sloTtftMillis }),
  ...(sloItlMillis !== undefined && { sloItlMillis }),
  ...(maxQueue !== undefined && { maxQueue }),
})

/** The best, and others that differ sufficiently. */
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
