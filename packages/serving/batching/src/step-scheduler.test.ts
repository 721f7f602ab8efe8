import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StepPlan } from './plan-step.ts'
import { StepScheduler } from './step-scheduler.ts'

interface Limits {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly minPrefillChunk: number
  readonly stepsPerTurn: number
}

interface Arrival {
  readonly group: string
  readonly atStep: number
  readonly promptTokens: number
  readonly newTokens: number
  readonly cancelAfterSteps: number | undefined
}

interface Planned {
  readonly step: number
  readonly id: number
  readonly tokens: number
  readonly kind: 'prefill' | 'decode'
}

/** Drives a scheduler through a trace like an engine does. */
function run(limits: Limits, arrivals: readonly Arrival[]) {
  const scheduler = new StepScheduler<number>(limits)
  const line = arrivals.map((arrival, id) => ({ ...arrival, id })).sort((a, b) => a.atStep - b.atStep)
  const running = new Map<number, { decodesLeft: number; admittedAt: number; decoding: boolean }>()
  const admitted: number[] = []
  const plans: StepPlan<number>[] = []
  const besideDecodes = new Set<StepPlan<number>>()
  const planned: Planned[] = []
  const lastProgress = new Map<number, number>()
  let longestPause = 0
  const lastTurn = new Map<string, number>()
  const longestPauses = new Map<string, number>()
  let maxGroups = 0
  for (let step = 0; line.length > 0 || running.size > 0; step += 1) {
    while (line[0] !== undefined && line[0].atStep <= step && scheduler.hasRoom()) {
      const next = line.shift()!
      scheduler.admit(next.id, next.promptTokens, next.group)
      running.set(next.id, { decodesLeft: next.newTokens - 1, admittedAt: step, decoding: false })
      lastProgress.set(next.id, step - 1)
      admitted.push(next.id)
    }
    const groups = new Set([...running.keys()].map((id) => arrivals[id]!.group))
    maxGroups = Math.max(maxGroups, groups.size)
    for (const group of groups) if (!lastTurn.has(group)) lastTurn.set(group, step - 1)
    const plan = scheduler.plan()
    plans.push(plan)
    if ([...running.values()].some(({ decoding }) => decoding)) besideDecodes.add(plan)
    if (groups.size > 0) {
      const pause = step - lastTurn.get(plan.group)!
      longestPauses.set(plan.group, Math.max(pause, longestPauses.get(plan.group) ?? 0))
      lastTurn.set(plan.group, step)
    }
    for (const { id, tokens } of plan.prefills) planned.push({ step, id, tokens, kind: 'prefill' })
    for (const id of plan.decodes) planned.push({ step, id, tokens: 1, kind: 'decode' })
    for (const id of [...plan.decodes, ...plan.prefills.map((chunk) => chunk.id)]) {
      longestPause = Math.max(longestPause, step - lastProgress.get(id)!)
      lastProgress.set(id, step)
    }
    for (const { id } of scheduler.commit(plan)) running.get(id)!.decoding = true
    for (const id of plan.decodes) running.get(id)!.decodesLeft -= 1
    for (const [id, state] of running) {
      const cancelAt = arrivals[id]!.cancelAfterSteps
      const cancelled = cancelAt !== undefined && step - state.admittedAt >= cancelAt
      if (!cancelled && !(state.decoding && state.decodesLeft === 0)) continue
      scheduler.remove(id)
      running.delete(id)
    }
    const left = new Set([...running.keys()].map((id) => arrivals[id]!.group))
    for (const group of lastTurn.keys()) if (!left.has(group)) lastTurn.delete(group)
    if (step > 100_000) throw new Error('the trace does not end')
  }
  return { plans, besideDecodes, planned, admitted, longestPause, longestPauses, maxGroups }
}

const limits: fc.Arbitrary<Limits> = fc
  .record({
    maxBatchSize: fc.integer({ min: 1, max: 6 }),
    spare: fc.integer({ min: 0, max: 60 }),
    maxPrefillTokensWhileDecoding: fc.integer({ min: 1, max: 40 }),
    minPrefillChunk: fc.integer({ min: 1, max: 20 }),
    stepsPerTurn: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ spare, ...rest }) => ({ ...rest, maxBatchTokens: rest.maxBatchSize + spare }))

const arrivalsOf = (groups: readonly string[]): fc.Arbitrary<readonly Arrival[]> =>
  fc.array(
    fc.record({
      group: fc.constantFrom(...groups),
      atStep: fc.integer({ min: 0, max: 20 }),
      promptTokens: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 })),
      newTokens: fc.integer({ min: 1, max: 12 }),
      cancelAfterSteps: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined, freq: 4 }),
    }),
    { maxLength: 15 },
  )
const arrivals = arrivalsOf([''])
const grouped = arrivalsOf(['', 'a', 'b', 'c'])

const whole = (all: readonly Arrival[]) => all.map((each) => ({ ...each, cancelAfterSteps: undefined }))

describe('StepScheduler', () => {
  it('never exceeds the budget, and bounds prefill while any sequence of any group decodes', () => {
    fc.assert(
      fc.property(limits, grouped, (limits, arrivals) => {
        const { plans, besideDecodes } = run(limits, arrivals)
        for (const plan of plans) {
          const prefill = plan.prefills.reduce((sum, chunk) => sum + chunk.tokens, 0)
          expect(plan.decodes.length + prefill).toBeLessThanOrEqual(limits.maxBatchTokens)
          expect(plan.decodes.length + plan.prefills.length).toBeLessThanOrEqual(limits.maxBatchSize)
          if (besideDecodes.has(plan))
            expect(prefill).toBeLessThanOrEqual(limits.maxPrefillTokensWhileDecoding)
        }
      }),
    )
  })

  it('plans every token exactly once', () => {
    fc.assert(
      fc.property(limits, grouped, (limits, arrivals) => {
        const { planned } = run(limits, whole(arrivals))
        for (const [id, arrival] of arrivals.entries()) {
          const of = (kind: Planned['kind']) =>
            planned
              .filter((each) => each.id === id && each.kind === kind)
              .reduce((sum, each) => sum + each.tokens, 0)
          expect(of('prefill')).toBe(arrival.promptTokens)
          expect(of('decode')).toBe(arrival.newTokens - 1)
        }
      }),
    )
  })

  it('starves no sequence: decodes run every step, prompts progress within their turns', () => {
    fc.assert(
      fc.property(limits, arrivals, (limits, arrivals) => {
        const { longestPause } = run(limits, arrivals)
        const { maxBatchSize, maxBatchTokens, maxPrefillTokensWhileDecoding, minPrefillChunk } = limits
        const minBudget = Math.min(maxBatchTokens - (maxBatchSize - 1), maxPrefillTokensWhileDecoding)
        const perStep = Math.max(1, Math.floor(minBudget / minPrefillChunk))
        expect(longestPause).toBeLessThanOrEqual(Math.ceil(maxBatchSize / perStep))
      }),
    )
  })

  it('computes one group in a step', () => {
    fc.assert(
      fc.property(limits, grouped, (limits, arrivals) => {
        const { plans } = run(limits, arrivals)
        for (const { group, decodes, prefills } of plans)
          for (const id of [...decodes, ...prefills.map((chunk) => chunk.id)])
            expect(arrivals[id]!.group).toBe(group)
      }),
    )
  })

  it('lets no group wait longer than a turn of each other one', () => {
    fc.assert(
      fc.property(limits, grouped, (limits, arrivals) => {
        const { longestPauses, maxGroups } = run(limits, arrivals)
        for (const pause of longestPauses.values())
          expect(pause).toBeLessThanOrEqual(1 + (maxGroups - 1) * limits.stepsPerTurn)
      }),
    )
  })

  it('changes the group no more often than turns end, or a group does', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 3,
      maxBatchTokens: 100,
      maxPrefillTokensWhileDecoding: 100,
      minPrefillChunk: 10,
      stepsPerTurn: 3,
    })
    const next = (): string => {
      const plan = scheduler.plan()
      scheduler.commit(plan)
      return plan.group
    }
    scheduler.admit('one', 5, 'a')
    expect([next(), next(), next(), next(), next()].join('')).toBe('aaaaa')
    scheduler.admit('two', 5, 'b')
    expect([next(), next(), next(), next(), next()].join('')).toBe('bbbaa')
    scheduler.admit('three', 5, 'c')
    scheduler.remove('one')
    expect([next(), next(), next(), next()].join('')).toBe('bbbc')
  })

  it('decodes without a pause between the first new token and the last', () => {
    fc.assert(
      fc.property(limits, arrivals, (limits, arrivals) => {
        const { planned } = run(limits, whole(arrivals))
        for (const id of arrivals.keys()) {
          const steps = planned.filter((each) => each.id === id && each.kind === 'decode').map((p) => p.step)
          for (const [at, step] of steps.entries()) expect(step).toBe(steps[0]! + at)
        }
      }),
    )
  })

  it('uses the whole token budget for prompts while nothing decodes', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 2,
      maxBatchTokens: 100,
      maxPrefillTokensWhileDecoding: 10,
      minPrefillChunk: 1,
      stepsPerTurn: 1,
    })
    scheduler.admit('first', 100)
    expect(scheduler.plan().prefills).toEqual([{ id: 'first', tokens: 100 }])
    scheduler.commit(scheduler.plan())
    scheduler.admit('second', 100)
    expect(scheduler.plan()).toMatchObject({ decodes: ['first'], prefills: [{ id: 'second', tokens: 10 }] })
  })

  it('gives a short prompt its chunk alongside a long one', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 3,
      maxBatchTokens: 100,
      maxPrefillTokensWhileDecoding: 100,
      minPrefillChunk: 10,
      stepsPerTurn: 1,
    })
    scheduler.admit('long', 5000)
    scheduler.admit('short', 20)
    expect(scheduler.plan().prefills).toEqual([
      { id: 'long', tokens: 80 },
      { id: 'short', tokens: 20 },
    ])
  })

  it('gives turns when the budget is too small for all, oldest first', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 3,
      maxBatchTokens: 20,
      maxPrefillTokensWhileDecoding: 20,
      minPrefillChunk: 20,
      stepsPerTurn: 1,
    })
    for (const id of ['a', 'b', 'c']) scheduler.admit(id, 30)
    const turns = Array.from({ length: 6 }, () => {
      const plan = scheduler.plan()
      scheduler.commit(plan)
      return plan.prefills.map(({ id, tokens }) => `${id}${tokens}`).join()
    })
    expect(turns.slice(0, 4)).toEqual(['a20', 'b20', 'c20', 'a10'])
  })

  it('leaves no single prompt token for later, unless it gets two at a time', () => {
    fc.assert(
      fc.property(limits, grouped, (limits, arrivals) => {
        const done = new Map<number, number>()
        for (const { id, tokens, kind } of run(limits, whole(arrivals)).planned) {
          if (kind === 'decode') continue
          done.set(id, (done.get(id) ?? 0) + tokens)
          if (tokens > 2) expect(arrivals[id]!.promptTokens - done.get(id)!).not.toBe(1)
        }
      }),
    )
  })

  it('makes the same plans of the same trace', () => {
    fc.assert(
      fc.property(limits, grouped, (limits, arrivals) => {
        expect(run(limits, arrivals)).toEqual(run(limits, arrivals))
      }),
    )
  })

  it('changes nothing until commit', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 2,
      maxBatchTokens: 8,
      maxPrefillTokensWhileDecoding: 8,
      minPrefillChunk: 4,
      stepsPerTurn: 1,
    })
    scheduler.admit('a', 20)
    const plan = scheduler.plan()
    expect(scheduler.plan()).toEqual(plan)
    scheduler.remove('a')
    expect(scheduler.commit(plan)).toEqual([])
    expect(scheduler.plan()).toEqual({ group: '', decodes: [], prefills: [] })
  })

  it('refuses what it could not keep', () => {
    const sound = {
      maxBatchSize: 2,
      maxBatchTokens: 8,
      maxPrefillTokensWhileDecoding: 8,
      minPrefillChunk: 4,
      stepsPerTurn: 1,
    }
    expect(() => new StepScheduler({ ...sound, maxBatchTokens: 1 })).toThrow('maxBatchTokens 1')
    expect(() => new StepScheduler({ ...sound, minPrefillChunk: 0 })).toThrow('at least 1')
    const scheduler = new StepScheduler<string>(sound)
    scheduler.admit('a', 1)
    expect(() => scheduler.admit('a', 1)).toThrow('already')
    expect(() => scheduler.admit('b', 0)).toThrow('at least one prompt token')
    scheduler.admit('b', 1)
    expect(() => scheduler.admit('c', 1)).toThrow('places are taken')
  })

  it('takes other limits from the next plan on', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 3,
      maxBatchTokens: 16,
      maxPrefillTokensWhileDecoding: 8,
      minPrefillChunk: 1,
      stepsPerTurn: 1,
    })
    scheduler.admit('decodes', 2)
    scheduler.commit(scheduler.plan())
    scheduler.admit('reads', 100)
    const prompt = (plan: StepPlan<string>) => plan.prefills.map(({ tokens }) => tokens)
    expect(prompt(scheduler.plan())).toEqual([8])
    expect(prompt(scheduler.plan(3))).toEqual([3])
    expect(prompt(scheduler.plan(0))).toEqual([])
    expect(prompt(scheduler.plan(99))).toEqual([8])
    scheduler.limit({ maxPrefillTokensWhileDecoding: 5, maxBatchSize: 2 })
    expect(prompt(scheduler.plan())).toEqual([5])
    expect(scheduler.hasRoom()).toBe(false)
    expect(() => scheduler.limit({ maxBatchSize: 1, maxBatchTokens: 1 })).toThrow('the 2 at work')
    expect(() => scheduler.limit({ minPrefillChunk: 0 })).toThrow('at least 1')
    expect(scheduler.limits.maxPrefillTokensWhileDecoding).toBe(5)
  })

  it('regression: a step after decodes of another group computes a token even with no prefill budget', () => {
    const scheduler = new StepScheduler<string>({
      maxBatchSize: 2,
      maxBatchTokens: 16,
      maxPrefillTokensWhileDecoding: 8,
      minPrefillChunk: 4,
      stepsPerTurn: 1,
    })
    scheduler.admit('decodes', 2, 'a')
    scheduler.commit(scheduler.plan())
    scheduler.admit('reads', 9, 'b')
    expect(scheduler.plan(0)).toEqual({ group: 'b', decodes: [], prefills: [{ id: 'reads', tokens: 1 }] })
  })
})
