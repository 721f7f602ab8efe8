/** The type of a config file: `export default defineService({ ... })`. Types only; no dependencies at run time. */

import type { Service } from './service.ts'

type Duration = `${number}${'us' | 'ms' | 's' | 'm' | 'h'}`
type Size = `${number}${'B' | 'kB' | 'MB' | 'GB' | 'KiB' | 'MiB' | 'GiB'}`
type WithUnit<K> = K extends `${string}Millis` | `${string}Micros`
  ? Duration
  : K extends `${string}Bytes`
    ? Size
    : never

/** Settings that are objects, of which any part may be omitted. */
type OfParts = 'slo' | 'scaling' | 'deploy' | 'monitor'
type AsWritten<T> = { readonly [K in keyof T]?: T[K] | WithUnit<K> }

/** Any of the settings; durations and sizes may have a unit: `'30s'`, `'8MiB'`. */
export type ServiceDefinition = AsWritten<Omit<Service, OfParts>> & {
  readonly [K in OfParts]?: AsWritten<Service[K]>
} & {
  /** @deprecated Use `maxPrefillTokensWhileDecoding`. */
  readonly maxPrefillTokensBesideDecodes?: number
}

/**
 * Gives a config file its types.
 *
 * @example
 * ```ts
 * import { defineService } from '@hadal/config'
 *
 * // hadal.config.ts
 * export default defineService({
 *   model: 'models/qwen2.5-0.5b-q4_k_m.gguf',
 *   port: 8080,
 *   maxBatchSize: 16,
 *   guard: 'default',
 * })
 * ```
 */
export function defineService(service: ServiceDefinition): ServiceDefinition {
  return service
}
