/** The accountants alongside numbers of others, and alongside what must hold of any accountant. */

import {
  type Accountant,
  accountants,
  accountedEpsilon,
  addSteps,
  epsilonCurve,
  epsilonOf,
  type Ledger,
  noiseMultiplierFor,
  stepsWithin,
} from '@hadal/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'

const entry = (noiseMultiplier: number, sampleRate: number, steps: number) => ({
  noiseMultiplier,
  sampleRate,
  steps,
})

describe('epsilon is what others say', () => {
  it.each([
    ['rdp', entry(1.5, 0.04, 2250), 1e-5, 7.32911117, 8],
    ['prv', entry(1.5, 0.04, 2249), 1e-5, 6.777395712, 7],
    // Cases of Microsoft's tests and ours; Opacus' are below.
    ['prv', entry(0.8, 0.001, 1000), 1e-6, 0.477771, 6],
    ['prv', entry(1.5, 0.05, 1000), 1e-6, 6.209969, 6],
    ['prv', entry(2, 0.05, 100), 1e-6, 1.283637, 6],
    ['prv', entry(3, 0.001, 50_000), 1e-6, 0.309694, 6],
    ['rdp', entry(1, 0.01, 1000), 1e-5, 2.101365, 6],
    ['prv', entry(1, 0.01, 1000), 1e-5, 1.8384, 4],
    ['rdp', entry(2, 0.05, 500), 1e-5, 2.768585, 6],
    ['prv', entry(2, 0.05, 500), 1e-5, 2.5422, 4],
  ] as const)('%s of %o at delta %d is %d', (accountant, of, delta, expected, digits) => {
    // The last digit may have been rounded or cut.
    expect(Math.abs(epsilonOf(of, delta, accountant) - expected)).toBeLessThan(10 ** -digits)
  })

  it('gdp of 2249 steps lies between 6.59 and 6.60', () => {
    const epsilon = epsilonOf(entry(1.5, 0.04, 2249), 1e-5, 'gdp')
    expect(epsilon).toBeGreaterThan(6.59)
    expect(epsilon).toBeLessThan(6.6)
  })

  // Google's connect-the-dots accountant, which is exact but for 1e-4.
  it.each([
    [entry(1, 0.01, 1000), 1.8282],
    [entry(2, 0.05, 500), 2.532],
  ])('prv of %o is above Google’s PLD %d by its error of 0.01 alone', (of, pld) => {
    const above = epsilonOf(of, 1e-5, 'prv') - pld
    expect(above).toBeGreaterThan(0.009)
    expect(above).toBeLessThan(0.012)
  })

  it.each([
    ['rdp', 0.01, 1000, 0.8655],
    ['prv', 0.01, 1000, 0.8154],
    ['rdp', 256 / 60_000, 2344, 0.7422],
    ['prv', 256 / 60_000, 2344, 0.6946],
  ] as const)(
    'epsilon 3 by %s at rate %d for %i steps takes the noise Opacus says, %d, or a little less',
    (accountant, sampleRate, steps, theirs) => {
      // Opacus stops when epsilon is within 0.01 of the requested one.
      const ours = noiseMultiplierFor({ epsilon: 3, delta: 1e-5, sampleRate, steps, accountant })
      expect(ours).toBeLessThanOrEqual(theirs + 5e-5)
      expect(ours).toBeGreaterThan(theirs - 2e-3)
      expect(epsilonOf(entry(theirs + 5e-5, sampleRate, steps), 1e-5, accountant)).toBeGreaterThan(2.99)
    },
  )
})

/** Ledgers that say something; for prv, whose grids grow with epsilon, such as a run would have. */
const sigma = fc.double({ min: 0.7, max: 8, noNaN: true })
const rateOf = (accountant: Accountant) =>
  fc.double({ min: 1e-4, max: accountant === 'prv' ? 0.05 : 1, noNaN: true })
const count = fc.integer({ min: 1, max: 500 })
const delta = fc.constantFrom(1e-4, 1e-5, 1e-6)
const runsOf = (accountant: Accountant): { numRuns: number } => ({
  numRuns: accountant === 'prv' ? 8 : runs(15, 50),
})
/** Two grids of prv differ by what they round; its errors are in its bound all the same. */
const slackOf = (accountant: Accountant): number => (accountant === 'prv' ? 1e-3 : 1e-9)

describe.each(accountants)('%s', (accountant) => {
  const rate = rateOf(accountant)
  const epsilon = (ledger: Ledger, at: number): number => epsilonOf(ledger, at, accountant)

  it('rises with steps and with the sample rate, and falls with noise', () => {
    fc.assert(
      fc.property(sigma, rate, count, delta, (noise, q, steps, at) => {
        const here = epsilon([entry(noise, q, steps)], at)
        const slack = slackOf(accountant) * (1 + here)
        expect(epsilon([entry(noise, q, 2 * steps)], at)).toBeGreaterThanOrEqual(here - slack)
        expect(epsilon([entry(noise, q / 2, steps)], at)).toBeLessThanOrEqual(here + slack)
        expect(epsilon([entry(noise * 1.5, q, steps)], at)).toBeLessThanOrEqual(here + slack)
        expect(epsilon([entry(noise, q, steps)], at / 10)).toBeGreaterThanOrEqual(here - slack)
      }),
      runsOf(accountant),
    )
  })

  it('does not care how a ledger is split, nor in which order its steps stand', () => {
    fc.assert(
      fc.property(sigma, sigma, rate, count, count, delta, (one, other, q, some, more, at) => {
        const whole = [entry(one, q, some), entry(other, q, more)]
        const parts = [
          entry(other, q, more - 1),
          entry(one, q, some),
          entry(one, 0, 9),
          entry(other, q, 1),
          entry(one, q, 0),
        ]
        const [a, b] = [epsilon(whole, at), epsilon(parts, at)]
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * (1 + a))
      }),
      { numRuns: accountant === 'prv' ? 5 : runs(15, 40) },
    )
  })

  it('asks for the least noise that keeps within an epsilon', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 10, noNaN: true }), rate, count, (wanted, q, steps) => {
        const target = { epsilon: wanted, delta: 1e-5, sampleRate: q, steps, accountant }
        const noise = noiseMultiplierFor(target)
        expect(epsilon([entry(noise, q, steps)], 1e-5)).toBeLessThanOrEqual(wanted)
        expect(epsilon([entry(noise * (1 - 1e-4), q, steps)], 1e-5)).toBeGreaterThan(wanted)
      }),
      { numRuns: accountant === 'prv' ? 3 : runs(6, 15) },
    )
  })

  it('allows steps to the last one, and not one more', () => {
    const spent = [entry(1.2, 0.02, 100)]
    for (const budget of [
      { epsilon: 3, delta: 1e-5, noiseMultiplier: 1, sampleRate: 0.01 },
      { epsilon: 2, delta: 1e-6, noiseMultiplier: 1.5, sampleRate: 0.02, spent },
    ]) {
      const steps = stepsWithin({ ...budget, accountant })
      const after = (more: number): number =>
        epsilon(
          addSteps(budget.spent ?? [], entry(budget.noiseMultiplier, budget.sampleRate, more)),
          budget.delta,
        )
      expect(steps).toBeGreaterThan(10)
      expect(after(steps)).toBeLessThanOrEqual(budget.epsilon)
      expect(after(steps + 1)).toBeGreaterThan(budget.epsilon)
    }
  })

  it('finds nothing spent where nothing was done, and everything where noise is next to none', () => {
    expect(epsilon([], 1e-5)).toBe(0)
    expect(epsilon([entry(1, 0.1, 0)], 1e-5)).toBe(0)
    expect(epsilon([entry(1, 0, 1000)], 1e-5)).toBe(0)
    expect(epsilon([entry(1e-200, 0.5, 1)], 1e-5)).toBe(Number.POSITIVE_INFINITY)
  })

  it('counts what was spent before when it asks for noise', () => {
    const spent = [entry(2, 0.01, 400)]
    const target = { epsilon: 2, delta: 1e-5, sampleRate: 0.02, steps: 300, accountant }
    const noise = noiseMultiplierFor({ ...target, spent })
    expect(noise).toBeGreaterThan(noiseMultiplierFor(target))
    expect(epsilon([...spent, entry(noise, 0.02, 300)], 1e-5)).toBeLessThanOrEqual(2)
  })

  it.each([0, 1, -1, Number.NaN])('refuses a delta of %d', (at) => {
    expect(() => epsilon([entry(1, 0.1, 3)], at)).toThrow(
      expect.objectContaining({ code: 'privacy_target_invalid' }),
    )
  })
})

describe('a step that takes everybody', () => {
  // Balle & Wang 2018: the exact epsilon of a Gaussian with mean mu, which is what gdp's dual gives where it is no approximation.
  it.each([
    [1, 1e-5, 4.3774],
    [0.5, 1e-5, 1.993],
    [2, 1e-6, 10.9],
  ])('with mean %d over sigma costs what the plain Gaussian costs', (mu, at, roughly) => {
    const steps = 16
    const of = entry(Math.sqrt(steps) / mu, 1, steps)
    const exact = exactGaussian(mu, at)
    expect(Math.abs(exact / roughly - 1)).toBeLessThan(0.02)
    expect(epsilonOf(of, at, 'prv')).toBeGreaterThanOrEqual(exact)
    expect(epsilonOf(of, at, 'prv')).toBeLessThan(exact + 0.025)
    expect(epsilonOf(of, at, 'rdp')).toBeGreaterThanOrEqual(exact)
  })
})

/** By a sum over outcomes: delta(epsilon) = integral of max(0, N(x; mu, 1) - exp(epsilon) N(x; 0, 1)), halved to its root. */
function exactGaussian(mu: number, at: number): number {
  const deltaOf = (epsilon: number): number => {
    let sum = 0
    for (let x = epsilon / mu + mu / 2; x < mu + 15; x += 1e-4) {
      sum += Math.exp(-((x - mu) ** 2) / 2) - Math.exp(epsilon - (x * x) / 2)
    }
    return (sum * 1e-4) / Math.sqrt(2 * Math.PI)
  }
  let [low, high] = [0, 50]
  for (let half = 0; half < 40; half += 1) {
    const middle = (low + high) / 2
    if (deltaOf(middle) > at) low = middle
    else high = middle
  }
  return high
}

describe('what kind of number an epsilon is, is said with it', () => {
  const kinds = (of: Ledger, at: number, accountant: Accountant) => {
    const { epsilon, ...rest } = accountedEpsilon(of, at, accountant)
    return rest
  }

  it('by each accountant', () => {
    const of = [entry(1, 0.01, 100)]
    expect(kinds(of, 1e-5, 'prv')).toEqual({
      accountant: 'prv',
      reason: 'an upper bound; its error of 0.010 is in it',
    })
    expect(kinds(of, 1e-5, 'rdp')).toEqual({ accountant: 'rdp', reason: 'an upper bound' })
    expect(kinds(of, 1e-5, 'gdp').reason).toContain('an approximation')
    expect(kinds([], 1e-5, 'prv').reason).toBe('no step was made')
  })

  it('where prv has none', () => {
    expect(kinds([entry(1, 0.01, 100)], 1e-12, 'prv')).toEqual({
      accountant: 'rdp',
      reason: 'an upper bound; prv has none: a delta of 1e-12 is lost in the rounding of doubles',
    })
    expect(kinds([entry(1e-3, 0.5, 1)], 1e-5, 'prv').reason).toContain('beyond its grid, which ends at 500')
    const many = Array.from({ length: 101 }, (_, index) => entry(1 + index / 100, 0.01, 1))
    expect(kinds(many, 1e-5, 'prv').reason).toContain('101 kinds of steps are too many to compose')
    expect(kinds([entry(1e-200, 0.5, 1)], 1e-5, 'prv').reason).toBe('so little noise protects nothing')
  })

  it('where a million steps widen the cells of prv: its bound holds, with more error', () => {
    const million = [entry(2, 0.01, 1_000_000)]
    const { epsilon, accountant, reason } = accountedEpsilon(million, 1e-5, 'prv')
    expect(accountant).toBe('prv')
    expect(Number(/error of ([\d.]+)/.exec(reason)![1])).toBeGreaterThan(0.01)
    expect(epsilon).toBeGreaterThan(epsilonOf(million, 1e-5, 'gdp'))
    expect(epsilon).toBeLessThan(epsilonOf(million, 1e-5, 'rdp'))
  })
})

it('a curve ends where the plan does, with both bounds at every point', () => {
  const plan = { delta: 1e-5, sampleRate: 0.04, noiseMultiplier: 1.5, steps: 1001 }
  const curve = epsilonCurve(plan, 4)
  expect(curve.map((point) => point.steps)).toEqual([250, 501, 751, 1001])
  for (const { steps, rdp, prv } of curve) {
    expect(rdp).toBe(epsilonOf(entry(1.5, 0.04, steps), 1e-5, 'rdp'))
    expect(prv).toBe(epsilonOf(entry(1.5, 0.04, steps), 1e-5, 'prv'))
    expect(prv).toBeLessThan(rdp)
  }
  expect(epsilonCurve({ ...plan, steps: 2 })).toHaveLength(2)
  expect(epsilonCurve({ ...plan, steps: 0 })).toEqual([])
  const [later] = epsilonCurve({ ...plan, steps: 1, spent: [entry(1.5, 0.04, 249)] })
  expect(later!.rdp).toBe(curve[0]!.rdp)
})

describe('what cannot be had is said', () => {
  it('an epsilon below what an accountant gives with any noise', () => {
    const target = { epsilon: 0.005, delta: 1e-5, sampleRate: 0.01, steps: 100 }
    expect(() => noiseMultiplierFor({ ...target, accountant: 'prv' })).toThrow(
      'epsilon 0.005 at delta 0.00001 is below 0.0100',
    )
    expect(() => noiseMultiplierFor({ ...target, epsilon: 0.1, accountant: 'rdp' })).toThrow(
      expect.objectContaining({
        code: 'privacy_epsilon_unreachable',
        help: expect.stringContaining("'prv'"),
      }),
    )
  })

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('an epsilon of %d', (epsilon) => {
    const target = { epsilon, delta: 1e-5, sampleRate: 0.01, steps: 100, noiseMultiplier: 1 }
    expect(() => noiseMultiplierFor(target)).toThrow('it must be a number above 0')
    expect(() => stepsWithin(target)).toThrow('it must be a number above 0')
  })

  it('an accountant that there is not', () => {
    expect(() => epsilonOf(entry(1, 0.1, 1), 1e-5, 'moments' as Accountant)).toThrow(
      'accountant is moments; it must be one of prv, rdp, gdp',
    )
  })

  it('steps that are free, or spent', () => {
    const budget = {
      epsilon: 1,
      delta: 1e-5,
      noiseMultiplier: 1,
      sampleRate: 0.01,
      accountant: 'rdp' as const,
    }
    expect(stepsWithin({ ...budget, sampleRate: 0 })).toBe(Number.POSITIVE_INFINITY)
    expect(stepsWithin({ ...budget, spent: [entry(1, 0.5, 100)] })).toBe(0)
    expect(stepsWithin({ ...budget, sampleRate: 0, spent: [entry(1, 0.5, 100)] })).toBe(0)
  })

  it.each(['rdp', 'gdp', 'prv'] as const)(
    'noise too large to square, and sample rates near zero (%s)',
    (accountant) => {
      const least = { rdp: 0.103, gdp: 0, prv: 0.01 }[accountant]
      for (const next of [
        entry(1e200, 0.5, 1),
        entry(1e200, 0.3, 7),
        entry(1, 1e-200, 1),
        entry(1, 1e-300, 10),
      ])
        expect(epsilonOf(next, 1e-5, accountant)).toBeCloseTo(least, 3)
    },
  )

  it.each(['rdp', 'prv'] as const)('a budget that outlasts every run (%s)', (accountant) => {
    const budget = { epsilon: 1, delta: 1e-5, noiseMultiplier: 1e7, sampleRate: 0.01, accountant }
    expect(stepsWithin(budget)).toBe(Number.POSITIVE_INFINITY)
  })
})
