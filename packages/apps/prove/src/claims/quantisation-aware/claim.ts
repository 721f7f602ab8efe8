/**
 * Quantisation-aware training: 0.3 % accuracy lost. A network learns in fp32; from there it goes on in fp32, which is rounded afterwards, and
 * for as many steps so that it is rounded while it learns. What is judged are the files that are exported.
 */

import { type Claim, defineClaim } from '../../claim.ts'
import { judgeQuantised, type QuantisedRaw } from './judge.ts'

export const claim: Claim = defineClaim<QuantisedRaw>({
  id: 'quantisation-aware',
  title: 'Quantisation-aware training',
  claimed: '0.3 % accuracy lost',
  page: 'quantization.md',
  needs: ['libtorch'],
  quickSeconds: 35,
  fullMinutes: 45,
  measure: async (context) => (await import('./measure.ts')).measureQuantised(context),
  judge: judgeQuantised,
})
