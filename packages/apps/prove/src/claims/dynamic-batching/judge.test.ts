import { describe, expect, it } from 'vitest'
import { judge, type Raw } from './judge.ts'
import { type Contender, contenders, type Load, type Turn } from './turns.ts'

const settings = { maxBatchSize: 32, timeoutMillis: 0 }
const rates: Readonly<Record<Contender, number>> = {
  'one at a time': 50,
  'guide, untuned': 100,
  'guide, tuned': 120,
  'nothing said': 130,
  found: 150,
}

/** Machine speed per round. */
function raw(found: number, speeds: readonly number[] = [1, 0.3, 2], few = found): Raw {
  const turns = speeds.flatMap((speed, round) =>
    (['few', 'many'] as const).flatMap((load: Load) =>
      contenders.map((contender): Turn => {
        const own = contender === 'found' ? (load === 'few' ? few : found) : rates[contender]
        return {
          ...{ contender, settings, load, round, queries: own * speed, seconds: 1, p99Millis: 90 },
          cpuMillis: 1000,
        }
      }),
    ),
  )
  return { seed: 1, found: settings, turns }
}

describe('dynamic-batching', () => {
  it('is reproduced by the ratio of rounds, however fast the machine was in them', () => {
    const { verdict, measured, reason } = judge(raw(150))
    expect(verdict).toBe('reproduced')
    expect(reason).toMatch(/^As much as claimed. Rounds give \+50 % to \+50 %\./)
    expect(measured).toBe('+50 % queries per second with 32 clients (100 to 150), +50 % with 4')
  })

  it('allows a twentieth of the ratio, and no more', () => {
    expect(judge(raw(135)).verdict).toBe('reproduced')
    expect(judge(raw(134)).verdict).toBe('partly')
  })

  it('is not where tuning changes little with many clients, whatever it does with few', () => {
    expect(judge(raw(105)).verdict).toBe('not reproduced')
    expect(judge(raw(104, [1, 1, 1], 1000))).toMatchObject({
      verdict: 'not reproduced',
      measured: expect.stringContaining('+900 % with 4'),
    })
  })

  it('says nothing for certain where rounds differ by more than is claimed', () => {
    const { turns, ...rest } = raw(150)
    for (const share of [
      [0.4, 1, 1.1],
      [0.4, 0.5, 1.1],
    ]) {
      const busy = turns.map((turn) =>
        turn.contender === 'found' ? { ...turn, queries: turn.queries * share[turn.round]! } : turn,
      )
      expect(judge({ ...rest, turns: busy })).toMatchObject({
        verdict: 'partly',
        reason: expect.stringContaining('too busy to tell. Rounds give -40 % to +65 %'),
      })
    }
  })

  it('says what each beginning would have given, and what a query costs', () => {
    const { reason } = judge(raw(150))
    expect(reason).toContain('+200 % against one at a time, +25 % against batches of 32')
    expect(reason).toContain('+15 % against the defaults')
    expect(reason).toContain("processor's time of a query -33 %")
    const { turns, ...rest } = raw(150)
    const without = turns.map(({ cpuMillis: _, ...turn }) => turn)
    expect(judge({ ...rest, turns: without }).reason).not.toContain('time of a query')
  })
})
