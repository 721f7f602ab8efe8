/** Training runs for administrators. Read-only, and no request value becomes a path: requested ids are looked up among the runs found. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunDetail, RunSummary } from '@hadal/protocol'
import type { RunsApi } from '@hadal/server'
import { type FoundRun, findRuns } from './find-runs.ts'
import { FollowedRun } from './followed-run.ts'
import { ProfileReader, traceFile } from './read-profile.ts'
import { readReport } from './read-report.ts'
import { type RunRecord, readRunRecord } from './read-run-record.ts'
import { RunEvents } from './run-events.ts'
import { runFiles } from './run-files.ts'

/** Content read from a run's files; reading resumes after it. */
interface Followed {
  readonly curves: FollowedRun
  readonly events: RunEvents
}

/** Maximum runs followed; each takes up to some megabytes. */
const maxFollowed = 40
/** Time limit per query; the next one continues. */
const metricsMillis = 500
const listMillis = 400
const eventsMillis = 200

/** `roots` are folders with runs in them, or below; they may change, and need not be there. */
export function readRuns(roots: () => readonly string[]): RunsApi {
  /** In LRU order. */
  const followed = new Map<string, Followed>()
  const profiles = new ProfileReader()

  const follow = ({ folder }: FoundRun): Followed => {
    const run = followed.get(folder) ?? {
      curves: new FollowedRun(folder),
      events: new RunEvents(folder),
    }
    followed.delete(folder)
    followed.set(folder, run)
    for (const oldest of followed.keys()) {
      if (followed.size <= maxFollowed) break
      followed.delete(oldest)
    }
    return run
  }
  const find = async (id: string): Promise<FoundRun | undefined> =>
    (await findRuns(roots())).runs.find((run) => run.id === id)

  return {
    async list() {
      const { runs, roots: searched, isCut } = await findRuns(roots())
      const records = await Promise.all(runs.map(async (run) => ({ run, record: await readRunRecord(run) })))
      records.sort((one, other) => other.record.changedAt - one.record.changedAt)
      const until = performance.now() + listMillis
      const summaries: RunSummary[] = []
      for (const [place, { run, record }] of records.entries()) {
        // Older runs use their record: following all would evict each before it is requested again.
        const curves = place < maxFollowed ? follow(run).curves : undefined
        await curves?.read(Math.max(1, until - performance.now()))
        summaries.push(summaryOf(run, record, curves))
      }
      return { runs: summaries, roots: searched, isCut }
    },

    async detail(id) {
      const run = await find(id)
      if (run === undefined) return undefined
      const { curves, events } = follow(run)
      const [record, files] = await Promise.all([
        readRunRecord(run),
        runFiles(run.folder),
        curves.read(metricsMillis),
        events.read(eventsMillis),
      ])
      return detailOf(run, record, { curves, events, files })
    },

    async metrics(id, cursor) {
      const run = await find(id)
      return run && follow(run).curves.metrics(cursor, metricsMillis)
    },

    async profile(id) {
      const run = await find(id)
      return run && profiles.read(run.path, run.folder)
    },

    async report(id, path) {
      const run = await find(id)
      if (run === undefined) return undefined
      const { files } = await runFiles(run.folder)
      const isListed = files.some((file) => file.path === path && file.isReport)
      return isListed ? readReport(run.folder, path) : undefined
    },
  }
}

function summaryOf(
  { id, path }: FoundRun,
  { file, state, changedAt }: RunRecord,
  followed: FollowedRun | undefined,
): RunSummary {
  const curves = followed?.curves
  const best = curves?.best
  const step = curves?.recent.at(-1)?.step ?? file.end?.step
  const loss = curves?.series.get('loss')?.last?.value
  const { name = path, startedAt, totalSteps, parameters, unit, end } = file
  return {
    id,
    path,
    name,
    state,
    changedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(step !== undefined && { step }),
    ...(totalSteps !== undefined && { totalSteps }),
    ...(parameters !== undefined && { parameters }),
    ...(unit !== undefined && { unit }),
    ...(loss !== undefined && { loss }),
    ...(best !== undefined && { bestLoss: best.value, bestStep: best.step }),
    ...(end?.reason !== undefined && state !== 'running' && { reason: end.reason }),
  }
}

interface Parts {
  readonly curves: FollowedRun
  readonly events: RunEvents
  readonly files: Awaited<ReturnType<typeof runFiles>>
}

function detailOf(run: FoundRun, record: RunRecord, { curves, events, files }: Parts): RunDetail {
  const { file } = record
  const { activatedParameters, flopsPerToken, peakFlops, ranks, starts, fingerprint, epsilonBudget } = file
  const { config, end } = file
  const known = {
    activatedParameters,
    flopsPerToken,
    peakFlops: peakFlops === 0 ? undefined : peakFlops,
    ranks,
    starts,
    fingerprint,
    epsilonBudget,
    config,
    code: end?.code,
    help: end?.help,
  }
  return {
    ...summaryOf(run, record, curves),
    ...(JSON.parse(JSON.stringify(known)) as Partial<RunDetail>),
    folder: run.folder,
    rates: file.rates ?? [],
    notes: [...events.notes, ...curves.curves.notes],
    samples: events.samples,
    ...files,
    hasProfile: existsSync(join(run.folder, traceFile)),
  }
}
