/**
 * The settings of the service that a config file and variables say, and what checks go by: no key, no password. A config file that
 * does not end, or ends the process, does no harm: it is loaded in a thread.
 */

import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import {
  type ConfigFile,
  checkService,
  findConfigFile,
  loadConfigIsolated,
  type Resolved,
  readSettings,
  redactText,
  type Service,
  serviceSettings,
} from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { otherVariables } from '@hadal/service'
import { readTextFile } from '../read-file.ts'
import { weaknessOf } from './key-strength.ts'

export interface LoadedService {
  readonly file: string | undefined
  readonly faults: readonly string[]
  readonly help: string | undefined
  /** Undefined when there are issues. */
  readonly settings: Resolved<Service> | undefined
}

/** Does not reject. */
export async function loadService(
  path: string | undefined,
  { env, folder }: Terminal,
): Promise<LoadedService> {
  const named = path ?? (env.HADAL_CONFIG || undefined)
  let file: ConfigFile | undefined
  try {
    const path = findConfigFile(folder, named)
    // A pipe without a writer would block a thread for ever.
    const kind = path === undefined ? undefined : await stat(resolve(folder, path)).catch(() => undefined)
    if (kind !== undefined && !kind.isFile()) throw new Error(`${path} must be a regular file`)
    file = await loadConfigIsolated(folder, named)
  } catch (thrown) {
    return {
      file: named,
      faults: [redactText(messageOf(thrown))],
      help: isHadalError(thrown) ? thrown.help : undefined,
      settings: undefined,
    }
  }
  const { issues: faults, ...settings } = readSettings(
    serviceSettings,
    { env, file },
    { check: checkService, otherVariables },
  )
  return {
    file: file?.path,
    faults,
    help: undefined,
    settings: faults.length === 0 ? settings : undefined,
  }
}

/** For `service-config`. */
export function describeSettings({ file, faults, help, settings }: LoadedService): object {
  if (settings === undefined) return { isValid: false, file, faults, help }
  const { values } = settings
  return {
    isValid: true,
    file,
    host: values.host,
    port: values.port,
    maxConnections: values.maxConnections,
    threads: values.threads,
    lockMemory: values.lockMemory,
    guard: serviceSettings.guard.kind.show?.(values.guard),
    hasTls: values.tlsCert !== undefined,
    hasDatabase: values.database !== undefined,
  }
}

/** For `service-keys`: counts and locations, never a key or a part of one. */
export async function describeKeys(
  { file, settings }: LoadedService,
  folder: string,
): Promise<object | undefined> {
  if (settings === undefined) return undefined
  const { apiKeys, adminKeys, host, allowKeyless, database } = settings.values
  const lists = { apiKeys, adminKeys }
  const all = Object.entries(lists).flatMap(([name, keys]) =>
    keys.map((key, at) => ({ key, which: `key ${at + 1} of ${name}` })),
  )
  const path = file === undefined ? undefined : resolve(folder, file)
  const source = path === undefined ? '' : ((await readTextFile(path)).text ?? '')
  const mode =
    path === undefined
      ? undefined
      : await stat(path).then(
          (found) => found.mode & 0o777,
          () => undefined,
        )
  return {
    apiKeys: apiKeys.length,
    adminKeys: adminKeys.length,
    hasDatabase: database !== undefined,
    isOpen: isOpen(host),
    allowKeyless,
    weak: all.flatMap(({ key, which }) => {
      const why = weaknessOf(key)
      return why === undefined ? [] : [{ which, why }]
    }),
    duplicates: Object.entries(lists).flatMap(([name, keys]) =>
      keys.flatMap((key, at) =>
        keys.indexOf(key) < at ? [`keys ${keys.indexOf(key) + 1} and ${at + 1} of ${name} are the same`] : [],
      ),
    ),
    inBoth: apiKeys.flatMap((key, at) =>
      adminKeys.includes(key) ? [`key ${at + 1} of apiKeys is also in adminKeys`] : [],
    ),
    // A module may read them from variables, which is as it should be.
    inFile: Object.entries(lists).flatMap(([name, keys]) =>
      keys.some((key) => source.includes(key)) ? [name] : [],
    ),
    fileMode: mode,
  }
}

const isOpen = (host: string): boolean => !/^(localhost|127\.[\d.]+|::1|\[::1\])$/i.test(host)

/** For `service-slo`: what the service promises, for checks of a running server. */
export function describeSlo({ settings }: LoadedService): object | undefined {
  if (settings === undefined) return undefined
  const { slo, sloTtftMillis } = settings.values
  return {
    isDefault: settings.origins.slo.source === 'default',
    availability: slo.availability,
    latencyMillis: slo.latencyMillis,
    latencyShare: slo.latencyShare,
    ttftMillis: slo.ttftMillis ?? sloTtftMillis,
    maxBacklog: slo.maxBacklog,
  }
}
