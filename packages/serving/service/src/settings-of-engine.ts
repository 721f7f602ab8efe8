/** Which service settings an engine other than llama.cpp supports, and which do not apply. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'

/**
 * The explicit settings among `taken`; warns about explicit ones among `meaningless`. `model` is its path; `what` completes "a model that".
 */
export function settingsOfEngine<Key extends keyof Service>(
  said: Partial<Service>,
  taken: readonly Key[],
  meaningless: readonly (keyof Service)[],
  { model, what, logger }: { readonly model: string; readonly what: string; readonly logger: Logger },
): { readonly [Name in Key]?: NonNullable<Service[Name]> } {
  for (const key of meaningless)
    if (said[key] !== undefined) logger.warn(`${key}: it means nothing to a model that ${what}`, { model })
  const chosen = taken.flatMap((key) => (said[key] === undefined ? [] : [[key, said[key]] as const]))
  return Object.fromEntries(chosen) as { [Name in Key]?: NonNullable<Service[Name]> }
}
