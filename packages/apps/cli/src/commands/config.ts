/** `hadal config show` and `check`: effective settings, their sources, and issues. */

import {
  checkService,
  configFileNotFound,
  describeDefault,
  findConfigFile,
  loadConfigIsolated,
  type Resolved,
  redact,
  resolveSettings,
  type Service,
  type Setting,
  serviceSettings,
} from '@hadal/config'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, translate } from '@hadal/output'
import { configPath, describeValue, loadSettings } from '@hadal/service'
import type { Command } from 'commander'
import { translateDefault } from '../language/translate-default.ts'

interface ShowFlags {
  readonly changed?: boolean
  readonly json?: boolean
}

type Key = keyof Service

/** Throws `config_invalid` with every issue. */
export async function showConfig(command: Command, terminal: Terminal): Promise<number> {
  const { changed = false, json = false } = command.opts<ShowFlags>()
  const settings = await loadSettings(command, terminal)
  for (const note of settings.notes) terminal.note(note)
  const keys = (Object.keys(serviceSettings) as Key[]).filter(
    (key) => !changed || settings.origins[key].source !== 'default',
  )
  const file = findConfigFile(terminal.folder, configPath(command, terminal))
  if (json) terminal.print(JSON.stringify(asJson(settings, keys, file), undefined, 2))
  else terminal.print(asTable(settings, keys, file, terminal))
  return exitCodes.success
}

function asJson(settings: Resolved<Service>, keys: readonly Key[], file: string | undefined): unknown {
  const entries = keys.map((key) => {
    const { secret, reload }: Setting<unknown> = serviceSettings[key]
    const { source, name } = settings.origins[key]
    const value = secret && source !== 'default' ? 'hidden' : (redact(settings.values[key]) ?? null)
    return [key, { value, source, from: name, reload: reload ?? 'restart' }]
  })
  return { file: file ?? null, settings: Object.fromEntries(entries) }
}

function asTable(
  settings: Resolved<Service>,
  keys: readonly Key[],
  file: string | undefined,
  { style }: Terminal,
): string {
  const { bold, dim, cyan } = style
  const rows = keys.map((key) => {
    const { source, name } = settings.origins[key]
    const row: Setting<unknown> = serviceSettings[key]
    const change = reloads[row.reload ?? 'restart']
    if (source === 'default')
      return [
        key,
        dim(shortened(translateDefault(describeDefault(row).replaceAll('`', '')))),
        dim(say`default`),
        dim(translate(change)),
      ]
    return [cyan(key), shortened(describeValue(key, settings.values)), name, dim(translate(change))]
  })
  const head = [say`setting`, say`value`, say`from`, say`takes effect`].map(bold)
  const about = file === undefined ? say`no config file` : say`config file: ${file}`
  if (rows.length === 0) return say`${about}\nAll settings have their default values.`
  return `${about}\n\n${formatTable([head, ...rows], ['left', 'left', 'left', 'left'])}`
}

const reloads = {
  live: 'immediately',
  lower: 'immediately if lower',
  restart: 'after a restart',
} as const

const longest = 64
const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text)

/** Checks only the file, ignoring flags and variables. Throws every issue. */
export async function checkConfig(
  path: string | undefined,
  { json = false }: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const file = await loadConfigIsolated(terminal.folder, path)
  if (file === undefined) throw configFileNotFound('hadal.config.ts')
  const { values } = resolveSettings(serviceSettings, { file }, { check: checkService })
  const said = Object.keys(file.values)
  if (said.includes('guard')) await checkGuard(values, terminal)
  if (json) terminal.print(JSON.stringify({ file: file.path, settings: said, issues: [] }, undefined, 2))
  else
    terminal.print(
      say`${file.path}: ${said.length === 1 ? say`1 setting` : say`${said.length} settings`}, no errors`,
    )
  return exitCodes.success
}

/** Checks patterns and custom checks. Loaded on demand. */
async function checkGuard({ guard }: Service, { folder }: Terminal): Promise<void> {
  const [{ createGuard }, { guardOptions }] = await Promise.all([
    import('@hadal/guard'),
    import('@hadal/guard-lab'),
  ])
  createGuard(await guardOptions(guard, folder))[Symbol.dispose]()
}
