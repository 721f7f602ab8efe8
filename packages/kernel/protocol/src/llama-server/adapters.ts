/** LoRA adapters at run time: llama-server's scales by number, and vLLM's loading and unloading by name. */

import { z } from 'zod'
import { optional } from '../openai/optional.ts'
import { type NativeAdapterUse, nativeAdapterUses } from './completion-request.ts'

/**
 * GET /lora-adapters: the adapters with their default scales.
 *
 * @example
 * ```ts
 * import type { AdapterCard } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/lora-adapters')
 * for (const { id, path, scale } of (await response.json()) as AdapterCard[]) console.log(id, path, scale)
 * ```
 */
export interface AdapterCard {
  /** Its index in the list. */
  readonly id: number
  readonly name: string
  readonly path: string
  readonly scale: number
}

/**
 * POST /lora-adapters. Adapters that are not listed get the scale 0.
 *
 * @example
 * ```ts
 * import { adapterScalesSchema, parse } from '@hadal/protocol'
 *
 * parse(adapterScalesSchema, [{ id: 0, scale: 0.5 }]).ok // → true
 * ```
 */
export const adapterScalesSchema: z.ZodType<readonly NativeAdapterUse[]> = nativeAdapterUses

/** POST /v1/load_lora_adapter. */
export interface LoadAdapterRequest {
  readonly model?: string | undefined
  readonly lora_name: string
  readonly lora_path: string
  /** For requests that name no adapters; 0 by default. */
  readonly scale?: number | undefined
}

/**
 * The body of `POST /v1/load_lora_adapter`.
 *
 * @example
 * ```ts
 * import { loadAdapterSchema, parse } from '@hadal/protocol'
 *
 * parse(loadAdapterSchema, { lora_name: 'style', lora_path: 'style.gguf' }).ok // → true
 * ```
 */
export const loadAdapterSchema: z.ZodType<LoadAdapterRequest> = z.object({
  model: optional(z.string()),
  lora_name: z.string().min(1).max(256),
  lora_path: z.string().min(1).max(4096),
  scale: optional(z.number()),
})

/** POST /v1/unload_lora_adapter. */
export interface UnloadAdapterRequest {
  readonly model?: string | undefined
  readonly lora_name: string
}

/**
 * The body of `POST /v1/unload_lora_adapter`.
 *
 * @example
 * ```ts
 * import { parse, unloadAdapterSchema } from '@hadal/protocol'
 *
 * parse(unloadAdapterSchema, { lora_name: 'style' }).ok // → true
 * ```
 */
export const unloadAdapterSchema: z.ZodType<UnloadAdapterRequest> = z.object({
  model: optional(z.string()),
  lora_name: z.string().min(1).max(256),
})
