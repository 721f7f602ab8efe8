/**
 * The simulator makes the same decisions as the engine: identical requests run in the same steps, wait, are preempted and
 * resume alike. Only the KV cache cells are real in one and counted in the other.
 */

import { type SimulatedRequest, type SimulatedService, simulate, simulatedCosts } from '@hadal/batching'
import type { StepMember } from '@hadal/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'

/** The tiny model: two bytes for each of 32 numbers, keys and values, 3 layers, 2 heads. */
const bytesPerCell = 3 * 2 * 32 * 2 * 2

interface Wanted {
  readonly promptTokens: number
  readonly outputTokens: number
  readonly priority: number
}

/** By request number: prompt and output tokens computed in a step. */
type Served = Readonly<Record<string, readonly [prompt: number, output: number]>>

interface Trace {
  readonly steps: readonly Served[]
  readonly preemptions: number
}

const settings = {
  maxBatchSize: 16,
  maxBatchTokens: 128,
  maxPrefillTokensWhileDecoding: 64,
  timeoutMicros: 50_000,
  contextLength: 512,
}

const distinctPrompt = (number: number, tokens: number): number[] =>
  Array.from({ length: tokens }, (_, at) => 1 + ((number * 31 + at * (number + 7)) % 200))

async function engineTrace({ engine }: OpenEngine, wanted: readonly Wanted[]): Promise<Trace> {
  const steps: Served[] = []
  const computed = new Map<string, number>()
  let preemptions = 0
  const servedOf = ({ id, prefill, computed: after = 0, prompt = 0 }: StepMember) => {
    if (prefill === undefined) return [0, 1] as const
    const before = computed.get(id) ?? 0
    computed.set(id, after)
    return [after - before, after === prompt ? 1 : 0] as const
  }
  using _reported = engine.reportMembers!()
  using _steps = engine.onStep((step) => {
    preemptions += step.preemptions ?? 0
    steps.push(Object.fromEntries(step.members!.map((member) => [member.id, servedOf(member)])))
  })
  await Promise.all(
    wanted.map(({ promptTokens, outputTokens, priority }, number) => {
      const options = {
        id: `${number}`,
        maxTokens: outputTokens,
        priority,
        ignoreEos: true,
        reusePrefix: false,
      }
      return collect(engine.generate(ask(distinctPrompt(number, promptTokens), options)))
    }),
  )
  return { steps, preemptions }
}

function simulatedTrace(wanted: readonly Wanted[], service: Partial<SimulatedService>): Trace {
  const traffic = wanted.map((request, id): SimulatedRequest & { id: number } => ({
    id,
    kind: 'generate',
    arrivalMillis: 0,
    ...request,
  }))
  const steps: Record<string, readonly [number, number]>[] = []
  let served: Record<string, readonly [number, number]> = {}
  const perStep = { perStep: 1, perDecodeToken: 0, perPrefillToken: 0, perAttendedToken: 0 }
  const { preemptions, outcomes } = simulate(traffic, service, simulatedCosts({ step: perStep }), {
    onServed(request, prompt, output) {
      const { id } = request as SimulatedRequest & { id: number }
      if (prompt + output > 0) served[id] = [prompt, output]
    },
    onStep() {
      steps.push(served)
      served = {}
    },
  })
  expect(outcomes.done).toBe(wanted.length)
  return { steps: [...steps.slice(1), served], preemptions }
}

const anyWanted = fc.record({
  promptTokens: fc.integer({ min: 2, max: 300 }),
  outputTokens: fc.integer({ min: 1, max: 200 }),
  priority: fc.nat(2),
})

const twelve = Array.from({ length: 12 }, () => ({ promptTokens: 100, outputTokens: 200, priority: 0 }))
const sixteen = Array.from({ length: 16 }, () => ({ promptTokens: 40, outputTokens: 300, priority: 0 }))

const settingsToCompare: readonly (readonly [
  string,
  number,
  Partial<SimulatedService>,
  readonly Wanted[][],
])[] = [
  ['with preemption', 1024, {}, [twelve]],
  ['with few cells', 512, {}, []],
  ['without preemption', 1024, { preemption: false }, [sixteen]],
]

describe.each(settingsToCompare)('%s', (_, cells, options, examples) => {
  it('the simulator runs the steps of the engine', async () => {
    await using open = openEngine({
      ...settings,
      preemption: options.preemption ?? true,
      kvCacheBytes: cells * bytesPerCell,
      hostCacheBytes: 2 ** 28,
      priorityAgingMillis: 86_400_000,
      speculation: 'off',
    })
    await open.engine.ready()
    const compare = async (wanted: readonly Wanted[]): Promise<void> => {
      const service = { ...settings, ...options, cells, agingMillis: 86_400_000 }
      expect(simulatedTrace(wanted, service)).toEqual(await engineTrace(open, wanted))
    }
    for (const example of examples) await compare(example)
    await fc.assert(fc.asyncProperty(fc.array(anyWanted, { minLength: 1, maxLength: 16 }), compare), {
      numRuns: runs(2, 60),
      endOnFailure: true,
    })
  })
})
