/** The report: machine, versions, and the result of each claim. Plain data, stored as `report.json`. */

import type { ClaimMode, Judgement, Verdict } from '../claim.ts'

export interface ProveMachine {
  readonly cpu: string
  readonly threads: number
  readonly memoryBytes: number
  /** `linux 6.1.0 x64`. */
  readonly system: string
  readonly node: string
  readonly libtorch:
    | { readonly version: string; readonly blas: string; readonly cuda: boolean }
    | { readonly version?: undefined; readonly fault: string; readonly help: string }
  /** By name. */
  readonly gpus: readonly string[]
}

export interface ClaimFailure {
  readonly code: string
  readonly message: string
  readonly help: string
}

export interface ClaimResult {
  readonly id: string
  readonly title: string
  readonly claimed: string
  readonly page: string
  /** What measures it again. */
  readonly command: string
  /** Absent if this machine lacks a requirement. */
  readonly seconds?: number
  /** Load average of the machine over the minute before the start; it shows other work. */
  readonly loadAverage?: number
  /** Absent if the claim could not be run. */
  readonly judgement?: Judgement
  readonly failure?: ClaimFailure
}

export interface ProveReport {
  readonly hadal: string
  /** Commit of the checkout; with `+` if files were modified. */
  readonly commit?: string
  readonly startedAt: string
  readonly seconds: number
  readonly mode: ClaimMode
  readonly seed: number
  readonly machine: ProveMachine
  readonly results: readonly ClaimResult[]
  /** Ids of claims that were to be measured and were not reached. */
  readonly notReached: readonly string[]
}

export const verdicts: readonly Verdict[] = ['reproduced', 'partly', 'not reproduced', 'not here']

/** `failed` where a claim could not be carried through. */
export const outcomeOf = ({ judgement }: ClaimResult): Verdict | 'failed' => judgement?.verdict ?? 'failed'

/** `9 reproduced, 1 partly, 2 not here`; zero counts are omitted. */
export function summaryOf(
  { results, notReached }: ProveReport,
  inWords: (outcome: string) => string = (outcome) => outcome,
): string {
  const counted = [...verdicts, 'failed' as const].map(
    (outcome) => [outcome, results.filter((each) => outcomeOf(each) === outcome).length] as const,
  )
  return [...counted, ['not reached', notReached.length] as const]
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${inWords(outcome)}`)
    .join(', ')
}

/** So much more than its threads can do that a claim before cannot have been it. */
const timesThreads = 2

/** The highest load average before a claim if other work must have run concurrently; undefined if none did. */
export function otherLoad({ results, machine }: ProveReport): number | undefined {
  const highest = Math.max(0, ...results.map(({ loadAverage }) => loadAverage ?? 0))
  return highest > timesThreads * machine.threads ? highest : undefined
}

export function machineText({
  cpu,
  threads,
  memoryBytes,
  system,
  node,
  libtorch,
  gpus,
}: ProveMachine): string {
  const parts = [
    cpu,
    `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    `${Math.round(memoryBytes / 2 ** 30)} GiB`,
    gpus.length === 0 ? 'no GPU' : gpus.join(' and '),
    system,
    `Node ${node}`,
    libtorch.version === undefined ? 'no libtorch' : `libtorch ${libtorch.version} (${libtorch.blas})`,
  ]
  return parts.join(', ')
}
