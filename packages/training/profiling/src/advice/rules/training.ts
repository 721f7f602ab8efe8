/** Rules for the parts of a training step besides its products. */

import { type Advice, type Judged, percent, type Rule, shareOfOperators, whole } from '../rule.ts'

/** A rule about one share of the time: `said` completes `37 % of the step ...`. */
const shareRule = (
  name: string,
  shareOf: (judged: Judged) => number,
  said: string,
  cause: string,
  change: string,
): Rule => ({
  name,
  judge(judged): Advice | undefined {
    const share = shareOf(judged)
    if (!(share >= judged.thresholds[name]!)) return undefined
    return {
      rule: name,
      share,
      sentence: `${percent(share)} of ${whole(judged.summary)} ${said}`,
      cause,
      change,
    }
  },
})

export const trainingRules: readonly Rule[] = [
  shareRule(
    'optimizer',
    ({ summary }) => summary.phases.find(({ name }) => name === 'optimizer')?.share ?? 0,
    'is the optimizer',
    'It reads and writes every weight and its moments once per step, regardless of the batch size.',
    'Use more data per step (batch.accumulate, batch.windows), or train fewer weights (adapter.rank).',
  ),
  shareRule(
    'optimizer-unfused',
    ({ summary }) => shareOfOperators(summary, (name) => /^aten::(_foreach_|addcdiv_|addcmul_)/.test(name)),
    'is separate operators over lists of weights',
    'Each of them reads and writes all weights again.',
    'Use a fused optimizer such as AdamW if it suits the training.',
  ),
  shareRule(
    'loss',
    ({ summary }) =>
      summary.modules
        .filter(({ name }) => name === 'loss' || name.endsWith('lm_head'))
        .reduce((sum, { share }) => sum + share, 0),
    'is the loss and the head before it',
    'Every token is multiplied by the whole vocabulary, and its logits are read several times.',
    'Use a smaller vocabulary. Masked tokens cost as much as others, so pack rows tightly.',
  ),
  shareRule(
    'recomputing',
    ({ summary }) => summary.recomputedMicros / (summary.totalMicros || 1),
    'recomputes layers in the backward pass',
    'Activation checkpointing trades compute for memory.',
    'If memory allows, recompute fewer layers (checkpointing.every, checkpointing.memoryTarget; hadal train RECIPE --plan shows the cost of each).',
  ),
  shareRule(
    'collectives',
    ({ summary }) => shareOfOperators(summary, (name) => /^(_?c10d|gloo|nccl|record_param_comms)/.test(name)),
    'sends tensors between ranks',
    'Communication is not overlapped with compute.',
    'Use larger batches per rank, tune parallel.bucketBytes, or use another layout.',
  ),
  {
    name: 'pauses-of-training',
    judge({ summary, thresholds }) {
      const pauses = summary.phases.filter(({ name }) => Object.hasOwn(pauseChanges, name))
      const share = pauses.reduce((sum, phase) => sum + phase.share, 0)
      if (pauses.length === 0 || share < thresholds['pauses-of-training']!) return undefined
      const most = pauses.reduce((one, other) => (other.micros > one.micros ? other : one))
      return {
        rule: 'pauses-of-training',
        share,
        sentence: `${percent(share)} of ${whole(summary)} is not training, most of it ${most.name}`,
        cause:
          'The recorded steps include evaluations, checkpoints or snapshots, which are rare in a long run.',
        change: pauseChanges[most.name]!,
      }
    },
  },
  {
    name: 'uneven-steps',
    judge({ summary, thresholds }) {
      const { steps, totalMicros } = summary
      if (steps.length < 3) return undefined
      const sorted = steps.toSorted((one, other) => one.durationMicros - other.durationMicros)
      const typical = sorted[(sorted.length - 1) >> 1]!
      const slowest = sorted.at(-1)!
      const times = slowest.durationMicros / typical.durationMicros
      if (!(times >= thresholds['uneven-steps']!)) return undefined
      const [phase, more] = Object.entries(slowest.phases)
        .map(([name, micros]) => [name, micros - (typical.phases[name] ?? 0)] as const)
        .reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0])
      return {
        rule: 'uneven-steps',
        share: (slowest.durationMicros - typical.durationMicros) / totalMicros,
        sentence: `${slowest.name} took ${times.toFixed(1)} times as long as the median step${more > 0 ? `, most of it more in ${phase}` : ''}`,
        cause: 'Another process ran at the same time, or this step did additional work.',
        change: 'Profile more steps (profile.steps) on a quiet machine before you follow other advice here.',
      }
    },
  },
]

const pauseChanges: Readonly<Record<string, string>> = {
  evaluation: 'Evaluate less often (evaluate.everySteps), or on less data.',
  checkpoint: 'Write checkpoints less often (checkpoint.everySteps).',
  guard: 'Take snapshots of the divergence guard less often (guard.snapshotEverySteps).',
}
