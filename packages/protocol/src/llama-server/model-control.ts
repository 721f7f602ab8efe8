/** POST /models/load and /models/unload. */

import { z } from 'zod'

export const modelControlSchema: z.ZodType<ModelControl> = z.object({ model: z.string().min(1) })

export interface ModelControl {
  readonly model: string
}
