import { expect, it } from 'vitest'
import { type Claim, defineClaim } from '../claim.ts'
import { judgeRaw } from './judge-raw.ts'
import {
  type ClaimResult,
  machineText,
  otherLoad,
  outcomeOf,
  type ProveReport,
  summaryOf,
} from './prove-report.ts'

const claim = (judge: Claim['judge']): Claim =>
  defineClaim({
    id: 'a',
    title: 'A',
    claimed: 'more',
    page: 'batching.md',
    needs: [],
    quickSeconds: 1,
    fullMinutes: 1,
    measure: async () => ({}),
    judge,
  })
const judgement = { verdict: 'partly', measured: '1', conditions: '', reason: '', plots: [] } as const

it('judges what was read back, in its mode', () => {
  const seen: unknown[] = []
  const judge: Claim['judge'] = (raw, mode) => {
    seen.push([raw, mode])
    return judgement
  }
  expect(judgeRaw(claim(judge), '{"rounds":[1,null]}', 'full')).toEqual({ judgement })
  expect(seen).toEqual([[{ rounds: [1, null] }, 'full']])
})

it.each<[string, string, Claim['judge']]>([
  ['cannot be read', '{"rounds":', () => judgement],
  [
    'is not what is judged',
    '{}',
    (raw) => ({ ...judgement, measured: (raw as { rounds: number[] }).rounds[0]!.toFixed(1) }),
  ],
  ['comes to no number', '{}', () => ({ ...judgement, measured: 'NaN % more' })],
  ['has a verdict that there is not', '{}', () => ({ ...judgement, verdict: 'splendid' as 'partly' })],
])('says so where a result %s', (_, text, judge) => {
  expect(judgeRaw(claim(judge), text, 'quick')).toMatchObject({ failure: { code: 'claim_not_judged' } })
})

const result = (outcome: Pick<ClaimResult, 'judgement' | 'failure'>): ClaimResult => ({
  id: 'a',
  title: 'A',
  claimed: 'more',
  page: '',
  command: 'hadal prove --only a',
  ...outcome,
})
const failure = { code: 'claim_crashed', message: 'gone', help: '' }
const report: ProveReport = {
  hadal: '0.1.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 3,
  mode: 'quick',
  seed: 1,
  machine: {
    cpu: 'A processor',
    threads: 1,
    memoryBytes: 2 ** 31,
    system: 'linux 6.1.0 x64',
    node: 'v20.19.0',
    libtorch: { fault: 'none', help: '' },
    gpus: ['One', 'Two'],
  },
  results: [
    result({ failure }),
    result({ judgement: { ...judgement, verdict: 'not reproduced' } }),
    result({ judgement: { ...judgement, verdict: 'reproduced' } }),
    result({ judgement: { ...judgement, verdict: 'reproduced' } }),
  ],
  notReached: ['b'],
}

it('counts verdicts, the best first, and what went wrong last', () => {
  expect(outcomeOf(report.results[0]!)).toBe('failed')
  expect(summaryOf(report)).toBe('2 reproduced, 1 not reproduced, 1 failed, 1 not reached')
})

it('distinguishes other load from the load of preceding claims', () => {
  const after = (loadAverage: number): ProveReport => ({
    ...report,
    results: [result({ failure }), { ...result({ failure }), loadAverage }],
  })
  expect(otherLoad(after(2))).toBeUndefined()
  expect(otherLoad(after(2.1))).toBe(2.1)
})

it('names the machine', () => {
  expect(machineText(report.machine)).toBe(
    'A processor, 1 thread, 2 GiB, One and Two, linux 6.1.0 x64, Node v20.19.0, no libtorch',
  )
})
