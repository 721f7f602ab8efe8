/**
 * Image-text tuning with two rates: 18 % more Recall@1. Two towers learn one family of drawn pictures and their captions, and are tuned to
 * another, with one rate for both and even weights, and with a rate for each and the guide's weights, at several sizes of the rates.
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
