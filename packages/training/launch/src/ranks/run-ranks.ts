/**
 * One attempt at a job: starts its ranks, monitors them until all have ended or one has failed, and leaves no process behind.
 * Prints nothing.
 */

import { join } from 'node:path'
import { HadalError } from '@hadal/base'
import { signalExitCode } from '@hadal/output'
import type { RankEnvironment } from '@hadal/train'
import { describeLost, type LostRank, rankFailed, rankHangs, rankUnstarted } from './errors.ts'
import { type FailureWindows, foundNoWay, isConsequence, judgeRanks, type Verdict } from './judge-ranks.ts'
import { type Environment, environmentOf } from './rank-environment.ts'
import { RankOutput, removeStaleLogs } from './rank-output.ts'
import { RankProcess } from './rank-process.ts'

export interface RankJob {
  /** Node arguments of each rank. */
  readonly args: readonly string[]
  readonly folder: string
  readonly env: Environment
  readonly cores: number
  readonly saysThreads: boolean
  /** The ranks of this machine, in order. */
  readonly places: readonly RankEnvironment[]
  /** 0 for the first attempt. */
  readonly restart: number
  /** The first signal asks all ranks to stop. */
  readonly stop: AbortSignal
  readonly windows?: FailureWindows | undefined
}

export type RankOutcome =
  | { readonly kind: 'ended'; readonly code: number }
  | {
      readonly kind: 'failed'
      readonly error: HadalError
      /** `rank 1 was killed by SIGKILL after step 12`. */
      readonly what: string
      /** Whether a retry may succeed: no rank reported a permanent error. */
      readonly mayPass: boolean
      /** Something else listens where the ranks were to meet: they may elsewhere. */
      readonly isPlaceTaken: boolean
    }

/** Until a rank reports its own. */
const usualTimeoutMillis = 600_000
const pollMillis = 500
const shownLines = 8

export async function runRanks(job: RankJob): Promise<RankOutcome> {
  let onChange = (): void => {}
  const start = (place: RankEnvironment): RankProcess => {
    const output = new RankOutput()
    const onOpen = (folder: string): void => {
      const logs = join(folder, 'ranks')
      if (place.localRank > 0) output.openFile(join(logs, `${place.rank}.log`), job.restart === 0)
      else if (place.rank === 0) removeStaleLogs(logs, place.worldSize)
    }
    const env = environmentOf(place, job.env, { ...job, isLinux: process.platform === 'linux' })
    const program = { args: job.args, env, folder: job.folder, hasTerminal: place.localRank === 0 }
    return new RankProcess(place.rank, program, output, () => onChange(), onOpen)
  }
  const ranks: RankProcess[] = []
  const timeoutMillis = (): number =>
    Math.max(...ranks.map((rank) => rank.timeoutMillis ?? 0)) || usualTimeoutMillis
  const forward = (): void => {
    for (const rank of ranks) rank.signal(job.stop.reason as NodeJS.Signals)
  }
  const endAll = (): Promise<unknown> => Promise.all(ranks.map((rank) => rank.end()))
  const endAtOnce = (): void => void endAll()
  job.stop.addEventListener('abort', forward, { once: true })
  process.on('exit', endAtOnce)
  try {
    for (const place of job.places) ranks.push(start(place))
    const verdict = await new Promise<Exclude<Verdict, { kind: 'running' }>>((resolve) => {
      const timer = setInterval(() => onChange(), pollMillis)
      onChange = () => {
        const found = judgeRanks(
          ranks.map(({ state }) => state),
          Date.now(),
          timeoutMillis(),
          job.windows,
        )
        if (found.kind === 'running') return
        clearInterval(timer)
        resolve(found)
      }
      if (job.stop.aborted) forward()
    })
    await endAll()
    return outcomeOf(verdict, ranks, job, timeoutMillis())
  } finally {
    await endAll() // Also ends ranks started before one that failed to start.
    process.off('exit', endAtOnce)
    job.stop.removeEventListener('abort', forward)
  }
}

function outcomeOf(
  verdict: Exclude<Verdict, { kind: 'running' }>,
  ranks: readonly RankProcess[],
  { stop, places }: RankJob,
  timeoutMillis: number,
): RankOutcome {
  if (verdict.kind === 'ended') return { kind: 'ended', code: exitCode(ranks[0]!) }
  const find = (wanted: number): RankProcess => ranks.find(({ rank }) => rank === wanted)!
  if (verdict.kind === 'hangs') {
    const lost = verdict.ranks.map((rank) => lostRank(find(rank), 'hangs'))
    const others = places.map(({ rank }) => rank).filter((rank) => !verdict.ranks.includes(rank))
    return {
      kind: 'failed',
      error: rankHangs(lost, timeoutMillis / 1000, others),
      what: lost.map(describeLost).join('; '),
      mayPass: true,
      isPlaceTaken: false,
    }
  }
  const rank = find(verdict.rank)
  const { end } = rank.state
  // A program that does not handle the stop signal ends by it.
  if (stop.aborted && end!.signal === stop.reason) return { kind: 'ended', code: exitCode(rank) }
  const { error } = rank
  const lost = lostRank(rank, howEnded(rank))
  // Errors of the first rank are reported unchanged; so are those before the first step, which all ranks share.
  const isOfRun = rank === ranks[0] || lost.step === undefined
  return {
    kind: 'failed',
    error: error !== undefined && isOfRun ? HadalError.revive(error) : rankFailed(lost),
    what: describeLost(lost),
    mayPass: error === undefined || isConsequence(error.code) || error.code === rankUnstarted.spec.code,
    isPlaceTaken: foundNoWay(rank.state, timeoutMillis) && /address already in use/i.test(error!.message),
  }
}

function lostRank({ rank, state, output, error }: RankProcess, what: string): LostRank {
  const said = error ? [`error[${error.code}]: ${error.message}`, `help: ${error.help}`] : undefined
  // A rank killed from outside could not report it.
  const isSilent = state.end === undefined || state.end.signal === 'SIGKILL'
  const lines = said ?? (isSilent ? [] : output.lastLines(shownLines))
  return { rank, what, step: state.step, output: lines, log: output.path }
}

function howEnded({ state: { end }, error }: RankProcess): string {
  if (end!.signal !== null) return `was killed by ${end!.signal}`
  return error ? 'failed' : `ended with exit code ${end!.code}`
}

function exitCode({ state: { end } }: RankProcess): number {
  return end!.code ?? signalExitCode(end!.signal!)
}
