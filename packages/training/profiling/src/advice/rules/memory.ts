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
        sentence: `${percent(share)} of the ${formatBytes(memory.peakBytes)} peak memory is activations${most ? `, most of it allocated in ${most.module}` : ''}`,
        cause: 'The backward pass needs the activations of the forward pass, for every row of a pass.',
        change:
          'If memory is short, use fewer rows and more passes (batch.windows, batch.accumulate: the same gradients), or checkpointing.',
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
        sentence: `${percent(share)} of the ${formatBytes(memory.peakBytes)} peak memory is optimizer state`,
        cause: 'It keeps one or two values per weight.',
        change:
          'If memory is short, use an optimizer with less state (optimizer.kind), adapters, or state sharded over ranks (parallel.zero).',
      }
    },
  },
]
