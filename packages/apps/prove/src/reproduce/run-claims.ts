/** Runs claims sequentially, since each measures times. Each result is saved before the next claim starts. */

import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Claim } from '../claim.ts'
import { judgeRaw } from '../report/judge-raw.ts'
import type { ClaimResult, ProveReport } from '../report/prove-report.ts'
import { missingNeeds, notHere } from '../run/missing-needs.ts'
import { remainingMillis } from '../run/remaining-time.ts'
import { expectedMillis, limitMillis } from './claim-times.ts'
import { type MeasureOptions, measureClaim } from './measure-claim.ts'

export interface ProvePlan
  extends Pick<MeasureOptions, 'program' | 'job' | 'moduleOf' | 'graceMillis' | 'env'> {
  readonly claims: readonly Claim[]
  /** Where each claim has a folder of its name. */
  readonly folder: string
  readonly about: Pick<ProveReport, 'hadal' | 'commit' | 'machine'>
  /** Limit per claim; by default several times its expected duration. */
  readonly limitMillis: number | undefined
  /** What measures a claim again. */
  readonly commandOf: (claim: Claim) => string
}

export interface ProveObserver {
  /** While a claim is measured, again and again. */
  onProgress(progress: ProveProgress): void
  onResult(result: ClaimResult): void
  /** Saves the report so far; awaited. */
  keep(report: ProveReport): Promise<void>
}

export interface ProveProgress {
  readonly claim: Claim
  /** From 1 on. */
  readonly number: number
  readonly of: number
  readonly note: string
  readonly sinceMillis: number
  readonly remainingMillis: number
}

const progressMillis = 1000

/** Returns the partial results if `stop` aborts. */
export async function runClaims(
  plan: ProvePlan,
  observer: ProveObserver,
  stop: AbortSignal,
): Promise<ProveReport> {
  const { claims, job, about } = plan
  const [startedAt, begin] = [new Date().toISOString(), performance.now()]
  const results: ClaimResult[] = []
  const done: { expectedMillis: number; tookMillis: number }[] = []
  const lacking = new Map(claims.map((claim) => [claim, missingNeeds(claim.needs, about.machine)]))
  const expected = (claim: Claim): number =>
    lacking.get(claim)!.length > 0 ? 0 : expectedMillis(claim, job.mode)
  const report = (): ProveReport => ({
    ...about,
    startedAt,
    seconds: seconds(performance.now() - begin),
    mode: job.mode,
    seed: job.seed,
    results,
    notReached: claims.slice(results.length).map(({ id }) => id),
  })

  for (const [index, claim] of claims.entries()) {
    if (stop.aborted) break
    const since = performance.now()
    const rest = claims.slice(index + 1).map(expected)
    let note = ''
    const progress = (): void => {
      const current = { expectedMillis: expected(claim), sinceMillis: performance.now() - since }
      const remaining = remainingMillis({ done, current, rest })
      const { sinceMillis } = current
      const of = claims.length
      observer.onProgress({ claim, number: index + 1, of, note, sinceMillis, remainingMillis: remaining })
    }
    const ticking = setInterval(progress, progressMillis)
    progress()
    const onNote = (text: string): void => {
      note = text
      progress()
    }
    const result = await resultOf(claim, lacking.get(claim)!, plan, onNote, stop).finally(() =>
      clearInterval(ticking),
    )
    if (result === 'stopped') break
    done.push({ expectedMillis: expected(claim), tookMillis: performance.now() - since })
    results.push(result)
    observer.onResult(result)
    await observer.keep(report())
  }
  const last = report()
  await observer.keep(last)
  return last
}

async function resultOf(
  claim: Claim,
  lacking: readonly string[],
  plan: ProvePlan,
  onNote: (text: string) => void,
  stop: AbortSignal,
): Promise<ClaimResult | 'stopped'> {
  const about = { ...aboutClaim(claim), command: plan.commandOf(claim) }
  if (lacking.length > 0) return { ...about, judgement: notHere(lacking) }
  const loadAverage = Math.round(loadavg()[0]! * 10) / 10
  const begin = performance.now()
  const { program, job, moduleOf, graceMillis, env } = plan
  const folder = join(plan.folder, claim.id)
  const limit = plan.limitMillis ?? limitMillis(claim, job.mode)
  const options = { program, job, moduleOf, graceMillis, env, folder, limitMillis: limit, onNote }
  const measured = await measureClaim(claim, options, stop)
  if (measured === 'stopped') return measured
  return {
    ...about,
    seconds: seconds(performance.now() - begin),
    loadAverage,
    ...('rawText' in measured ? judgeRaw(claim, measured.rawText, job.mode) : measured),
  }
}

export const aboutClaim = ({
  id,
  title,
  claimed,
  page,
}: Claim): Pick<ClaimResult, 'id' | 'title' | 'claimed' | 'page'> => ({ id, title, claimed, page })

const seconds = (millis: number): number => Math.round(millis / 100) / 10
