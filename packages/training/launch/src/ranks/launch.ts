/** `hadal train --nproc`: starts a recipe as several ranks, again after a failure where that is wanted, and ends with one error. */

import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '@hadal/base/free-port'
import type { Terminal } from '@hadal/output'
import { watchStopSignals } from '@hadal/output'
import { type RankEnvironment, readRankEnvironment } from '@hadal/train'
import type { FailureWindows } from './judge-ranks.ts'
import { type RankJob, type RankOutcome, runRanks } from './run-ranks.ts'

export interface LaunchOptions {
  /** Node arguments of the recipe's process. */
  readonly args: readonly string[]
  /** On this machine. */
  readonly ranks: number
  readonly restarts: number
  readonly saysThreads: boolean
  /** Before the first restart; each later one waits twice as long, a minute at most. */
  readonly backOffMillis?: number
  readonly windows?: FailureWindows
}

const maxOtherPorts = 3

/** Resolves with the exit code of the job; throws the error that ended it. */
export async function launchRanks(options: LaunchOptions, terminal: Terminal): Promise<number> {
  const { args, ranks, restarts, saysThreads, backOffMillis = 1000, windows } = options
  using signals = watchStopSignals()
  // On a single machine: the free port may be taken before rank 0 listens on it.
  let otherPorts = readRankEnvironment(terminal.env) === undefined ? maxOtherPorts : 0
  for (let restart = 0; ; restart += 1) {
    const job: RankJob = {
      args,
      folder: terminal.folder,
      env: terminal.env,
      cores: availableParallelism(),
      saysThreads,
      places: await placesOf(ranks, terminal.env, restart),
      restart,
      stop: signals.first,
      windows,
    }
    const outcome = await runRanks(job)
    if (outcome.kind === 'ended') return outcome.code
    if (outcome.isPlaceTaken && otherPorts > 0 && !signals.first.aborted) {
      otherPorts -= 1
      restart -= 1
      continue
    }
    if (!outcome.mayPass || restart === restarts || signals.first.aborted) throw outcome.error
    const wait = Math.min(60_000, backOffMillis * 2 ** restart)
    terminal.note(restartLine(outcome, ranks, wait, `${restart + 1} of ${restarts}`))
    await setTimeout(wait, undefined, { signal: signals.first }).catch(() => {})
    if (signals.first.aborted) throw outcome.error
  }
}

function restartLine(
  { what }: Extract<RankOutcome, { kind: 'failed' }>,
  ranks: number,
  waitMillis: number,
  which: string,
): string {
  const who = ranks === 1 ? 'it restarts' : `all ${ranks} ranks restart`
  return `${what}; ${who} from the last checkpoint in ${waitMillis / 1000} s (restart ${which})`
}

/** The ranks of this machine, which is one of several if the environment says so. */
async function placesOf(ranks: number, env: Terminal['env'], attempt: number): Promise<RankEnvironment[]> {
  const machine = readRankEnvironment(env) ?? {
    rank: 0,
    worldSize: 1,
    masterAddr: '127.0.0.1',
    masterPort: await freePort(),
    storeElsewhere: false,
  }
  const { masterAddr, masterPort, storeElsewhere } = machine
  return Array.from({ length: ranks }, (_, localRank) => ({
    rank: machine.rank * ranks + localRank,
    worldSize: machine.worldSize * ranks,
    localRank,
    localWorldSize: ranks,
    masterAddr,
    masterPort,
    storeElsewhere,
    attempt,
  }))
}
