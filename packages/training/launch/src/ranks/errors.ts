/** Errors of multi-rank jobs as reported by their launcher: one per job. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** The rank that ended its job. */
export interface LostRank {
  readonly rank: number
  /** `was killed by SIGKILL`, `ended with exit code 3`. */
  readonly what: string
  /** Steps done. */
  readonly step: number | undefined
  /** The last lines of its output, in case they explain the failure; empty for rank 0, whose output goes to the terminal. */
  readonly output: readonly string[]
  readonly log: string | undefined
}

export const rankFailed: ErrorMaker<[lost: LostRank]> = defineError({
  code: 'train_rank_failed',
  status: 500,
  when: 'A rank of a run started with `hadal train --nproc` crashed or was killed. The other ranks were stopped.',
  message: (lost) => `${describeLost(lost)}${ending(lost)}`,
  help: (lost) =>
    `${/SIGKILL/.test(lost.what) ? 'If you did not kill it, the system probably ran out of memory: check the kernel log, and use a smaller --batch-windows. ' : ''}${lost.log === undefined ? '' : `See its output: ${lost.log}. `}Run the same command again to resume from the last checkpoint; --restarts sets the number of automatic restarts.`,
  docsHelp:
    'See the output of the rank, and run the same command again to resume from the last checkpoint; --restarts sets the number of automatic restarts. After SIGKILL, the system probably ran out of memory: use a smaller --batch-windows.',
})

export const rankHangs: ErrorMaker<
  [lost: readonly LostRank[], timeoutSeconds: number, others: readonly number[]]
> = defineError({
  code: 'train_rank_hangs',
  status: 504,
  when: 'A rank of a run started with `hadal train --nproc` made no progress for `parallel.timeoutSeconds`. All ranks were stopped.',
  message: (lost, timeoutSeconds, others) =>
    `${lost.map(describeLost).join('; ')}: no progress for ${timeoutSeconds} s${others.length === 0 ? '' : `, while ${named(others)} waited`}${ending(lost[0]!)}`,
  help: (_lost, timeoutSeconds) =>
    `Run the same command again to resume from the last checkpoint; --restarts sets the number of automatic restarts. If a step, an evaluation or a checkpoint takes longer than ${timeoutSeconds} s, raise --parallel-timeout-seconds.`,
})

export const rankUnstarted: ErrorMaker<[rank: number, reason: string]> = defineError({
  code: 'train_rank_unstarted',
  status: 503,
  when: 'The operating system did not start the process of a rank of `hadal train --nproc`.',
  message: (rank, reason) => `cannot start rank ${rank}: ${reason}`,
  help: 'Start fewer ranks with --nproc, or raise the limit. EAGAIN means the process limit (ulimit -u, or pids.max of a container); ENOMEM means too little memory.',
})

/** `rank 1 was killed by SIGKILL after step 12`. */
export function describeLost({ rank, what, step }: LostRank): string {
  return `rank ${rank} ${what} ${step === undefined ? 'before its first step' : `after step ${step}`}`
}

function ending({ output }: LostRank): string {
  return output.length === 0
    ? ''
    : `\n  its output ends with:${output.map((line) => `\n  | ${line}`).join('')}`
}

const named = (ranks: readonly number[]): string =>
  ranks.length === 1 ? `rank ${ranks[0]}` : `ranks ${ranks.slice(0, -1).join(', ')} and ${ranks.at(-1)}`
