/** POST /hadal/profile. */

import { z } from 'zod'

/**
 * The body that starts a profile of a server.
 *
 * @example
 * ```ts
 * import { parse, profileRequestSchema } from '@hadal/protocol'
 *
 * parse(profileRequestSchema, { seconds: 5 }).ok
 * ```
 */
export const profileRequestSchema: z.ZodType<ProfileRequest> = z.object({
  seconds: z.number().positive().optional(),
  model: z.string().min(1).optional(),
})

export interface ProfileRequest {
  /** Duration of the recording. */
  readonly seconds?: number | undefined
  /** Restricts it to one model. */
  readonly model?: string | undefined
}
