/** Reads service settings from the config file, the environment and flags. */

import { resolve } from 'node:path'
import {
  type ConfigFile,
  checkService,
  configFileNames,
  type IsolatedOptions,
  loadConfigFile,
  loadConfigIsolated,
  type Resolved,
  redact,
  redactText,
  resolveSettings,
  type Service,
  type Setting,
  serviceSettings,
} from '@hadal/config'
import type { Terminal } from '@hadal/output'
import type { Command } from 'commander'
import { flagValues } from './setting-flags.ts'

const configVariable = 'HADAL_CONFIG'
/** Variables that are not settings; the last two are read by the tensor library. */
export const otherVariables: readonly string[] = [
  'HADAL_LANGUAGE',
  configVariable,
  'HADAL_TENSOR_ORIGINS',
  'HADAL_TENSOR_ADDON',
]

/** Throws `config_invalid` with every issue, or one of the `config_file_*` errors. */
export async function loadSettings(command: Command, terminal: Terminal): Promise<Resolved<Service>> {
  return resolved(command, terminal, await loadConfigFile(terminal.folder, configPath(command, terminal)))
}

/** Rereads the file with the same flags and variables; it is loaded in isolation. Throws what `loadSettings` throws. */
export async function loadSettingsAgain(
  command: Command,
  terminal: Terminal,
  options: IsolatedOptions = {},
): Promise<Resolved<Service>> {
  const path = configPath(command, terminal)
  return resolved(command, terminal, await loadConfigIsolated(terminal.folder, path, options))
}

/** Possible config files, existing or not. */
export function configCandidates(command: Command, terminal: Terminal): readonly string[] {
  const path = configPath(command, terminal)
  return (path === undefined ? configFileNames : [path]).map((name) => resolve(terminal.folder, name))
}

/** The config file named explicitly, if any. */
export function configPath(command: Command, { env }: Terminal): string | undefined {
  return command.opts().config ?? (env[configVariable] || undefined)
}

function resolved(command: Command, { env }: Terminal, file: ConfigFile | undefined): Resolved<Service> {
  const flags = flagValues(command, serviceSettings)
  const model = flags.model === undefined ? modelFile(command.args) : undefined
  const given =
    model === undefined ? { flags, unknownArguments: command.args } : { flags: { ...flags, model } }
  return resolveSettings(
    serviceSettings,
    { ...given, env, file },
    {
      check: checkService,
      otherVariables,
      otherFlags: ['--config', '--help', '--json', '--changed'],
    },
  )
}

/** `hadal serve model.onnx`: the extension of a model file determines its kind. */
const modelFile = ([only, ...more]: readonly string[]): string | undefined =>
  more.length === 0 && only !== undefined && /^[^-].*\.(?:gguf|onnx)$/i.test(only) ? only : undefined

/** Values from flags, and the model argument. */
export function givenSettings(
  { origins }: Resolved<Service>,
  command: Command,
): Partial<Record<keyof Service, unknown>> {
  const given = Object.entries(flagValues(command, serviceSettings)).filter(
    ([key]) => origins[key as keyof Service].source === 'flag',
  )
  const model = modelFile(command.args)
  return { ...(model !== undefined && { model }), ...Object.fromEntries(given) }
}

/** Only explicit settings. */
export function saidSettings({ values, origins }: Resolved<Service>): Partial<Service> {
  const isSaid = ([key]: [string, unknown]): boolean => origins[key as keyof Service].source !== 'default'
  return Object.fromEntries(Object.entries(values).filter(isSaid))
}

/** Shown elsewhere in the startup output. */
const shownApart: readonly (keyof Service)[] = ['model', 'modelId', 'host', 'port']

/**
 * `name: value (reason)` for all choices: those of the engine with its reasons, explicit ones with their source. Secrets are shown only as
 * set.
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

/** Maximum characters of a value; templates are longer than a line. */
const longestShown = 120

/** On one line; secrets only as set. */
export function describeValue(key: keyof Service, values: Partial<Service>): string {
  const { secret, kind }: Setting<unknown> = serviceSettings[key]
  if (secret) return 'set'
  const value: unknown = values[key]
  if (kind.show !== undefined) return redactText(kind.show(value))
  const text = redactText(asText(value)).replaceAll(/\s+/g, ' ')
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text
}

function asText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const isFlat = Array.isArray(value) && value.every((item) => typeof item !== 'object')
  return isFlat ? value.join(',') : JSON.stringify(redact(value))
}
