import { seededRandom } from '@hadal/batching'
import { describe, expect, it } from 'vitest'
import { readFirings } from './ask-promtool.ts'
import { judge, type Measured, type Raw } from './judge.ts'
import { backlogCases, latencyCases } from './made-cases.ts'
import { renderedRules } from './rules.ts'

const made = (alert: Measured['alert'], truth: number, firesAtSeconds: readonly number[] = []): Measured => ({
  ...{ kind: 'made', alert, name: `made ${truth}`, truth, sinceSeconds: 0, firesAtSeconds },
})
const good: readonly Measured[] = [
  made('HadalLatencyHigh', 500),
  made('HadalLatencyHigh', 501, [315, 330]),
  made('HadalBacklogHigh', 10),
  made('HadalBacklogHigh', 11, [300]),
]
const raw = (cases: readonly Measured[], more: Partial<Raw> = {}): Raw => ({
  ...{ seed: 1, latencyMillis: 500, maxBacklog: 10, promtool: '2.53.3', cases, ...more },
})

describe('alerts', () => {
  it('is reproduced where all above fire and nothing at the limits', () => {
    expect(judge(raw(good))).toMatchObject({
      verdict: 'reproduced',
      measured: '2 of 2 above fired, 0 of 2 at or below',
      reason: expect.stringContaining('after 5:15 min (P99) and 5:00 min (backlog)'),
    })
  })

  it('is not where one stays silent or fires wrongly', () => {
    const missed = judge(raw([...good, made('HadalBacklogHigh', 30)]))
    expect(missed).toMatchObject({
      verdict: 'not reproduced',
      reason: expect.stringMatching(/did not fire.*30/),
    })
    const wrong = judge(raw([...good, made('HadalLatencyHigh', 499, [400])]))
    expect(wrong).toMatchObject({ verdict: 'not reproduced', reason: expect.stringMatching(/wrongly.*499/) })
  })

  it('is partly where one of many is wrong, and where something else is promised', () => {
    const many = Array.from({ length: 30 }, () => good).flat()
    expect(judge(raw([...many, made('HadalBacklogHigh', 30)])).verdict).toBe('partly')
    const other = good.map((each) => ({ ...each, truth: each.truth / 2 }))
    expect(judge(raw(other, { latencyMillis: 250, maxBacklog: 5 })).verdict).toBe('partly')
  })

  it('shows nothing where nothing was above', () => {
    expect(judge(raw([made('HadalBacklogHigh', 3)])).verdict).toBe('not reproduced')
  })

  it('leaves out a real server whose clients were on both sides', () => {
    const unclear = { ...made('HadalLatencyHigh', 587), kind: 'live', isUnclear: true } as const
    expect(judge(raw([...good, unclear]))).toMatchObject({
      verdict: 'reproduced',
      reason: expect.stringContaining('not judged'),
    })
  })

  it('is not here without promtool', () => {
    const { promtool: _, ...without } = raw([])
    expect(judge(without)).toMatchObject({
      verdict: 'not here',
      reason: expect.stringContaining('prometheus'),
    })
  })
})

it('draws latencies with the P99 that it says, and waits that were held', () => {
  const rules = renderedRules()
  const latencies = latencyCases(rules, seededRandom(3), 1)
  for (const { name, truth, sinceSeconds } of latencies)
    if (sinceSeconds === 0) expect(name).toBe(`P99 of ${Math.round(truth * 1e6) / 1e6} ms`)
  const at = latencies.find(({ name }) => name === 'P99 of 500 ms')!
  const perScrape = (le: string): number =>
    Number(/\+(\d+)x/.exec(at.series.find(({ series }) => series.includes(`le="${le}"`))!.values)![1])
  expect([perScrape('0.5'), perScrape('+Inf')]).toEqual([1980, 2000])

  const waits = backlogCases(rules, seededRandom(3), 5)
  const truthsOf = (part: string): number[] =>
    waits.filter(({ name }) => name.includes(part)).map(({ truth }) => truth)
  expect(new Set(truthsOf('as many as may, in two pods'))).toEqual(new Set([10]))
  expect(new Set(truthsOf('one more, in two pods'))).toEqual(new Set([11]))
  expect(new Set(truthsOf('soon none'))).toEqual(new Set([0]))
  expect(Math.max(...truthsOf('every two minutes'))).toBeLessThan(10)
})

it('reads what promtool prints, and nothing else', () => {
  const printed = `Unit Testing:  rules-test.yaml
  FAILED:
    name: case-1,
    alertname: HadalBacklogHigh, time: 5m,
        exp:[],
        got:[ Annotations:{description="an error budget"} ]
    name: case-1,
    alertname: HadalBacklogHigh, time: 1h5m30s,
        exp:[],
`
  expect(readFirings(printed, 1, 3)).toEqual([[], [300, 3930], []])
  expect(readFirings('Unit Testing:  rules-test.yaml\n  SUCCESS\n', 0, 2)).toEqual([[], []])
  expect(() => readFirings('rules-test.yaml: error reading: yaml: line 3', 1, 1)).toThrow(
    expect.objectContaining({ code: 'prove_promtool_unclear' }),
  )
  expect(() => readFirings('', 0, 1)).toThrow(expect.objectContaining({ code: 'prove_promtool_unclear' }))
})
