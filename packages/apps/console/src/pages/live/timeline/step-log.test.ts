import type { LiveStep, StepsEvent } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { endOf, firstView, revealing, stepAt, viewOf, visibleSteps, zoomed } from './geometry.ts'
import { StepLog } from './step-log.ts'

const base: LiveStep = {
  model: 'nano',
  step: 1,
  at: 1000,
  millis: 10,
  decodeTokens: 1,
  prefillTokens: 0,
  running: 1,
  waiting: 0,
  kvCacheUsage: 0,
}

const eventOf = (at: number, ids: readonly string[], more: Partial<LiveStep> = {}): StepsEvent => ({
  steps: [
    { ...base, at, step: at, members: ids.map((_, sequence) => ({ sequence, slot: sequence })), ...more },
  ],
  sequences: ids.map((id) => ({ id, request: `req-${id}` })),
  leftOut: 0,
})

describe('the log of steps', () => {
  it('keeps a sequence in its lane until it is over, and gives the lane to another then', () => {
    const log = new StepLog()
    log.add(eventOf(0, ['a', 'b']))
    log.add(eventOf(10, ['b', 'c']))
    const lanes = (at: number): (readonly [string, number])[] =>
      log.steps.at(at)!.members.map(({ id, lane }) => [id, lane] as const)
    expect(lanes(0)).toEqual([
      ['a', 0],
      ['b', 1],
    ])
    expect(lanes(1)).toEqual([
      ['b', 1],
      ['c', 2],
    ])
    // Sequences of the next step continue, however long a step takes.
    for (let step = 0; step < 20; step += 1) log.add(eventOf(60_000 * (step + 1), ['b', 'c']))
    log.add(eventOf(2_000_000, ['d', 'b']))
    expect(lanes(-1)).toEqual([
      ['d', 0],
      ['b', 1],
    ])
    expect(log.steps.at(-1)!.members.map(({ isFirst }) => isFirst)).toEqual([true, false])
  })

  it('records the source of a shared prefix, and preempted sequences keep their lanes', () => {
    const log = new StepLog()
    log.add(eventOf(0, ['a', 'b']))
    const members = [{ sequence: 0, slot: 0, prefill: 4, shared: 12, sharedWith: 1 }]
    log.add(eventOf(10, ['c', 'b', 'a'], { members, preempted: [2] }))
    const step = log.steps.at(-1)!
    expect(step.members[0]).toMatchObject({ id: 'c', lane: 2, shared: 12, sharedLane: 1, sharedId: 'b' })
    expect(step.preempted).toEqual([{ id: 'a', request: 'req-a', lane: 0 }])
    for (let at = 20; at < 400; at += 10) log.add(eventOf(at, ['c']))
    log.add(eventOf(400, ['a', 'c']))
    expect(log.steps.at(-1)!.members[0]).toMatchObject({ id: 'a', lane: 0, isFirst: false })
  })

  it('is bounded by steps and by who was in them', () => {
    const log = new StepLog()
    const many = Array.from({ length: 64 }, (_, at) => `s${at}`)
    for (let at = 0; at < 900; at += 1) log.add(eventOf(at, many))
    const members = log.steps.reduce((sum, step) => sum + step.members.length, 0)
    expect(members).toBeLessThanOrEqual(48_000)
    expect(log.steps.at(-1)!.index).toBe(899)
    for (let at = 900; at < 4200; at += 1) log.add(eventOf(at, ['s0']))
    expect(log.steps).toHaveLength(3000)
    // Sequences that come and go leave no lanes behind.
    for (let at = 0; at < 500; at += 1) log.add(eventOf(10_000 + at, [`once-${at}`]))
    expect(log.lanes).toBeLessThan(120)
  })

  it('accepts steps of engines that do not report members', () => {
    const log = new StepLog()
    log.add({ steps: [base], sequences: [], leftOut: 3 })
    expect(log.steps[0]).toMatchObject({ hasMembers: false, members: [] })
    expect(log.leftOut).toBe(3)
  })
})

describe('the places of steps', () => {
  const log = new StepLog()
  for (let at = 0; at < 100; at += 1) log.add(eventOf(1000 + at * 20, ['a']))
  const { steps } = log

  it('shows the newest at the right edge', () => {
    const end = endOf(firstView, steps)
    expect(end).toBe(100)
    const visible = visibleSteps(steps, firstView, end, 140)
    expect(visible.map(({ index }) => index)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99])
    expect(stepAt(139, steps, firstView, 140)!.index).toBe(99)
    expect(stepAt(0, steps, firstView, 140)!.index).toBe(90)
  })

  it('shows them where they were, by time', () => {
    const view = viewOf('time')
    expect(endOf(view, steps)).toBe(steps.at(-1)!.at)
    expect(stepAt(100, steps, view, 100)!.index).toBe(99)
    expect(stepAt(90, steps, view, 100)!.index).toBe(98)
  })

  it('moves as little as brings one into sight, and zooms within limits', () => {
    const view = revealing(firstView, steps[10]!, steps, 140)
    expect(visibleSteps(steps, view, view.end!, 140).map(({ index }) => index)).toContain(10)
    expect(revealing(firstView, steps[99]!, steps, 140).end).toBe(100)
    expect(zoomed(firstView, 1000).scale).toBe(64)
    expect(zoomed(firstView, 0.0001).scale).toBe(3)
  })
})
