/** POST /hadal/guard/unlock. */

import { z } from 'zod'

export const guardUnlockSchema: z.ZodType<GuardUnlock> = z.object({ caller: z.string() })

export interface GuardUnlock {
  /** As GET /hadal/guard/locked says it. */
  readonly caller: string
}
