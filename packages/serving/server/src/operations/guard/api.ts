/** Interface for trying texts on the guard, reviewing verdicts and listing learned patterns. */

import type {
  GuardCheck,
  GuardCheckAnswer,
  GuardFacts,
  GuardLearnt,
  GuardReview,
  GuardReviewGiven,
  GuardVerdictRecord,
} from '@hadal/protocol'

export interface GuardApi {
  facts(): Promise<GuardFacts>
  /** Runs every step, even after one that blocks; records nothing. Throws `guard_preset_unknown`, `guard_off`. */
  check(requested: GuardCheck, signal: AbortSignal): Promise<GuardCheckAnswer>
  /** Newest first. */
  reviews(): Promise<readonly GuardReview[]>
  /**
   * `record` is the audit entry under review, if any. Replaces an earlier review of the same record or text. Throws
   * `guard_review_text_differs`, `guard_reviews_full`.
   */
  review(given: GuardReviewGiven, record: GuardVerdictRecord | undefined): Promise<GuardReview>
  /** False if there is none. */
  forgetReview(id: string): Promise<boolean>
  /** Newest first. */
  learnt(): Promise<readonly GuardLearnt[]>
  /** False if there is none. */
  forgetLearnt(id: string): Promise<boolean>
}
