import { describe, expect, it } from 'vitest'
import { judge, type Raw } from './judge.ts'

const start = (firstRequestMillis: number, readyMillis = 300): Raw['starts']['on'][number] => ({
  firstRequestMillis,
  readyMillis,
  firstTokenMillis: firstRequestMillis + readyMillis,
  promptTokens: 535,
  cachedTokens: 506,
})
const of = (off: readonly number[], on: readonly number[]): ReturnType<typeof judge> =>
  judge({
    model: 'nano',
    systemPromptTokens: 512,
    starts: { off: off.map((each) => start(each)), on: on.map((each) => start(each, 400)) },
  })

describe('cold-start', () => {
  it('is reproduced by the share that is left, whatever the milliseconds', () => {
    const { verdict, measured, reason } = of([290, 280, 900], [50, 55, 400])
    expect([verdict, measured]).toEqual([
      'reproduced',
      'first request 290 ms to 55 ms, -81 % (medians of 3 starts each)',
    ])
    expect(reason).toContain('506 of 535 tokens')
    expect(of([1200], [350]).verdict).toBe('reproduced')
  })

  it('allows a tenth, and no more', () => {
    expect(of([1200], [380]).verdict).toBe('reproduced')
    expect(of([1200], [400])).toMatchObject({
      verdict: 'partly',
      reason: expect.stringContaining('not by as much'),
    })
  })

  it('is not where it is hardly faster, or slower', () => {
    expect(of([1200], [1150]).verdict).toBe('not reproduced')
    expect(of([100], [150])).toMatchObject({
      verdict: 'not reproduced',
      measured: expect.stringContaining('+50 %'),
      reason: expect.stringMatching(/^Not less/),
    })
  })

  it('says nothing for certain where rounds differ by more than is claimed', () => {
    for (const on of [
      [100, 110, 25, 35],
      [20, 21, 100, 110],
    ])
      expect(of([100, 100, 100, 100], on)).toMatchObject({
        verdict: 'partly',
        reason: expect.stringMatching(/too busy to tell/),
      })
  })

  it('says what it is from the spawn to the first token', () => {
    expect(of([300], [50]).reason).toContain('600 ms and 450 ms (-25 %)')
  })
})
