/** Opens the guard for commands: from the `guard` setting of the config file or a named preset. */

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import {
  AttackIndex,
  buildAttackIndex,
  type Classifier,
  createGuard,
  type Encoder,
  type Guard,
  type GuardFiles,
  type GuardOptions,
  loadClassifier,
  ownTexts,
  type PolicyAsWritten,
  type PolicySettings,
  type PresetName,
  policySettings,
  presetNames,
} from '@hadal/guard'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { loadSettings, originOf } from '@hadal/service'
import { Command } from 'commander'
import { guardDataUnreadable } from './errors.ts'
import { guardOptions } from './guard-options.ts'

export interface GuardFlags {
  readonly config?: string
  /** Overrides the config. */
  readonly preset?: string
}

export interface GuardPlace {
  readonly policy: PolicyAsWritten
  readonly settings: PolicySettings
  /** Base folder of its files. */
  readonly folder: string
  /** `preset strict`, `guard of hadal.config.ts`: the source of the policy. */
  readonly origin: string
}

/** Throws `usage` and configuration errors. */
export async function guardPlace(
  { config, preset }: GuardFlags,
  terminal: Terminal,
  command: string,
): Promise<GuardPlace> {
  const { folder } = terminal
  const placeOf = (policy: PolicyAsWritten, origin: string): GuardPlace => ({
    policy,
    settings: policySettings(policy),
    folder,
    origin,
  })
  if (preset !== undefined) {
    if (!(presetNames as readonly string[]).includes(preset))
      throw usage(
        `--preset: there is no ${JSON.stringify(preset)}; there are ${presetNames.join(', ')}`,
        command,
      )
    return placeOf(preset as PresetName, `preset ${preset}`)
  }
  // Service settings without flags.
  const requested = new Command().option('--config <file>')
  requested.setOptionValue('config', config)
  const resolved = await loadSettings(requested, terminal)
  const { source } = resolved.origins.guard
  return placeOf(
    resolved.values.guard,
    source === 'default' ? 'preset default' : `guard of ${originOf(resolved, 'guard')}`,
  )
}

/** Loads all files of the policy. Throws their errors. */
export async function openGuard(
  { policy, folder }: GuardPlace,
  options: Partial<GuardOptions> = {},
): Promise<Guard> {
  const guard = createGuard({ ...(await guardOptions(policy, folder)), ...options })
  await guard.warm()
  return guard
}

/** Encodes the known attacks' texts with other encoders. Calibrations in files, which are for the built-in encoders, do not apply. */
export async function readBy(
  encoders: readonly Encoder[],
  signal: AbortSignal,
): Promise<Pick<GuardOptions, 'attacks' | 'calibration'>> {
  return { attacks: await buildAttackIndex(await ownTexts(), { encoders, signal }), calibration: {} }
}

/** Absolute paths. */
export function filesOf({ settings, folder }: GuardPlace): GuardFiles {
  const files = Object.entries(settings.files ?? {})
  return Object.fromEntries(files.map(([what, path]) => [what, resolve(folder, path)]))
}

/** The policy's classifier, or the bundled one. */
export async function classifierOf(place: GuardPlace): Promise<Classifier> {
  const { classifier: path } = filesOf(place)
  if (path === undefined) return loadClassifier()
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw guardDataUnreadable(path, messageOf(cause)).with({ cause })
  })
  return loadClassifier(bytes)
}

/** Includes attacks learned by the policy's service. */
export function attacksOf(place: GuardPlace): AttackIndex {
  const { attacks: additions } = filesOf(place)
  return AttackIndex.open(additions === undefined ? {} : { additions })
}
