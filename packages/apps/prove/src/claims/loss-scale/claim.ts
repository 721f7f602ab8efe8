/** Mixed precision with a loss scale of 128: no divergence where fp16 without scaling underflows. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judgeLossScale } from './judge.ts'
import type { LossScaleRaw } from './measure.ts'

export const claim: Claim = defineClaim<LossScaleRaw>({
  id: 'loss-scale',
  title: 'Mixed precision with a loss scale of 128',
  claimed: 'no divergence where fp16 without a scale underflows',
  page: 'precision.md',
  needs: ['libtorch'],
  quickSeconds: 7,
  fullMinutes: 3,
  measure: async (context) => (await import('./measure.ts')).measureLossScale(context),
  judge: judgeLossScale,
})
