/** Reads the settings of a service from the config file, the environment and the flags. */

import {
  checkService,
  loadConfigFile,
  type Resolved,
  resolveSettings,
  type Service,
  type Setting,
  serviceSettings,
} from '@hadal/config'
import type { Command } from 'commander'
import { flagValues } from './setting-flags.ts'
import type { Terminal } from './terminal.ts'

const configVariable = 'HADAL_CONFIG'
/** Read by the tensor library. */
const tensorVariables = ['HADAL_TENSOR_ORIGINS', 'HADAL_TENSOR_ADDON']

/** Throws `config_invalid` with every fault, or one of the `config_file_*`. */
export async function loadSettings(command: Command, terminal: Terminal): Promise<Resolved<Service>> {
  const { env, folder } = terminal
  const path: string | undefined = command.opts().config ?? (env[configVariable] || undefined)
  return resolveSettings(
    serviceSettings,
    {
      flags: flagValues(command, serviceSettings),
      unknownArguments: command.args,
      env,
      file: await loadConfigFile(folder, path),
    },
    {
      check: checkService,
      otherVariables: [configVariable, ...tensorVariables],
      otherFlags: ['--config', '--help'],
    },
  )
}

/** Only what somebody chose. */
export function saidSettings({ values, origins }: Resolved<Service>): Partial<Service> {
  const isSaid = ([key]: [string, unknown]): boolean => origins[key as keyof Service].source !== 'default'
  return Object.fromEntries(Object.entries(values).filter(isSaid))
}

/** Shown elsewhere when a service starts. */
const shownApart: readonly (keyof Service)[] = ['model', 'modelId', 'host', 'port']

/**
 * `name: value (reason)` for all that was chosen: by the engine with its reasons, by somebody with where it was said.
 * Of a secret only that it is set.
 */
export function describeChoices(settings: Resolved<Service>, engineChoices: readonly string[]): string[] {
  const said = saidSettings(settings)
  const saidLines = Object.keys(said).flatMap((key) => {
    if (shownApart.includes(key as keyof Service)) return []
    return `${key}: ${describeValue(key as keyof Service, said)} (${originOf(settings, key as keyof Service)})`
  })
  const nameOf = (line: string): string => line.slice(0, line.indexOf(':'))
  const engineNames = new Set(engineChoices.map(nameOf))
  const engineLines = engineChoices.map((line) => {
    const key = nameOf(line) as keyof Service
    return key in said ? line.replace(/ \(.*\)$/, ` (${originOf(settings, key)})`) : line
  })
  return [...engineLines, ...saidLines.filter((line) => !engineNames.has(nameOf(line)))]
}

/** `--port`, `HADAL_PORT`, `hadal.config.ts`. */
export function originOf({ origins }: Resolved<Service>, key: keyof Service): string {
  return origins[key].name
}

/** Characters of a value: a template is no line. */
const longestShown = 120

function describeValue(key: keyof Service, said: Partial<Service>): string {
  const { secret, kind }: Setting<unknown> = serviceSettings[key]
  if (secret) return 'set'
  const value: unknown = said[key]
  if (kind.show !== undefined) return kind.show(value)
  const text = Array.isArray(value) ? value.join(',') : String(value).replaceAll(/\s+/g, ' ')
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text
}
