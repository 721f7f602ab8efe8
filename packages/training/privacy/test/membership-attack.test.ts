import { membershipAttack } from '@hadal/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** Numbers spread evenly over [from, to), in no order. */
function spread(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, index) => from + (((index * 7919) % count) / count) * (to - from))
}

const losses = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 60 })

describe('a membership attack', () => {
  it('on uninformative losses is no better than chance', () => {
    const { auc, accuracy, trueAlarms, minEpsilon } = membershipAttack({
      members: spread(1000, 0, 1),
      nonMembers: spread(1000, 0, 1),
    })
    expect(auc).toBeCloseTo(0.5, 10)
    expect(accuracy).toBeCloseTo(0.5, 10)
    expect(trueAlarms).toEqual([
      { falseAlarms: 0.001, trueAlarms: 0.001 },
      { falseAlarms: 0.01, trueAlarms: 0.01 },
      { falseAlarms: 0.1, trueAlarms: 0.1 },
    ])
    expect(minEpsilon).toBe(0)
  })

  it('on fully informative losses is always right, and proves as much as the sample size allows', () => {
    const { auc, accuracy, trueAlarms, minEpsilon } = membershipAttack({
      members: spread(1000, 0, 1),
      nonMembers: spread(1000, 1, 2),
    })
    expect(auc).toBe(1)
    expect(accuracy).toBe(1)
    expect(trueAlarms.map((at) => at.trueAlarms)).toEqual([1, 1, 1])
    // No wrong alarm among the 500 counted: less than 1 - 0.025^(1/500) of them at most, and as many right ones but for one
    // or two, which lie beyond the largest loss among those that the threshold was chosen on.
    const most = 1 - 0.025 ** (1 / 500)
    expect(minEpsilon).toBeCloseTo(Math.log((1 - most) / most), 2)
  })

  it('on losses that overlap by half is as right as arithmetic says', () => {
    const attack = membershipAttack({ members: spread(2000, 0, 2), nonMembers: spread(2000, 1, 3) })
    expect(attack.auc).toBeCloseTo(7 / 8, 3)
    expect(attack.accuracy).toBeCloseTo(3 / 4, 3)
    expect(attack.trueAlarms.at(-1)!.trueAlarms).toBeCloseTo(0.6, 2)
    expect(attack.minEpsilon).toBeGreaterThan(3)
  })

  it('finds by who is surely no member what it cannot find by who is one', () => {
    // Members never have a large loss; a small one has everybody.
    const members = spread(1000, 0, 1)
    const nonMembers = spread(1000, 0, 2)
    expect(membershipAttack({ members, nonMembers }).minEpsilon).toBeGreaterThan(3)
  })

  it('proves less with more delta, and with more confidence', () => {
    const both = { members: spread(1000, 0, 2), nonMembers: spread(1000, 1, 3) }
    const usual = membershipAttack(both).minEpsilon
    expect(membershipAttack(both, { delta: 0.2 }).minEpsilon).toBeLessThan(usual)
    expect(membershipAttack(both, { confidence: 0.999 }).minEpsilon).toBeLessThan(usual)
  })

  it('never claims more than there is: of many audits without a difference, few prove anything', () => {
    let state = 1
    const random = (): number => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    let claims = 0
    for (let audit = 0; audit < 100; audit += 1) {
      const [members, nonMembers] = [0, 1].map(() => Array.from({ length: 100 }, random)) as [
        number[],
        number[],
      ]
      if (membershipAttack({ members, nonMembers }).minEpsilon > 0) claims += 1
    }
    // 5 % at most by the confidence.
    expect(claims).toBeLessThan(10)
  })

  it('counts every pair: its area is the share of pairs in their order', () => {
    fc.assert(
      fc.property(losses, losses, (members, nonMembers) => {
        let ordered = 0
        for (const member of members)
          for (const other of nonMembers) ordered += member < other ? 1 : member === other ? 0.5 : 0
        const { auc, accuracy } = membershipAttack({ members, nonMembers })
        expect(auc).toBeCloseTo(ordered / (members.length * nonMembers.length), 10)
        expect(accuracy).toBeGreaterThanOrEqual(0.5)
      }),
    )
  })

  it('takes no notice of the scale of losses, nor of their kind of array', () => {
    fc.assert(
      fc.property(losses, losses, (members, nonMembers) => {
        const attack = membershipAttack({ members, nonMembers })
        const [scaled, others] = [members, nonMembers].map((numbers) =>
          Float64Array.from(numbers, (loss) => 4 * loss),
        ) as [Float64Array, Float64Array]
        expect(membershipAttack({ members: scaled, nonMembers: others })).toEqual(attack)
        expect(membershipAttack({ members: Float64Array.from(members), nonMembers })).toEqual(attack)
      }),
    )
  })

  it.each([
    [{ members: [1] }, {}, 'members is 1 losses; it must be two or more losses'],
    [{ nonMembers: [1, Number.NaN] }, {}, 'nonMembers is partly NaN; it must be losses that are numbers'],
    [{}, { delta: 1 }, 'delta is 1; it must be a number from 0 to below 1'],
    [{}, { confidence: 1 }, 'confidence is 1; it must be a number between 0 and 1'],
  ])('refuses %o %o', (wrong, options, message) => {
    const given = { members: [1, 2], nonMembers: [1, 2], ...wrong }
    expect(() => membershipAttack(given, options)).toThrow(message)
    expect(() => membershipAttack(given, options)).toThrow(
      expect.objectContaining({ code: 'privacy_attack_invalid' }),
    )
  })
})
