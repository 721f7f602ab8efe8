/** Figures of docs/concepts/batching.md: what the simulator of @hadal/batching decides, with the code that serves. */

import {
  drawTraffic,
  type SimulatedCosts,
  type SimulatedRequest,
  type SimulatedService,
  type SimulationWatch,
  simulate,
  simulatedCosts,
} from '@hadal/batching'
import { legend, lineChart, n, path, rectangle, svg, text } from './chart.ts'

/** A 135M model on two cores, in round numbers: a step costs much, one more token in it little. */
const costs: SimulatedCosts = simulatedCosts({
  step: { perStep: 12, perDecodeToken: 1.6, perPrefillToken: 0.9, perAttendedToken: 0.0004 },
})

interface Lane {
  readonly request: SimulatedRequest
  started: number
  first: number
  end: number
}

/** Nine requests with responses of different lengths, in static batches of four and as the engine runs them. */
export function staticAndContinuous(): string {
  const traffic = [
    ...drawTraffic({
      arrivals: { kind: 'poisson', requestsPerSecond: 7 },
      sorts: [
        {
          share: 1,
          kind: 'generate',
          promptTokens: { kind: 'uniform', least: 16, most: 96 },
          outputTokens: { kind: 'uniform', least: 4, most: 64 },
        },
      ],
      requests: 9,
      seed: 5,
    }),
  ]
  const ways: readonly (readonly [string, Partial<SimulatedService>])[] = [
    [
      'Static batches of 4, gathered for 100 ms',
      { batches: 'static', maxBatchSize: 4, timeoutMicros: 100_000 },
    ],
    ['Continuous: no place stays empty', { maxBatchSize: 4 }],
  ]
  const drawn = ways.map(([name, settings]) => ({ name, lanes: lanesOf(traffic, settings) }))
  const until = Math.max(...drawn.flatMap(({ lanes }) => lanes.map(({ end }) => end)))
  const [left, right, lane] = [24, 700, 14]
  const x = (millis: number): number => left + (millis / until) * (right - left)
  const parts: string[] = []
  let y = 62
  for (const { name, lanes } of drawn) {
    const last = Math.max(...lanes.map(({ end }) => end))
    const wait =
      lanes.reduce((sum, { first, request }) => sum + first - request.arrivalMillis, 0) / lanes.length
    parts.push(
      text(left, y, name, { weight: 600 }),
      text(
        right,
        y,
        `first token after ${Math.round(wait)} ms in the mean, all done after ${(last / 1000).toFixed(2)} s`,
        {
          anchor: 'end',
        },
      ),
    )
    y += 10
    for (const { request, started, first, end } of lanes) {
      parts.push(
        rectangle(x(request.arrivalMillis), y + 4, x(started) - x(request.arrivalMillis), lane - 8, 'pale'),
        rectangle(x(started), y, x(first) - x(started), lane - 2, 'orange'),
        rectangle(x(first), y, x(end) - x(first), lane - 2, 'blue'),
      )
      y += lane
    }
    y += 26
  }
  for (let second = 0; second * 1000 <= until; second += 1)
    parts.push(
      path([`M${n(x(second * 1000))},52`, `V${y - 20}`], 'grid', 1),
      text(x(second * 1000), y - 6, `${second} s`, second === 0 ? {} : { anchor: 'middle' }),
    )
  const key = [
    { name: 'waits', color: 'pale' as const },
    { name: 'prompt is read', color: 'orange' as const },
    { name: 'answers', color: 'blue' as const },
  ]
  parts.push(...key.map((entry, at) => legend([entry], left + at * 140, 34)))
  return svg(y + 6, 'The same nine requests, four places', parts)
}

function lanesOf(traffic: readonly SimulatedRequest[], settings: Partial<SimulatedService>): Lane[] {
  const lanes = new Map(
    traffic.map((request) => [request, { request, started: Number.NaN, first: 0, end: 0 }]),
  )
  let before = 0
  const watch: SimulationWatch = {
    onStart(request, now) {
      lanes.get(request)!.started = now
    },
    onStep(_work, _running, millis) {
      before = millis
    },
    onFirst(request, now) {
      const lane = lanes.get(request)!
      lane.first = now
      // Static batches report no start; uses the step of the first token.
      if (Number.isNaN(lane.started)) lane.started = Math.max(request.arrivalMillis, now - before)
    },
    onOutcome(request, _outcome, now) {
      lanes.get(request)!.end = now
    },
  }
  simulate(traffic, settings, costs, watch)
  return [...lanes.values()]
}

/** Benefit of more slots, and their cost to other requests. */
export function batchSizes(): string {
  const sizes = [1, 2, 4, 8, 16, 32, 64]
  const traffic = drawTraffic({
    arrivals: { kind: 'poisson', requestsPerSecond: 1000 },
    sorts: [
      {
        share: 1,
        kind: 'generate',
        promptTokens: { kind: 'fixed', tokens: 64 },
        outputTokens: { kind: 'fixed', tokens: 64 },
      },
    ],
    requests: 600,
    seed: 1,
  })
  const reports = sizes.map((maxBatchSize) =>
    simulate(traffic, { maxBatchSize, maxQueue: 1000, timeoutMicros: 0 }, costs),
  )
  return lineChart({
    title: 'More places: more tokens a second for all, a longer wait between the tokens of each',
    x: { title: 'places (maxBatchSize)', ticks: sizes, logarithmic: true },
    y: { title: 'tokens a second, and milliseconds between tokens', ticks: [0, 100, 200, 300, 400] },
    lines: [
      {
        name: 'tokens a second',
        color: 'blue',
        points: reports.map((report, at) => [sizes[at]!, report.outputTokensPerSecond]),
      },
      {
        name: 'milliseconds between two tokens (P50)',
        color: 'orange',
        points: reports.map((report, at) => [sizes[at]!, report.itlMillis!.p50]),
      },
    ],
  })
}
