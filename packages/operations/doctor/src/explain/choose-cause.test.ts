import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, chooseCause, reachesOf } from './choose-cause.ts'

const one = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  severity: 'error',
  weight: 0,
  firstLine: 0,
  burst: 0,
  ...more,
})

const edges =
  (...pairs: readonly string[]): ((from: string, to: string) => boolean) =>
  (from, to) =>
    pairs.includes(`${from} ${to}`)
const chosen = (seen: readonly Candidate[], ...pairs: readonly string[]): string | undefined =>
  chooseCause(seen, edges(...pairs)).cause?.id

describe('chooseCause', () => {
  it('takes what explains the rest, wherever it stands', () => {
    const { cause, consequences, others } = chooseCause(
      [
        one('symptom', { severity: 'critical' }),
        one('beside', { severity: 'warning' }),
        one('root', { severity: 'warning', firstLine: 9 }),
      ],
      edges('root symptom'),
    )
    expect(cause?.id).toBe('root')
    expect(consequences.map(({ id }) => id)).toEqual(['symptom'])
    expect(others.map(({ id }) => id)).toEqual(['beside'])
  })

  it('knows of no cause where there is none, or only something that never is one', () => {
    expect(chosen([])).toBeUndefined()
    expect(chosen([one('exit', { weight: -2 })])).toBeUndefined()
  })

  it('takes what says little only where nothing says more', () => {
    expect(chosen([one('exit', { weight: -1, severity: 'critical' })])).toBe('exit')
    expect(
      chosen([
        one('exit', { weight: -1, severity: 'critical' }),
        one('told', { severity: 'note', firstLine: 5 }),
      ]),
    ).toBe('told')
  })

  it('prefers the worse, the later burst, what says more, what explains more, and what came first, in that order', () => {
    expect(chosen([one('a'), one('b', { severity: 'critical', burst: -1, firstLine: 1 })])).toBe('b')
    expect(chosen([one('a', { burst: -1, weight: 3 }), one('b', { firstLine: 1 })])).toBe('b')
    expect(chosen([one('a'), one('b', { weight: 1, firstLine: 1 })])).toBe('b')
    expect(chosen([one('a'), one('b', { firstLine: 1 }), one('c', { firstLine: 2 })], 'b c')).toBe('b')
    expect(chosen([one('a', { firstLine: 4 }), one('b', { firstLine: 3 })])).toBe('b')
  })

  it('does not let something explain what was over before it began', () => {
    const late = one('late', { severity: 'warning', firstAt: 3_600_000, lastAt: 3_600_000, firstLine: 5 })
    const early = one('early', { firstAt: 0, lastAt: 1000 })
    expect(chosen([early, late], 'late early')).toBe('early')
    expect(chosen([{ ...early, lastAt: 3_600_000 }, late], 'late early')).toBe('late')
  })

  it('takes the first of two that explain each other', () => {
    expect(chosen([one('a', { firstLine: 1 }), one('b')], 'a b', 'b a')).toBe('b')
  })

  it('always names one where something may be one, and each that was seen once', () => {
    const candidate = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      severity: fc.constantFrom('note', 'warning', 'error', 'critical') as fc.Arbitrary<
        Candidate['severity']
      >,
      weight: fc.integer({ min: -1, max: 3 }),
      firstLine: fc.nat(100),
      burst: fc.integer({ min: -3, max: 0 }),
      firstAt: fc.integer({ min: 0, max: 9 }).map((hours) => hours * 3_600_000),
      lastAt: fc.integer({ min: 9, max: 12 }).map((hours) => hours * 3_600_000),
    })
    const seen = fc.uniqueArray(candidate, { selector: ({ id }) => id, minLength: 1 })
    const catalogue = fc.array(
      fc.record({ id: fc.constantFrom(...'abcde'), explains: fc.array(fc.constantFrom(...'abcde')) }),
    )
    fc.assert(
      fc.property(seen, catalogue, (all, entries) => {
        const { cause, consequences, others } = chooseCause(all, reachesOf(entries))
        const named = [cause, ...consequences, ...others].map((each) => each?.id).toSorted()
        expect(named).toEqual(all.map(({ id }) => id).toSorted())
      }),
    )
  })
})

describe('reachesOf', () => {
  it('follows entries that were not seen, and circles', () => {
    const reaches = reachesOf([
      { id: 'a', explains: ['b'] },
      { id: 'b', explains: ['c', 'gone'] },
      { id: 'c', explains: ['b'] },
    ])
    expect(reaches('a', 'c')).toBe(true)
    expect(reaches('c', 'a')).toBe(false)
    expect(reaches('gone', 'a')).toBe(false)
  })
})
