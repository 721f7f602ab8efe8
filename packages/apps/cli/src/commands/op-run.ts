/** `hadal op test` and `hadal op bench`: run in a separate process (custom-ops/op-main.ts). */

import { runOpJob } from '@hadal/launch'
import type { Terminal } from '@hadal/output'
import { wholeNumberFlag } from '@hadal/output'

export interface OpTestFlags {
  readonly seed: string
  readonly json?: boolean
}

export function testOpFolder(
  folder: string,
  { seed, json = false }: OpTestFlags,
  terminal: Terminal,
): Promise<number> {
  const job = { kind: 'test', seed: wholeNumberFlag(seed, '--seed', 'hadal op test'), json } as const
  return runOpJob(job, folder, terminal)
}

export interface OpBenchFlags {
  readonly rounds: string
  readonly threads: string
  readonly json?: boolean
}

export function benchOpFolder(folder: string, flags: OpBenchFlags, terminal: Terminal): Promise<number> {
  const number = (text: string, flag: string): number => wholeNumberFlag(text, flag, 'hadal op bench')
  const [rounds, threads] = [number(flags.rounds, '--rounds'), number(flags.threads, '--threads')]
  return runOpJob({ kind: 'bench', rounds, threads, json: flags.json ?? false }, folder, terminal)
}
