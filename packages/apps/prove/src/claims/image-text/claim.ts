/**
 * Image-text tuning with two learning rates: 18 % higher Recall@1. A dual encoder trained on one family of generated images and captions is
 * tuned to another: with one rate and equal weights, and with two rates and the guide's weights, at several rates.
 */

import { type Claim, defineClaim } from '../../claim.ts'
import { type ImageTextRaw, judgeImageText } from './judge.ts'

export const claim: Claim = defineClaim<ImageTextRaw>({
  id: 'image-text',
  title: 'Image-text tuning with two rates',
  claimed: '18 % more Recall@1',
  page: 'image-text.md',
  needs: ['libtorch'],
  quickSeconds: 40,
  fullMinutes: 25,
  measure: async (context) => (await import('./measure.ts')).measureImageText(context),
  judge: judgeImageText,
})
