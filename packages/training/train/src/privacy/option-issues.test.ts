import { epsilonOf } from '@hadal/privacy'
import { describe, expect, it } from 'vitest'
import { epsilonSpent, isAsPlanned, stepsLeft } from './budget.ts'
import { budgetIssues, optionIssues } from './option-issues.ts'
import { type PrivacyOptions, planPrivacy } from './privacy-options.ts'

const work = { rows: 60_000, expectedRows: 256, steps: 2000, recomputes: false }
const names = { expectedRows: 'batch', steps: 'steps' }
const issuesOf = (given: Partial<PrivacyOptions>, change = {}): string[] =>
  budgetIssues({ accountant: 'rdp', ...given }, { ...work, ...change }, names)

describe('options', () => {
  it.each<[Partial<PrivacyOptions>, string]>([
    [{}, 'epsilon and noiseMultiplier are both missing; set one of them'],
    [{ epsilon: 0 }, 'epsilon is 0; it must be above 0, and finite'],
    [{ epsilon: Number.POSITIVE_INFINITY }, 'epsilon is'],
    [{ epsilon: 3, delta: 1 }, 'delta is 1; it must be between 0 and 1'],
    [{ epsilon: 3, delta: 0 }, 'delta is 0'],
    [{ noiseMultiplier: 0 }, 'noiseMultiplier is 0; it must be above 0'],
    [{ epsilon: 3, clipNorm: 0 }, 'clipNorm is 0; it must be above 0, and finite'],
    [
      { epsilon: 3, clipping: 'none' as 'flat' },
      'clipping is "none"; it must be one of flat, per-layer, automatic',
    ],
    [
      { epsilon: 3, mode: 'hooks' as 'ghost' },
      'mode is "hooks"; it must be one of book-keeping, ghost, exact',
    ],
    [{ epsilon: 3, accountant: 'moments' as 'rdp' }, 'accountant is "moments"'],
    [{ epsilon: 3, secure: 1 as unknown as boolean }, 'secure is 1; it must be true or false'],
    [
      { noiseMultiplier: 1, spent: [{ noiseMultiplier: 1, sampleRate: 2, steps: 1 }] },
      'spent must be a list',
    ],
    [
      { epsilon: 3, spent: [{ noiseMultiplier: Number.POSITIVE_INFINITY, sampleRate: 0.1, steps: 1 }] },
      'spent must be a list',
    ],
  ])('%j have an issue', (given, issue) => {
    expect(optionIssues(given)).toEqual([expect.stringContaining(issue)])
  })

  it('that say a budget, or a noise, or both are sound', () => {
    for (const given of [{ epsilon: 3 }, { noiseMultiplier: 1 }, { epsilon: 3, noiseMultiplier: 1 }])
      expect(optionIssues(given)).toEqual([])
  })
})

describe('a budget', () => {
  it('cannot take more rows per step than there are', () => {
    expect(issuesOf({ epsilon: 3 }, { rows: 100 })).toEqual([
      'batch is 256 rows a step of 100: a sample rate of 2.56; it must be at most 1',
    ])
    expect(issuesOf({ epsilon: 3 }, { rows: 256 })).toEqual([])
  })

  it('gives a noise that pays for the steps, and hardly more', () => {
    const plan = planPrivacy({ epsilon: 3, accountant: 'rdp' }, work)
    expect(plan.isDerived).toBe(true)
    expect(plan.delta).toBe(1 / 600_000)
    const ledger = [{ ...plan, steps: work.steps }]
    expect(epsilonSpent(ledger, plan)).toBeLessThanOrEqual(3)
    expect(epsilonSpent(ledger, plan)).toBeGreaterThan(2.999)
  })

  it('that does not pay for the steps says what would do, and that does', () => {
    const given = { epsilon: 3, noiseMultiplier: 0.7 }
    const [issue] = issuesOf(given)
    const paid = stepsLeft(planPrivacy({ accountant: 'rdp', ...given }, work))
    expect(issue).toContain(
      `steps is 2000; at noise 0.7, sample rate 0.004267 and delta 0.000001667, epsilon 3 pays for ${paid} steps (rdp)`,
    )
    expect(issuesOf(given, { steps: paid })).toEqual([])
    expect(issuesOf(given, { steps: paid + 1 })).toHaveLength(1)
    const [, noise] = /a noiseMultiplier of ([\d.]+)/.exec(issue!)!
    expect(issuesOf({ ...given, noiseMultiplier: Number(noise) })).toEqual([])
    const [, epsilon] = /allow epsilon ([\d.]+)/.exec(issue!)!
    expect(issuesOf({ ...given, epsilon: Number(epsilon) })).toEqual([])
    expect(Number(epsilon)).toBeGreaterThan(3)
  })

  it('counts what was spent before', () => {
    const spent = [{ noiseMultiplier: 1.5, sampleRate: 0.01, steps: 200 }]
    const given = { epsilon: 3, noiseMultiplier: 0.9, accountant: 'rdp' } as const
    const plan = planPrivacy({ ...given, spent }, work)
    expect(stepsLeft(plan)).toBeLessThan(stepsLeft(planPrivacy(given, work)))
    expect(stepsLeft(plan)).toBeGreaterThan(0)
    const ledger = [...spent, { noiseMultiplier: 0.9, sampleRate: plan.sampleRate, steps: stepsLeft(plan) }]
    expect(epsilonOf(ledger, plan.delta, 'rdp')).toBeLessThanOrEqual(3)
  })

  it('gives more noise where some of it was spent before', () => {
    const spent = [{ noiseMultiplier: 1.5, sampleRate: 0.01, steps: 200 }]
    const given = { epsilon: 3, accountant: 'rdp' } as const
    const { noiseMultiplier } = planPrivacy({ ...given, spent }, work)
    expect(noiseMultiplier).toBeGreaterThan(planPrivacy(given, work).noiseMultiplier)
    expect(stepsLeft(planPrivacy({ ...given, noiseMultiplier, spent }, work))).toBeGreaterThanOrEqual(2000)
  })

  it('that no noise can keep is an issue', () => {
    expect(issuesOf({ epsilon: 1e-9, delta: 1e-12 })).toEqual([
      expect.stringContaining('privacy.epsilon cannot be kept: epsilon 1e-9'),
    ])
  })

  it('does not end where there is none', () => {
    expect(stepsLeft(planPrivacy({ noiseMultiplier: 0.5 }, work))).toBe(Number.POSITIVE_INFINITY)
  })

  it('knows a ledger that is as planned', () => {
    const spent = [{ noiseMultiplier: 2, sampleRate: 0.1, steps: 3 }]
    const plan = planPrivacy({ noiseMultiplier: 1, spent }, work)
    const entry = { noiseMultiplier: 1, sampleRate: plan.sampleRate }
    expect(isAsPlanned(plan, spent, 0)).toBe(true)
    expect(isAsPlanned(plan, [...spent, { ...entry, steps: 7 }], 7)).toBe(true)
    expect(isAsPlanned(plan, [...spent, { ...entry, steps: 8 }], 7)).toBe(false)
    expect(isAsPlanned(plan, [{ ...entry, steps: 7 }], 7)).toBe(false)
  })
})

describe('the mode', () => {
  it('is chosen with a reason', () => {
    const of = (recomputes: boolean, mode?: 'exact') =>
      planPrivacy({ noiseMultiplier: 1, ...(mode && { mode }) }, { ...work, recomputes })
    expect(of(false)).toMatchObject({
      mode: 'book-keeping',
      modeReason: expect.stringContaining('one way back'),
    })
    expect(of(true)).toMatchObject({
      mode: 'ghost',
      modeReason: expect.stringContaining('layers are recomputed, so their inputs are not kept'),
    })
    expect(of(true, 'exact')).toMatchObject({ mode: 'exact', modeReason: 'from the run' })
  })
})
