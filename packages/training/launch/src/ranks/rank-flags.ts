/** Command-line flags for ranks: for the process that starts them, not for the recipe. Pure. */

import { usage } from '@hadal/output'

export interface RankFlags {
  /** Ranks to start on this machine; undefined if not given, for a single process. */
  readonly ranks: number | undefined
  /** How many times all ranks are restarted after a failure. */
  readonly restarts: number
  /** The command line without these flags. */
  readonly rest: readonly string[]
  /** Threads per rank, if given. */
  readonly saysThreads: boolean
}

/** Reporting commands: they run in one process, with the number of ranks as a setting. */
const reportedOnly: ReadonlySet<string> = new Set(['--dry-run', '--plan', '--help', '-h'])

/** Flags behind `--` are the recipe's own. Throws `usage`. */
export function readRankFlags(args: readonly string[]): RankFlags {
  const end = args.indexOf('--')
  const flags = end < 0 ? args : args.slice(0, end)
  const saysThreads = flags.some((flag) => flag === '--threads' || flag.startsWith('--threads='))
  if (flags.some((flag) => reportedOnly.has(flag)))
    return { ranks: undefined, restarts: 0, rest: args, saysThreads }
  const rest: string[] = []
  const found: Record<string, string | undefined> = {}
  for (let at = 0; at < flags.length; at += 1) {
    const [, name, value] = /^(--nproc|--restarts)(?:=(.*))?$/.exec(flags[at]!) ?? []
    if (name === undefined) rest.push(flags[at]!)
    else found[name] = value ?? flags[++at]
    if (name !== undefined && found[name] === undefined)
      throw usage(`option '${name} <number>' argument missing`, 'hadal train')
  }
  const { '--nproc': ranks, '--restarts': restarts = '0' } = found
  return {
    ranks: ranks === undefined ? undefined : ranksIn(ranks),
    restarts: numberIn('--restarts', restarts, 0, 1000),
    rest: end < 0 ? rest : [...rest, ...args.slice(end)],
    saysThreads,
  }
}

/** The value of --nproc; one if absent. Throws `usage`. */
export const ranksIn = (text = '1'): number => numberIn('--nproc', text, 1, 1024)

function numberIn(name: string, text: string, least: number, most: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw usage(`${name} must be a whole number from ${least} to ${most}, got ${text}`, 'hadal train')
}
