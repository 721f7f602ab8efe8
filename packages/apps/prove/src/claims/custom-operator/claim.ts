/** A custom fused operator: equal to its reference and faster. */

import { type Claim, defineClaim } from '../../claim.ts'
import { keepFreed } from '../../keep-freed.ts'
import { judgeOperator } from './judge.ts'
import type { CustomOperatorRaw } from './measure.ts'

export const claim: Claim = defineClaim<CustomOperatorRaw>({
  id: 'custom-operator',
  title: 'A custom operator',
  claimed: 'a fused operator of one’s own, equal to its reference and faster',
  page: 'custom-operators.md',
  needs: ['libtorch'],
  env: keepFreed,
  quickSeconds: 15,
  fullMinutes: 2,
  measure: async (context) => (await import('./measure.ts')).measureOperator(context),
  judge: judgeOperator,
})
