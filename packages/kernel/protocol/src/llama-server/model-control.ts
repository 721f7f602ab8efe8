/** POST /models/load and /models/unload. */

import { z } from 'zod'

/**
 * The body that loads or unloads a model.
 *
 * @example
 * ```ts
 * import { modelControlSchema, parse } from '@hadal/protocol'
 *
 * parse(modelControlSchema, { model: 'qwen' }).ok // → true
 * ```
 */
export const modelControlSchema: z.ZodType<ModelControl> = z.object({ model: z.string().min(1) })

export interface ModelControl {
  readonly model: string
}
