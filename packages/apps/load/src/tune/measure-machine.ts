/** Measures step costs, memory and speculative decoding on this machine with temporary engines. */

import { fitCosts, type MeasuredStep, simulatedCosts } from '@hadal/batching'
import { tuneUnmeasured } from '../errors.ts'
import type { Machine } from './knobs.ts'
import { measureGuesses, measureSteps } from './measure-steps.ts'
import { measureSlowdown } from './real-load.ts'
import type { ThreadCosts, TuneObserver, TunePlan } from './tune-plan.ts'
import { startEngineWith, startService } from './tuned-service.ts'

/** Step costs by thread count, speculative decoding results, and KV cache capacity in cells. */
export async function measureMachine(
  { test, start, threads }: TunePlan,
  observer: TuneObserver,
): Promise<{ costs: ThreadCosts[]; machine: Machine }> {
  const measured = new Map(
    threads.map((count) => [count, { steps: [] as MeasuredStep[], passes: [] as MeasuredStep[] }]),
  )
  let [cells, maxPassTokens, isEncoder] = [0, Number.MAX_SAFE_INTEGER, false]
  // Runs in both orders, so that other load affects all equally.
  for (const count of threads.length > 1 ? [...threads, ...threads.toReversed()] : threads) {
    observer.onPhase?.('steps', `measuring steps with ${count} ${count === 1 ? 'thread' : 'threads'}`)
    const { contextLength } = start
    const knobs = { maxBatchSize: 32, maxBatchTokens: 1024, maxPrefillTokensWhileDecoding: 512 }
    const others = { maxQueue: 1000, sloTtftMillis: undefined, sloItlMillis: undefined }
    const setting = { ...knobs, threads: count, contextLength, speculation: 'off', timeoutMicros: 0 } as const
    await using engine = await startEngineWith(test, setting, others)
    const { capacity = {}, model } = engine
    cells = Math.max(cells, capacity.cells ?? model.contextLength * knobs.maxBatchSize)
    maxPassTokens = capacity.passTokens ?? maxPassTokens
    isEncoder = !engine.model.can.generate
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
  for (const each of costs) observer.onCosts?.(each)
  const machine = { threads, cells, maxPassTokens, isEncoder, guesses: undefined }
  if (test.said.speculation === 'off' || isEncoder) return { costs, machine }
  observer.onPhase?.('guesses', 'measuring what guesses bring')
  await using engine = await startEngineWith(test, { ...start, speculation: 'auto' })
  return { costs, machine: { ...machine, guesses: await measureGuesses(engine) } }
}

/** Requests at once are enough to see it. */
const slowdownRequests = 40

/** Overhead of server and clients on the same machine; 1 without validation. */
export async function slowdownOf(
  { test, start, traffic, validated }: TunePlan,
  costs: readonly ThreadCosts[],
  observer: TuneObserver,
): Promise<number> {
  const own = costs.find(({ threads }) => threads === start.threads)
  if (validated === 0 || own === undefined) return 1
  observer.onPhase?.('slowdown', 'measuring what comes on top of steps')
  await using service = await startService(test, start)
  const burst = traffic
    .slice(0, slowdownRequests)
    .map((request, index) => ({ ...request, arrivalMillis: index }))
  return measureSlowdown(service, simulatedCosts(own), burst)
}
