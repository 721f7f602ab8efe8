/**
 * Quantization-aware training: 0.3 % accuracy lost. A network is trained in fp32, then continued in fp32 and quantized afterwards, or
 * continued for as many steps with quantization. Evaluates the exported files.
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
