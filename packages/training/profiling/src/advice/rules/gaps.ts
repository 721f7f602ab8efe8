/** Rules for idle time. */

import { percent, type Rule, shareOfOperators, whole } from '../rule.ts'

const largest = (times: Readonly<Record<string, number>>): readonly [name: string, micros: number] =>
  Object.entries(times).reduce<readonly [string, number]>(
    (one, other) => (other[1] > one[1] ? other : one),
    ['', 0],
  )

export const gapRules: readonly Rule[] = [
  {
    name: 'outside-native',
    judge({ summary, thresholds }) {
      const { outside } = summary
      if (outside.gaps === 0 || outside.share < thresholds['outside-native']!) return undefined
      const [phase, micros] = largest(outside.byPhase)
      const where = phase === '' ? '' : `, ${percent(micros / outside.micros)} of that in ${phase}`
      return {
        rule: 'outside-native',
        share: outside.share,
        sentence: `${percent(outside.share)} of ${whole(summary)} runs outside compiled code${where}: ${Math.round(outside.gaps / Math.max(1, summary.steps.length)).toLocaleString('en')} gaps${summary.steps.length > 0 ? ' a step' : ''} of ${(outside.micros / outside.gaps).toFixed(0)} µs on average`,
        cause:
          'JavaScript decides what comes next and dispatches each operator: a few microseconds for a small one, more where work is done between them.',
        change:
          'Give each operator more to do (a larger batch.windows instead of batch.accumulate, longer windows), and look at the longest gaps: what lies in them is JavaScript.',
      }
    },
  },
  {
    name: 'small-operators',
    judge({ summary, thresholds }) {
      const limit = thresholds['small-operators-micros']!
      const small = summary.operators.filter(({ selfMicros, count }) => selfMicros / count < limit)
      const share = small.reduce((sum, { share: each }) => sum + each, 0)
      if (small.length === 0 || share < thresholds['small-operators']!) return undefined
      const count = small.reduce((sum, { count: each }) => sum + each, 0)
      return {
        rule: 'small-operators',
        share,
        sentence: `${percent(share)} of ${whole(summary)} goes to ${count.toLocaleString('en')} calls of operators that take less than ${limit} µs, most of it to ${small[0]!.name}`,
        cause: 'What calling an operator costs is as much as what it computes.',
        change: 'Make tensors larger (batch.windows), or use an operator that does several of these at once.',
      }
    },
  },
  {
    name: 'data-waiting',
    judge({ summary, thresholds }) {
      const inPhase = summary.phases.find(({ name }) => name === 'data')?.micros ?? 0
      const micros = Math.max(summary.waiting.byName.data ?? 0, inPhase)
      const share = summary.totalMicros > 0 ? micros / summary.totalMicros : 0
      if (share < thresholds['data-waiting']!) return undefined
      return {
        rule: 'data-waiting',
        share,
        sentence: `${percent(share)} of ${whole(summary)} waits for data`,
        cause: 'The next rows are read, decoded or tokenised while nothing is computed.',
        change:
          'Prepare the data once (packed tokens instead of a stream, a cache of pixels), or on a faster disk.',
      }
    },
  },
  {
    name: 'other-waiting',
    judge({ summary, thresholds }) {
      const { data: _, ...others } = summary.waiting.byName
      const [name, micros] = largest(others)
      const share = summary.totalMicros > 0 ? micros / summary.totalMicros : 0
      if (name === '' || share < thresholds['other-waiting']!) return undefined
      const ranks = name === 'ranks'
      return {
        rule: 'other-waiting',
        share,
        sentence: `${percent(share)} of ${whole(summary)} waits for ${name}`,
        cause: ranks
          ? 'Other ranks have not sent what this one reads next: they are slower, or the wire is.'
          : 'Nothing can be done before something else ends.',
        change: ranks
          ? 'Look at the profile of the slowest rank, or let less travel (larger batches, less tensor parallelism).'
          : 'Start what is waited for earlier, or make it shorter.',
      }
    },
  },
  {
    name: 'synchronizing',
    judge({ summary, thresholds }) {
      const share = shareOfOperators(summary, (name) =>
        /^(aten::(item|_local_scalar_dense|is_nonzero)|cuda(Device|Stream|Event)Synchronize)$/.test(name),
      )
      if (share < thresholds.synchronizing!) return undefined
      return {
        rule: 'synchronizing',
        share,
        sentence: `${percent(share)} of ${whole(summary)} waits for numbers that are read back (item, synchronize)`,
        cause: 'Reading a number of a tensor waits until everything before it is computed.',
        change: 'Read numbers once a step, after everything has been started.',
      }
    },
  },
  {
    name: 'device-idle',
    judge({ summary, thresholds }) {
      const { deviceMicros, totalMicros } = summary
      if (deviceMicros === undefined || totalMicros === 0) return undefined
      const share = 1 - deviceMicros / totalMicros
      if (share < thresholds['device-idle']!) return undefined
      return {
        rule: 'device-idle',
        share,
        sentence: `the device does nothing for ${percent(share)} of ${whole(summary)}`,
        cause:
          'Work is started more slowly than it is done, or waits for data or for numbers that are read back.',
        change:
          'Give each operator more to do (a larger batch.windows), and see what the host does in the gaps.',
      }
    },
  },
]
