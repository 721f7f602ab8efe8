import { describe, expect, it } from 'vitest'
import { judge, type Raw } from './judge.ts'
import { packed, type Trace, unpacked } from './packed-trace.ts'
import { tracesOf } from './traces.ts'

const marks: Raw['marks'] = {
  lowPercent: 30,
  highPercent: 70,
  lowForMillis: 300_000,
  upCooldownMillis: 15_000,
  downCooldownMillis: 300_000,
  backlogPerReplica: 10,
  maxReplicas: 12,
  stepMillis: 15_000,
}

/** Four engines at a use, and how many there are after each look. */
function trace(
  looks: readonly (readonly [use: number, to: number])[],
  scaler: Trace['scaler'] = 'hadal',
): Trace {
  const to = looks.map(([, engines]) => engines)
  const from = [4, ...to.slice(0, -1)]
  return {
    kind: scaler === 'hadal' ? 'probe' : 'day',
    name: 'made',
    scaler,
    use: looks.map(([use]) => use),
    ready: from,
    waiting: looks.map(() => 0),
    from,
    to,
  }
}

const times = (count: number, use: number, to: number): [number, number][] =>
  Array.from({ length: count }, () => [use, to])
const of = (...traces: Trace[]): ReturnType<typeof judge> =>
  judge({ seed: 1, marks, traces: traces.map(packed) })

describe('autoscaling', () => {
  it('is reproduced where one goes after five minutes and not before', () => {
    const { verdict, measured } = of(trace([...times(3, 50, 4), ...times(20, 20, 4), [20, 3]]))
    expect(verdict).toBe('reproduced')
    expect(measured).toMatch(/^went down 1 times, each after 300 s/)
  })

  it('is not where one goes a look too soon, or after a spike that began the time anew', () => {
    const soon = of(trace([...times(3, 50, 4), ...times(19, 20, 4), [20, 3]]))
    expect(soon).toMatchObject({ verdict: 'not reproduced', reason: expect.stringContaining('too soon') })
    const spike = of(trace([...times(10, 20, 4), [31, 4], ...times(10, 20, 4), [20, 3]]))
    expect(spike.verdict).toBe('not reproduced')
  })

  it('is not where those that are left have more to do than they can', () => {
    const { verdict, reason } = of(trace([...times(20, 29, 4), [29, 1]]))
    expect([verdict, reason]).toEqual(['not reproduced', expect.stringContaining('left too few')])
  })

  it('is partly where idle engines stay, none comes above the high mark, or one comes for nothing', () => {
    const stays = of(trace([...times(20, 20, 4), [20, 3], ...times(30, 10, 3)]))
    expect(stays).toMatchObject({ verdict: 'partly', reason: expect.stringContaining('kept more') })
    const busy = of(trace([...times(20, 20, 4), [20, 3], ...times(3, 80, 3)]))
    expect(busy).toMatchObject({ verdict: 'partly', reason: expect.stringContaining('did not add') })
    const needless = of(trace([...times(20, 20, 4), [20, 3], ...times(3, 60, 3), [60, 4]]))
    expect(needless).toMatchObject({ verdict: 'partly', reason: expect.stringContaining('without a reason') })
  })

  it('is partly where two of four go at once, and where other marks are set', () => {
    expect(of(trace([...times(20, 10, 4), [10, 2]])).verdict).toBe('partly')
    const raw = {
      seed: 1,
      marks: { ...marks, lowForMillis: 60_000 },
      traces: [packed(trace([...times(4, 10, 4), [10, 3]]))],
    }
    expect(judge(raw).verdict).toBe('partly')
  })

  it('judges an HPA for comparison, without affecting the verdict', () => {
    const hpa = trace([...times(4, 50, 4), [50, 3]], 'hpa')
    const { verdict, reason } = of(trace([...times(20, 20, 4), [20, 3]]), hpa)
    expect(verdict).toBe('reproduced')
    expect(reason).toContain('went down 1 times (here 0), 1 of them while use was 30 % or more')
  })

  it('shows nothing where nothing was scaled', () => {
    expect(of(trace(times(3, 50, 4)))).toMatchObject({
      verdict: 'not reproduced',
      measured: 'no engine went',
    })
  })

  it('keeps traces as they are', () => {
    const made = trace([...times(3, 50, 4), ...times(2, 20, 3), [20.5, 3], [20, 5]])
    expect(unpacked(packed(made))).toEqual(made)
  })

  it('draws what it draws from the seed', () => {
    const plan = { probes: 1, days: 1, dayHours: 1 }
    expect(tracesOf(1, plan)).toEqual(tracesOf(1, plan))
    expect(tracesOf(1, plan)).not.toEqual(tracesOf(2, plan))
  })
})
