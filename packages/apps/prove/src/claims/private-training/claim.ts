/**
 * Private training with DP-SGD: epsilon 3 costs at most 2 % accuracy. Trains a classifier with and without privacy over several seeds and
 * compares held-out accuracy.
 */

import { type Claim, defineClaim } from '../../claim.ts'
import { judgePrivate, type PrivateRaw } from './judge.ts'

export const claim: Claim = defineClaim<PrivateRaw>({
  id: 'private-training',
  title: 'Private training with DP-SGD',
  claimed: 'epsilon 3 costs at most 2 % accuracy',
  page: 'private-training.md',
  needs: ['libtorch'],
  quickSeconds: 40,
  fullMinutes: 25,
  measure: async (context) => (await import('./measure.ts')).measurePrivate(context),
  judge: judgePrivate,
})
