/** What the command line says of ranks: for the process that starts them, not for the recipe. Pure. */

import { usage } from '@hadal/output'

export interface RankFlags {
  /** To start on this machine; undefined where nobody said, and one process by itself carries the recipe out. */
  readonly ranks: number | undefined
  /** How often all are started again after one failed. */
  readonly restarts: number
  /** The command line without these flags. */
  readonly rest: readonly string[]
  /** Per rank, where it was said. */
  readonly saysThreads: boolean
}

/** These say what would be done, in one process, and are told of the ranks as of any setting. */
const toldOnly: ReadonlySet<string> = new Set(['--dry-run', '--plan', '--help', '-h'])

/** Flags behind `--` are the recipe's own. Throws `usage`. */
export function readRankFlags(args: readonly string[]): RankFlags {
  const end = args.indexOf('--')
  const flags = end < 0 ? args : args.slice(0, end)
  const saysThreads = flags.some((flag) => flag === '--threads' || flag.startsWith('--threads='))
  if (flags.some((flag) => toldOnly.has(flag)))
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

/** What stands behind --nproc; one where it does not stand there. Throws `usage`. */
export const ranksIn = (text = '1'): number => numberIn('--nproc', text, 1, 1024)

function numberIn(name: string, text: string, least: number, most: number): number {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw usage(`${name} takes a whole number from ${least} to ${most}, not ${text}`, 'hadal train')
}
