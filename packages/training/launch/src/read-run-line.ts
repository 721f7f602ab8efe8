/** Parses the command line of a run: settings, commands, and every issue. */

import { messageOf, parseBytes } from '@hadal/base'
import { type Resolved, type RunSettings, readSettings, runSettings } from '@hadal/config'
import { say, usage } from '@hadal/output'
import { flagValues } from '@hadal/service/flags'
import type { CommandLine, SaidSettings } from '@hadal/train'
import { Command, CommanderError } from 'commander'
import type { MetricsPlace } from './metrics/metrics-thread.ts'
import { ranksIn } from './ranks/rank-flags.ts'
import { addRunFlags, ownRunFlags } from './run-flags.ts'

export interface RunLine extends CommandLine {
  readonly asksHelp: boolean
  readonly dryRun: boolean
  /** A memory plan was requested, for this many bytes or for the memory available. */
  readonly plan: { readonly memoryBytes: number | undefined; readonly json: boolean } | undefined
  readonly wandb: string | undefined
  /** Address for Prometheus. */
  readonly metrics: MetricsPlace | undefined
  /** Ranks that would run it, for `dryRun`. */
  readonly ranks: number
}

/** Arguments after `--` belong to the recipe. Throws `usage` if a value is missing. */
export function readRunLine(given: readonly string[]): RunLine {
  const end = given.indexOf('--')
  const flags = end < 0 ? given : given.slice(0, end)
  const command = addRunFlags(new Command('train'))
    .helpOption(false)
    .option('-h, --help')
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  try {
    command.parse(flags, { from: 'user' })
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    throw usage(thrown.message.replace(/^error: /, ''), 'hadal train')
  }
  const {
    help = false,
    dryRun = false,
    plan = false,
    memory,
    json = false,
    wandb,
    nproc,
    profile,
    metricsPort,
    metricsHost,
  } = command.opts()
  for (const [flag, said] of Object.entries({ '--memory': memory, '--json': json || undefined }))
    if (said !== undefined && !plan) throw usage(say`${flag} requires --plan`, 'hadal train')
  if (metricsHost !== undefined && metricsPort === undefined)
    throw usage(say`--metrics-host requires --metrics-port`, 'hadal train')
  const read = readSettings(
    runSettings,
    { flags: flagValues(command, runSettings), unknownArguments: command.args },
    { otherFlags: ownRunFlags },
  )
  return {
    said: withProfile(saidIn(read), profile === true),
    args: end < 0 ? [] : given.slice(end + 1),
    issues: read.issues,
    asksHelp: help,
    dryRun,
    plan: plan ? { memoryBytes: bytesIn(memory), json } : undefined,
    wandb,
    metrics: metricsPort === undefined ? undefined : metricsPlace(metricsPort, metricsHost),
    ranks: ranksIn(nproc),
  }
}

/** `--profile` is the usual number of steps. */
const withProfile = (said: SaidSettings, requested: boolean): SaidSettings =>
  requested ? { ...said, 'profile.steps': said['profile.steps'] ?? 3 } : said

function metricsPlace(port: string, host = '127.0.0.1'): MetricsPlace {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw usage(say`--metrics-port must be a whole number from 0 to 65535, not ${port}`, 'hadal train')
  return { host, port: Number(port) }
}

function bytesIn(memory: string | undefined): number | undefined {
  if (memory === undefined) return undefined
  try {
    return parseBytes(memory)
  } catch (thrown) {
    throw usage(say`--memory: ${messageOf(thrown)}`, 'hadal train')
  }
}

/** Invalid values become issues and are not passed on. */
const saidIn = ({ values, origins }: Resolved<RunSettings>): SaidSettings =>
  Object.fromEntries(
    (Object.entries(values) as [keyof RunSettings, unknown][]).filter(
      ([key, value]) =>
        origins[key].source === 'flag' && runSettings[key].kind.schema.safeParse(value).success,
    ),
  )
