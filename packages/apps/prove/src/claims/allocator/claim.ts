/** Allocator maintenance: avoids an out-of-memory error that occurs without it. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judgeAllocator } from './judge.ts'
import type { AllocatorRaw } from './measure.ts'

export const claim: Claim = defineClaim<AllocatorRaw>({
  id: 'allocator',
  title: 'Maintenance of the allocator',
  claimed: 'no out-of-memory where one happened without it',
  page: 'memory.md',
  needs: ['libtorch', 'linux'],
  quickSeconds: 12,
  fullMinutes: 2,
  measure: async (context) => (await import('./measure.ts')).measureAllocator(context),
  judge: judgeAllocator,
})
