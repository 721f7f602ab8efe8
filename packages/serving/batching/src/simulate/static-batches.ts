/**
 * Static batching, the state before continuous batching and still recommended by guides: requests are gathered up to a size or
 * a timeout, padded to the longest, and computed to the end of the longest output before the next batch starts.
 */

import { BatchQueue } from '../batch-queue.ts'
import { Job } from './job.ts'
import type { SimulatedCosts, SimulatedService } from './simulated-service.ts'
import { type SimulationReport, type SimulationWatch, Tally } from './tally.ts'
import type { SimulatedRequest } from './traffic.ts'

const kinds = ['generate', 'embed'] as const

export function simulateStatic(
  traffic: Iterable<SimulatedRequest>,
  service: SimulatedService,
  costs: SimulatedCosts,
  watch: SimulationWatch,
): SimulationReport {
  const tally = new Tally(watch)
  const { maxBatchSize, timeoutMicros, maxQueue, cells } = service
  const queue = (): BatchQueue<Job> =>
    new BatchQueue({
      maxBatchSize,
      timeoutMicros,
      maxPassedOver: 0,
      ...(Number.isFinite(cells) && { maxBatchTokens: cells }),
      ...(maxQueue > 0 && { queuePolicy: { maxQueueSize: maxQueue } }),
    })
  const queues = { generate: queue(), embed: queue() }
  const place = { key: '', priority: 0, tokens: 1 }
  const enter = (request: SimulatedRequest, number: number): void => {
    const { kind, promptTokens, outputTokens, arrivalMillis } = request
    const tokens = promptTokens + outputTokens
    if (tokens > cells) tally.outcome(request, 'too_long', arrivalMillis)
    else if (!queues[kind].enter(new Job(number, request, place, 1), tokens, arrivalMillis))
      tally.outcome(request, 'queue_full', arrivalMillis)
  }

  const arrivals = traffic[Symbol.iterator]()
  let [now, entered] = [0, 0]
  let next = arrivals.next()
  while (true) {
    for (; !next.done && next.value.arrivalMillis <= now; next = arrivals.next()) {
      enter(next.value, entered)
      entered += 1
    }
    const before = now
    let wakeAt = next.done ? Number.POSITIVE_INFINITY : next.value.arrivalMillis
    for (const kind of kinds) {
      const decision = queues[kind].decide(now, { mayTake: true })
      if (decision.batch === undefined) wakeAt = Math.min(wakeAt, decision.wakeAt)
      else now = computeBatch(decision.batch.items, now, service, costs, tally)
    }
    if (now === before) {
      if (wakeAt === Number.POSITIVE_INFINITY) break
      now = Math.max(now, wakeAt)
    }
    tally.lasted(now - before, queues.generate.size + queues.embed.size)
  }
  return tally.report(now, 0)
}

/** Returns its end time. */
function computeBatch(
  jobs: readonly Job[],
  begun: number,
  { maxBatchTokens }: SimulatedService,
  costs: SimulatedCosts,
  tally: Tally,
): number {
  const size = jobs.length
  const longestTotal = Math.max(...jobs.map(({ request }) => request.promptTokens + request.outputTokens))
  const longest = Math.max(...jobs.map(({ request }) => request.promptTokens))
  const isPass = jobs[0]!.request.kind === 'embed'
  let now = begun
  for (let read = 0; read < longest; ) {
    // A part of each prompt, as wide as one computation may be.
    const columns = Math.min(longest - read, Math.max(1, Math.floor(maxBatchTokens / size)))
    const prefillTokens = columns * size
    const work = { decodeTokens: 0, prefillTokens, attendedTokens: prefillTokens * (read + columns / 2) }
    const millis = isPass ? costs.passMillis(work) : costs.stepMillis(work)
    if (isPass) tally.pass(work, size, millis)
    else tally.step(work, size, millis, size * (read + columns))
    now += millis
    read += columns
  }
  if (isPass) {
    for (const job of jobs) tally.done(job, now)
    return now
  }
  for (const job of jobs) tally.first(job, now)
  const ends = jobs.toSorted((a, b) => a.request.outputTokens - b.request.outputTokens)
  const most = ends.at(-1)!.request.outputTokens
  for (let [token, ended] = [1, 0]; token <= most; token += 1) {
    while (ends[ended]?.request.outputTokens === token) {
      tally.done(ends[ended]!, now)
      ended += 1
    }
    if (token === most) break
    // Finished sequences are still computed until all have ended.
    const work = { decodeTokens: size, prefillTokens: 0, attendedTokens: size * (longest + token) }
    const millis = costs.stepMillis(work)
    tally.step(work, size, millis, size * Math.min(longest + token, longestTotal))
    now += millis
    tally.gaps(millis, size - ended)
  }
  return now
}
