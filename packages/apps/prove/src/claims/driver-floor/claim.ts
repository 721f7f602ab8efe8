/** Driver floor: a driver that is too old is found before anything is started. By imitated answers of nvidia-smi, and by a real one where there is a GPU. */

import { type Claim, defineClaim } from '../../claim.ts'
import { judge, type Raw } from './judge.ts'

export const claim: Claim = defineClaim<Raw>({
  id: 'driver-floor',
  title: 'Driver floor',
  claimed: 'a driver that is too old is found before anything is started',
  page: 'doctor.md',
  needs: [],
  quickSeconds: 4,
  fullMinutes: 0.3,
  measure: async (context) => (await import('./measure.ts')).measure(context),
  judge,
})
