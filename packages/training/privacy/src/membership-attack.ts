/**
 * Measures how much a model's losses reveal about membership in its training data.
 *
 * The attack: samples with a small loss are classified as members (Yeom et al., "Privacy Risk in Machine Learning: Analyzing the
 * Connection to Overfitting", 2018). How well it does at few false alarms is what counts (Carlini et al., "Membership
 * Inference Attacks From First Principles", 2022); and a model that is (epsilon, delta)-private cannot let it do better than
 * true alarms <= exp(epsilon) · false alarms + delta, so an attack that does proves an epsilon (Jagielski, Ullman, Oprea,
 * "Auditing Differentially Private Machine Learning", 2020).
 */

import { clopperPearson } from './clopper-pearson.ts'
import { attackInvalid } from './errors.ts'

export interface MembershipLosses {
  /** Scores of samples the model was trained on; one number each, of any scale. */
  readonly members: ArrayLike<number>
  /** Scores of similar samples that it never saw. */
  readonly nonMembers: ArrayLike<number>
}

export interface MembershipAttackOptions {
  /** The delta at which a privacy is tested. Default: 0. */
  readonly delta?: number
  /** Probability that the epsilon found is true. Default: 0.95. */
  readonly confidence?: number
  /** False-alarm rates at which true alarms are reported. Default: 0.1 %, 1 %, 10 %. */
  readonly falseAlarms?: readonly number[]
}

export interface MembershipAttack {
  /** Probability that a member's loss is below a non-member's, ties by half: 0.5 for a guess. */
  readonly auc: number
  /** Best share of right answers where members and non-members are equally many: 0.5 for a guess. */
  readonly accuracy: number
  /** Rate of recognised members at each false-alarm rate; a random guess recognises as many. */
  readonly trueAlarms: readonly { readonly falseAlarms: number; readonly trueAlarms: number }[]
  /**
   * Lower bound on epsilon at the requested confidence; 0 if nothing is proved. The threshold is chosen on one half of the losses
   * and alarms are counted on the other: using the same losses for both would prove too much. Alarms are counted as independent,
   * which is only nearly true for one model: a strict proof needs samples of many models.
   */
  readonly minEpsilon: number
}

interface Alarms {
  readonly threshold: number
  /** Members, and non-members, with a loss up to the threshold. */
  readonly right: number
  readonly wrong: number
}

/**
 * Loss-based attacks. Both groups of samples should come from the same source, or the attack distinguishes sources.
 *
 * @throws `privacy_attack_invalid` with fewer than two losses of a kind, or with losses that are no numbers
 *
 * @example
 * ```ts
 * import { membershipAttack } from '@hadal/privacy'
 *
 * // The losses of rows that were trained on, and of rows that were not: here they tell nothing.
 * const losses = Array.from({ length: 200 }, (_, row) => 1 + (row % 10) / 10)
 * membershipAttack({ members: losses, nonMembers: losses }).auc // → 0.5
 * ```
 */
export function membershipAttack(
  losses: MembershipLosses,
  options: MembershipAttackOptions = {},
): MembershipAttack {
  const { delta = 0, confidence = 0.95, falseAlarms = [0.001, 0.01, 0.1] } = options
  const members = checked('members', losses.members)
  const nonMembers = checked('nonMembers', losses.nonMembers)
  if (!(delta >= 0 && delta < 1)) throw attackInvalid('delta', delta, 'a number from 0 to below 1')
  if (!(confidence > 0 && confidence < 1)) {
    throw attackInvalid('confidence', confidence, 'a number between 0 and 1')
  }

  const curve = alarmCurve(members, nonMembers)
  const shares = curve.map(({ right, wrong }) => ({
    right: right / members.length,
    wrong: wrong / nonMembers.length,
  }))
  let auc = 0
  let before = { right: 0, wrong: 0 }
  for (const share of shares) {
    auc += ((share.wrong - before.wrong) * (share.right + before.right)) / 2
    before = share
  }
  return {
    auc,
    accuracy: shares.reduce((best, { right, wrong }) => Math.max(best, (1 + right - wrong) / 2), 0.5),
    trueAlarms: falseAlarms.map((allowed) => ({
      falseAlarms: allowed,
      trueAlarms: shares.reduce(
        (best, { right, wrong }) => (wrong <= allowed ? Math.max(best, right) : best),
        0,
      ),
    })),
    minEpsilon: provenEpsilon(members, nonMembers, delta, 1 - confidence),
  }
}

/** Selects the rule with the highest bound on even-indexed losses; returns its bound on odd-indexed ones. */
function provenEpsilon(members: Float64Array, nonMembers: Float64Array, delta: number, risk: number): number {
  const [chosenOn, countedOn] = [0, 1].map((first) => ({
    members: everyOther(members, first),
    nonMembers: everyOther(nonMembers, first),
  })) as [Samples, Samples]
  let best = { epsilon: 0, rule: (_: Samples): Counts => [0, 1, 0, 1] }
  for (const rule of rulesOf(chosenOn)) {
    const epsilon = epsilonOfCounts(rule(chosenOn), delta, risk)
    if (epsilon > best.epsilon) best = { epsilon, rule }
  }
  return epsilonOfCounts(best.rule(countedOn), delta, risk)
}

interface Samples {
  readonly members: Float64Array
  readonly nonMembers: Float64Array
}

/** Right alarms, of how many; wrong ones, of how many. */
type Counts = readonly [right: number, rightOf: number, wrong: number, wrongOf: number]

/**
 * Rules that identify members (loss up to a threshold) or non-members (loss above it): either can refute a privacy claim. A few per
 * doubling of the false alarms: more would find no better rule, and each costs intervals.
 */
function rulesOf(samples: Samples): ((of: Samples) => Counts)[] {
  const [low, high] = [new Map<number, number>(), new Map<number, number>()]
  const coarse = (count: number): number => Math.round(8 * Math.log2(1 + count))
  for (const { threshold, right, wrong } of alarmCurve(samples.members, samples.nonMembers)) {
    // The last one with as many wrong alarms has the most right ones; from the other end it is the first.
    low.set(coarse(wrong), threshold)
    const missed = coarse(samples.members.length - right)
    if (!high.has(missed)) high.set(missed, threshold)
  }
  const upTo = (losses: Float64Array, threshold: number): number =>
    losses.reduce((sum, loss) => sum + (loss <= threshold ? 1 : 0), 0)
  return [
    ...[...low.values()].map(
      (threshold) =>
        ({ members, nonMembers }: Samples): Counts => [
          upTo(members, threshold),
          members.length,
          upTo(nonMembers, threshold),
          nonMembers.length,
        ],
    ),
    ...[...high.values()].map(
      (threshold) =>
        ({ members, nonMembers }: Samples): Counts => [
          nonMembers.length - upTo(nonMembers, threshold),
          nonMembers.length,
          members.length - upTo(members, threshold),
          members.length,
        ],
    ),
  ]
}

/** ln((true alarms - delta) / false alarms), both at the bad ends of their intervals; each end takes half of the risk. */
function epsilonOfCounts([right, rightOf, wrong, wrongOf]: Counts, delta: number, risk: number): number {
  // Without a look at intervals: they only lower it.
  if (right / rightOf <= wrong / wrongOf + delta) return 0
  const { low } = clopperPearson(right, rightOf, risk / 2)
  const { high } = clopperPearson(wrong, wrongOf, risk / 2)
  return low - delta > high ? Math.log((low - delta) / high) : 0
}

/** What each threshold on the loss gives, the lowest first. */
function alarmCurve(members: Float64Array, nonMembers: Float64Array): Alarms[] {
  const [sorted, others] = [members.toSorted(), nonMembers.toSorted()]
  const curve: Alarms[] = []
  let [right, wrong] = [0, 0]
  while (right < sorted.length || wrong < others.length) {
    const threshold = Math.min(
      sorted[right] ?? Number.POSITIVE_INFINITY,
      others[wrong] ?? Number.POSITIVE_INFINITY,
    )
    while (right < sorted.length && sorted[right]! <= threshold) right += 1
    while (wrong < others.length && others[wrong]! <= threshold) wrong += 1
    curve.push({ threshold, right, wrong })
  }
  return curve
}

const everyOther = (numbers: Float64Array, first: number): Float64Array =>
  numbers.filter((_, index) => index % 2 === first)

function checked(name: string, losses: ArrayLike<number>): Float64Array {
  if (losses.length < 2) throw attackInvalid(name, `${losses.length} losses`, 'two or more losses')
  const numbers = Float64Array.from(losses)
  const wrong = numbers.find((loss) => Number.isNaN(loss))
  if (wrong !== undefined) throw attackInvalid(name, 'partly NaN', 'losses that are numbers')
  return numbers
}
