/** Dynamic batching: 42 % more queries per second after tuning timeout and batch size. A real server under load, settings searched here. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'dynamic-batching',
  title: 'Dynamic batching',
  claimed: '42 % more queries per second after tuning timeout and batch size',
  page: 'batching.md',
  needs: [],
  quickSeconds: 25,
  fullMinutes: 6,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
