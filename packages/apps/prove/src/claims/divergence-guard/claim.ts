/** Divergence guard: a gradient norm above 100 stops a run before it is lost. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judgeGuard } from './judge.ts'
import type { DivergenceRaw } from './measure.ts'

export const claim: Claim = defineClaim<DivergenceRaw>({
  id: 'divergence-guard',
  title: 'Divergence guard',
  claimed: 'a gradient norm above 100 stops a run before it is lost',
  page: 'train.md',
  needs: ['libtorch'],
  quickSeconds: 8,
  fullMinutes: 2,
  measure: async (context) => (await import('./measure.ts')).measureGuard(context),
  judge: judgeGuard,
})
