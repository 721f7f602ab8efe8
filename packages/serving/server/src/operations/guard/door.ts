/** What a server needs to let its administrators try texts, review verdicts and see what the guard has learnt. Knows no file. */

import type {
  GuardCheck,
  GuardCheckAnswer,
  GuardFacts,
  GuardLearnt,
  GuardReview,
  GuardReviewGiven,
  GuardVerdictRecord,
} from '@hadal/protocol'

export interface GuardDoor {
  facts(): Promise<GuardFacts>
  /** Every step is asked, also after one that blocks; nothing is noted of it. Throws `guard_preset_unknown`, `guard_off`. */
  check(asked: GuardCheck, signal: AbortSignal): Promise<GuardCheckAnswer>
  /** The newest first. */
  reviews(): Promise<readonly GuardReview[]>
  /**
   * `record` is what the audit noted, where the review is of that. One of the same record, or of the same text, takes the place
   * of the one before it. Throws `guard_review_text_differs`, `guard_reviews_full`.
   */
  review(given: GuardReviewGiven, record: GuardVerdictRecord | undefined): Promise<GuardReview>
  /** False: there is none. */
  forgetReview(id: string): Promise<boolean>
  /** The newest first. */
  learnt(): Promise<readonly GuardLearnt[]>
  /** False: it was not learnt. */
  forgetLearnt(id: string): Promise<boolean>
}
