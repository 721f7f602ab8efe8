/**
 * GET /hadal/steps: the steps of the server's engines as server-sent events, each with who was computed in it. Steps are
 * gathered for a moment: one event has several. They are recorded only while somebody reads.
 */

/**
 * The data of an event `steps`.
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
  /** Whom its steps speak of, by their place in this list. */
  readonly sequences: readonly LiveSequence[]
  /** More than one event has room for came meanwhile. */
  readonly leftOut: number
}

export interface LiveSequence {
  readonly id: string
  /** The id of its request, as the answer has it; absent of what came another way. */
  readonly request?: string
}

export interface LiveStep {
  readonly model: string
  /** Of several engines that are one: which of them. */
  readonly replica?: number
  /** Counts the steps of a model. */
  readonly step: number
  /** When it ended, in milliseconds since 1970, to the tenth. */
  readonly at: number
  readonly millis: number
  /** Of them, as far as it was measured: choosing whom to compute, the library's computation, choosing tokens, making texts. */
  readonly planMillis?: number
  readonly nativeMillis?: number
  readonly sampleMillis?: number
  readonly textMillis?: number
  /** Drafts are part of the decode tokens. */
  readonly decodeTokens: number
  readonly prefillTokens: number
  readonly draftTokens?: number
  readonly acceptedDrafts?: number
  readonly running: number
  readonly waiting: number
  /** Tokens that it could have had. */
  readonly budget?: number
  readonly kvCacheUsage: number
  /** A pass over whole texts, images or tensors; else a step of generation. */
  readonly isPass?: boolean
  /** Who was computed. Absent where the engine cannot tell. */
  readonly members?: readonly LiveMember[]
  /** Put aside before it, for others or for want of cells; places in `sequences`. */
  readonly putAside?: readonly number[]
}

export interface LiveMember {
  /** Its place in `sequences`. */
  readonly sequence: number
  readonly slot: number
  /** Tokens of its prompt that this step computed; absent where it generates. */
  readonly prefill?: number
  /** Of its prompt, computed after this step, and all of them. */
  readonly computed?: number
  readonly prompt?: number
  /** Guesses that were checked. */
  readonly drafts?: number
  /** First tokens that it has in common with another sequence at work, and with which: the one that has been at work longest. */
  readonly shared?: number
  readonly sharedWith?: number
}
