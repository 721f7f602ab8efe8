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
          'JavaScript dispatches each operator. This takes a few microseconds per operator, plus any work in between.',
        change:
          'Give each operator more work (a larger batch.windows instead of batch.accumulate, longer windows), and check the longest gaps for JavaScript work.',
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
        sentence: `${percent(share)} of ${whole(summary)} goes to ${count.toLocaleString('en')} operator calls shorter than ${limit} µs, most of it to ${small[0]!.name}`,
        cause: 'The call overhead is as large as the computation.',
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
        cause: 'Reading, decoding or tokenizing the next rows is not overlapped with compute.',
        change:
          'Prepare the data once (packed tokens instead of a stream, a pixel cache), or use a faster disk.',
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
          ? 'Other ranks or the network are slower than this rank.'
          : 'It depends on work that has not finished.',
        change: ranks
          ? 'Check the profile of the slowest rank, or reduce communication (larger batches, less tensor parallelism).'
          : 'Start that work earlier, or make it shorter.',
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
        sentence: `${percent(share)} of ${whole(summary)} waits for values read back from tensors (item, synchronize)`,
        cause: 'Reading a value of a tensor waits until all earlier work is finished.',
        change: 'Read values once per step, after all work has been launched.',
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
        sentence: `the device is idle for ${percent(share)} of ${whole(summary)}`,
        cause: 'Launches are slower than the device, or wait for data or values read back.',
        change:
          'Give each operator more work (a larger batch.windows), and check what the host does in the gaps.',
      }
    },
  },
]
