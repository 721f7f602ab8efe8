/**
 * What becomes of a config file that changed while a service runs: which settings hold at once, which wait for a restart,
 * and what is in force then. Reads and changes nothing.
 */

import { isDeepStrictEqual } from 'node:util'
import { configInvalid } from './errors.ts'
import type { Resolved } from './resolve.ts'
import { checkService, type Service, serviceSettings } from './service.ts'
import type { Setting } from './setting.ts'

export interface ReloadPlan {
  /** Changed, and in force from now on. */
  readonly live: readonly (keyof Service)[]
  /** Changed, and as the service was started until it is started again. */
  readonly restart: readonly (keyof Service)[]
  /** The settings that are in force now: the next time, what `planReload` takes as `old`. */
  readonly effective: Resolved<Service>
}

/**
 * `started` are the settings that the service was started with, which bound what may change while it runs. Throws
 * `config_invalid` where what would be in force fits together only after a restart.
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
  const faults = checkService(effective.values)
  if (faults.length > 0)
    throw configInvalid(
      faults.map((fault) => `${fault} (${restart.join(', ')} in the file: only after a restart)`),
    )
  return { live, restart, effective }
}

function holdsAtOnce(key: keyof Service, next: unknown, started: unknown): boolean {
  const { reload }: Setting<unknown> = serviceSettings[key]
  if (reload !== 'lower') return reload === 'live'
  return typeof next === 'number' && typeof started === 'number' && next <= started
}
