/** Gradient checkpointing: 75 % less memory for 20 % more compute. */

import { type Claim, defineClaim } from '../../claim.ts'
import { keepFreed } from '../../keep-freed.ts'
import { judgeCheckpointing } from './judge.ts'
import type { CheckpointingRaw } from './measure.ts'

export const claim: Claim = defineClaim<CheckpointingRaw>({
  id: 'checkpointing',
  title: 'Gradient checkpointing',
  claimed: '75 % less memory for 20 % more compute',
  page: 'checkpointing.md',
  needs: ['libtorch'],
  env: keepFreed,
  quickSeconds: 14,
  fullMinutes: 15,
  measure: async (context) => (await import('./measure.ts')).measureCheckpointing(context),
  judge: judgeCheckpointing,
})
