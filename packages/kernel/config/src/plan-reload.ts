/**
 * Plans the reload of a changed config file: which settings apply immediately, which need a restart, and what is in effect
 * afterwards. Pure.
 */

import { isDeepStrictEqual } from 'node:util'
import { configInvalid } from './errors.ts'
import type { Resolved } from './resolve.ts'
import { checkService, type Service, serviceSettings } from './service.ts'
import type { Setting } from './setting.ts'

export interface ReloadPlan {
  /** Changed, and in effect from now on. */
  readonly live: readonly (keyof Service)[]
  /** Changed, but unchanged in effect until a restart. */
  readonly restart: readonly (keyof Service)[]
  /** The settings now in effect: the `old` of the next `planReload`. */
  readonly effective: Resolved<Service>
}

/**
 * `started`: the settings at the start of the service, which bound run-time changes. Throws `config_invalid` if the settings in
 * effect would be consistent only after a restart.
 *
 * @internal
 */
export function planReload(
  old: Resolved<Service>,
  next: Resolved<Service>,
  started: Resolved<Service> = old,
): ReloadPlan {
  const live: (keyof Service)[] = []
  const restart: (keyof Service)[] = []
  const values: Record<string, unknown> = { ...next.values }
  const origins: Record<string, unknown> = { ...next.origins }
  for (const key of Object.keys(serviceSettings) as (keyof Service)[]) {
    if (holdsAtOnce(key, next.values[key], started.values[key])) {
      if (!isDeepStrictEqual(old.values[key], next.values[key])) live.push(key)
      continue
    }
    if (isDeepStrictEqual(old.values[key], next.values[key])) continue
    restart.push(key)
    values[key] = old.values[key]
    origins[key] = old.origins[key]
  }
  const effective = {
    values: values as unknown as Service,
    origins: origins as unknown as Resolved<Service>['origins'],
    notes: next.notes,
  }
  const issues = checkService(effective.values)
  if (issues.length > 0)
    throw configInvalid(
      issues.map((issue) => `${issue} (${restart.join(', ')} in the file: only after a restart)`),
    )
  return { live, restart, effective }
}

function holdsAtOnce(key: keyof Service, next: unknown, started: unknown): boolean {
  const { reload }: Setting<unknown> = serviceSettings[key]
  if (reload !== 'lower') return reload === 'live'
  return typeof next === 'number' && typeof started === 'number' && next <= started
}
