/** LoRA, r = 16, alpha = 32, layered rates: 40 times the parameter efficiency. */

import { type Claim, defineClaim } from '../../claim.ts'

export const claim: Claim = defineClaim({
  id: 'lora',
  title: 'LoRA, r = 16, alpha = 32, layered rates',
  claimed: '40 times the parameter efficiency',
  page: 'lora.md',
  needs: [],
  quickSeconds: 1,
  fullMinutes: 1,
  async measure() {
    return {}
  },
  judge() {
    return { verdict: 'not here', measured: '', reason: '', conditions: '', plots: [] }
  },
})
