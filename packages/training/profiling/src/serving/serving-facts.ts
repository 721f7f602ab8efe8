/**
 * Summarises a server trace per model: lanes and categories are those recorded by `POST /hadal/profile`. Times in micros. Pure;
 * `servingAdvice` interprets the numbers.
 */

import { phaseCategory, stepCategory, waitCategory } from '../categories.ts'
import type { Span, Trace } from '../trace.ts'
import { type RequestFacts, requestFacts } from './request-facts.ts'
import { numberOf, total } from './span-numbers.ts'
import { type StepFacts, stepFacts } from './step-facts.ts'

export interface ServingFacts {
  readonly model: string
  /** Duration of the recording. */
  readonly totalMicros: number
  readonly steps: StepFacts
  readonly requests: RequestFacts
  /** Passes over whole texts and images, to embed or to rank them. */
  readonly passes: { readonly count: number; readonly micros: number; readonly inputs: number }
  /** Queued requests, averaged over the whole time, and for how long the queue was not empty. */
  readonly queue: { readonly mean: number; readonly most: number; readonly micros: number }
}

const queueCategory = 'queue'
const requestCategory = 'request'
const partCategories: ReadonlySet<string> = new Set([phaseCategory, 'operator'])

/** One for each model, in the order of their names; none of a trace that is of no server. */
export function servingFacts(trace: Trace): ServingFacts[] {
  const models = new Map<string, Span[]>()
  /** Parts of steps and counts of the queue say no model; their lane does. */
  const modelOfLane = new Map<string, string>()
  for (const { args, lane } of trace.spans)
    if (typeof args?.model === 'string') modelOfLane.set(lane, args.model)
  const only = new Set(modelOfLane.values()).size === 1 ? [...modelOfLane.values()][0] : undefined
  for (const span of trace.spans) {
    const model = modelOfLane.get(span.lane) ?? only ?? span.lane.split(': ').slice(0, -1).join(': ')
    if (model === '') continue
    const own = models.get(model) ?? []
    models.set(model, own)
    own.push(span)
  }
  return [...models]
    .filter(([, spans]) => spans.some(isServing))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([model, spans]) => factsOf(model, spans, trace.durationMicros))
}

const isServing = ({ category, args }: Span): boolean =>
  category === requestCategory || (category === stepCategory && args?.running !== undefined)

function factsOf(model: string, spans: readonly Span[], totalMicros: number): ServingFacts {
  const of = (category: string): Span[] => spans.filter((span) => span.category === category)
  const all = of(stepCategory)
  const [passes, steps] = [all.filter(isPass), all.filter((step) => !isPass(step))]
  const queue = of(queueCategory)
  return {
    model,
    totalMicros,
    steps: stepFacts(
      steps,
      spans.filter(({ category }) => partCategories.has(category)),
      passes,
    ),
    requests: requestFacts(of(requestCategory), of(waitCategory)),
    passes: {
      count: passes.length,
      micros: total(passes, ({ durationMicros }) => durationMicros),
      inputs: total(passes, (pass) => numberOf(pass, 'running')),
    },
    queue: {
      mean:
        total(queue, (span) => numberOf(span, 'waiting') * span.durationMicros) / Math.max(1, totalMicros),
      most: queue.reduce((most, span) => Math.max(most, numberOf(span, 'waiting')), 0),
      micros: total(queue, ({ durationMicros }) => durationMicros),
    },
  }
}

const isPass = ({ args }: Span): boolean => args?.pass !== undefined
