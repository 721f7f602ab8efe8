/** Rules for memory by owner. */

import { formatBytes } from '@hadal/base'
import { percent, type Rule } from '../rule.ts'

export const memoryRules: readonly Rule[] = [
  {
    name: 'activations',
    judge({ summary, facts: { memory }, thresholds }) {
      if (!memory || memory.peakBytes === 0) return undefined
      const share = memory.activations / memory.peakBytes
      if (share < thresholds.activations!) return undefined
      const most = summary.memory?.heldAtPeak.find(({ module }) => module !== '')
      return {
        rule: 'activations',
        share,
        sentence: `${percent(share)} of the ${formatBytes(memory.peakBytes)} held at the peak is activations${most ? `, most of it made in ${most.module}` : ''}`,
        cause:
          'What the way back reads is kept from the way forward, for every row that a pass reads at once.',
        change:
          'If memory is short: fewer rows at once and more passes (batch.windows, batch.accumulate: the same gradients), or checkpointing.',
      }
    },
  },
  {
    name: 'optimizer-memory',
    judge({ facts: { memory }, thresholds }) {
      if (!memory || memory.peakBytes === 0) return undefined
      const share = memory.optimizer / memory.peakBytes
      if (share < thresholds['optimizer-memory']!) return undefined
      return {
        rule: 'optimizer-memory',
        share,
        sentence: `${percent(share)} of the ${formatBytes(memory.peakBytes)} held at the peak is the optimizer's`,
        cause: 'It keeps one or two numbers beside every weight.',
        change:
          'If memory is short: an optimizer that keeps less (optimizer.kind), adapters, or shares of it on several ranks (parallel.zero).',
      }
    },
  },
]
