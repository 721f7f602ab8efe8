/** Derives a verdict, or the reason why there is none, from raw results. */

import { messageOf } from '@hadal/base'
import type { Claim, ClaimMode, Judgement } from '../claim.ts'
import { claimNotJudged } from '../errors.ts'
import { type ClaimFailure, verdicts } from './prove-report.ts'

export type Judged = { readonly judgement: Judgement } | { readonly failure: ClaimFailure }

/** `rawText` is JSON. */
export function judgeRaw(claim: Claim, rawText: string, mode: ClaimMode): Judged {
  try {
    const judgement = claim.judge(JSON.parse(rawText), mode)
    if (!verdicts.includes(judgement.verdict)) throw new Error(`there is no verdict ${judgement.verdict}`)
    // Whatever is compared with NaN is false, so the verdict means nothing.
    if (/\bNaN\b/.test(judgement.measured)) throw new Error(`it comes to no number: ${judgement.measured}`)
    return { judgement }
  } catch (thrown) {
    return { failure: failureOf(claimNotJudged(claim.id, messageOf(thrown))) }
  }
}

export const failureOf = ({ code, message, help }: ClaimFailure): ClaimFailure => ({ code, message, help })
