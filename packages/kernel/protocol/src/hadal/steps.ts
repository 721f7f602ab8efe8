/**
 * GET /hadal/steps: the engine steps as server-sent events, each with its batch members. An event contains several steps. They
 * are recorded only while a client reads.
 */

/**
 * The data of a `steps` event.
 *
 * @example
 * ```ts
 * import { SseDecoder, type StepsEvent } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/hadal/steps', {
 *   headers: { authorization: `Bearer ${process.env.HADAL_ADMIN_KEY}` },
 * })
 * const decoder = new SseDecoder()
 * for await (const bytes of response.body ?? []) {
 *   for (const { data } of decoder.push(new TextDecoder().decode(bytes))) console.log(JSON.parse(data) as StepsEvent)
 * }
 * ```
 */
export interface StepsEvent {
  readonly steps: readonly LiveStep[]
  /** Sequences referenced by index in the steps. */
  readonly sequences: readonly LiveSequence[]
  /** Steps omitted because they did not fit into one event. */
  readonly leftOut: number
}

export interface LiveSequence {
  readonly id: string
  /** The id of its request, as in the response; absent for other sources. */
  readonly request?: string
}

export interface LiveStep {
  readonly model: string
  /** The replica, if the engine has several. */
  readonly replica?: number
  /** Step counter of the model. */
  readonly step: number
  /** End time in milliseconds since 1970, to a tenth. */
  readonly at: number
  readonly millis: number
  /** Breakdown, as far as measured: planning, the library's computation, sampling, detokenising. */
  readonly planMillis?: number
  readonly nativeMillis?: number
  readonly sampleMillis?: number
  readonly textMillis?: number
  /** Draft tokens are included in the decode tokens. */
  readonly decodeTokens: number
  readonly prefillTokens: number
  readonly draftTokens?: number
  readonly acceptedDrafts?: number
  readonly running: number
  readonly waiting: number
  /** Token budget of the step. */
  readonly budget?: number
  readonly kvCacheUsage: number
  /** A pass over whole texts, images or tensors; otherwise a generation step. */
  readonly isPass?: boolean
  /** The batch. Absent if the engine does not report it. */
  readonly members?: readonly LiveMember[]
  /** Preempted before the step, for others or for lack of cells; indexes into `sequences`. */
  readonly preempted?: readonly number[]
  /** @deprecated The same as `preempted`, until the next minor version. */
  readonly putAside?: readonly number[]
}

export interface LiveMember {
  /** Index into `sequences`. */
  readonly sequence: number
  readonly slot: number
  /** Prompt tokens that this step computed; absent if it generates. */
  readonly prefill?: number
  /** Prompt tokens computed after this step, and in total. */
  readonly computed?: number
  readonly prompt?: number
  /** Verified draft tokens. */
  readonly drafts?: number
  /** Length of the prefix shared with other running sequences, and the longest-running one of these. */
  readonly shared?: number
  readonly sharedWith?: number
}
