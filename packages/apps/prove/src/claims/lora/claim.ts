/**
 * LoRA, r = 16, alpha = 32, layer-wise rates: 40 times the parameter efficiency. The bundled decoder is tuned to unseen conversations with
 * full fine-tuning, with adapters, and with adapters whose rates increase by layer: learning per trained parameter, memory, time and
 * forgetting. Each uses the best of several rates.
 */

import { type Claim, defineClaim } from '../../claim.ts'
import { keepFreed } from '../../keep-freed.ts'
import { judgeLora, type LoraRaw } from './judge.ts'

export const claim: Claim = defineClaim<LoraRaw>({
  id: 'lora',
  title: 'LoRA, r = 16, alpha = 32, layered rates',
  claimed: '40 times the parameter efficiency',
  page: 'lora.md',
  needs: ['libtorch'],
  env: keepFreed,
  quickSeconds: 40,
  fullMinutes: 20,
  measure: async (context) => (await import('./measure.ts')).measureLora(context),
  judge: judgeLora,
})
