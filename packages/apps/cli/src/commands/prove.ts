/** `hadal prove`: measures the claim of each technique on this machine and reports the results. */

import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseMillis, programEntry } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  type StopSignals,
  say,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
  wholeNumberFlag,
  writeReportFile,
} from '@hadal/output'
import {
  type Claim,
  type ClaimMode,
  chooseClaims,
  claimList,
  commitOf,
  inspectMachine,
  keepText,
  type LoadedClaims,
  loadClaims,
  makeFolder,
  outcomeOf,
  type ProveReport,
  progressLine,
  provePage,
  rawTextsOf,
  readResults,
  reportText,
  resultLine,
  runClaims,
  verdicts,
} from '@hadal/prove'
import { listBundledModels, version } from '@hadal/service'

export interface ProveFlags {
  readonly quick?: boolean
  readonly full?: boolean
  readonly only?: string
  readonly list?: boolean
  readonly seed: string
  readonly out?: string
  readonly html?: string
  readonly json?: string
  readonly from?: string
  readonly claims?: string
  readonly limit?: string
  readonly failOn?: string
}

const command = 'hadal prove'
const graceMillis = 5000

/**
 * 0 if every claim this machine can measure was measured, whatever the verdicts; 1 if one failed, or has a verdict named by `--fail-on`.
 * Throws `usage`, `claims_file_invalid`, `prove_folder_unreadable`, `prove_folder_unwritable`.
 */
export async function prove(
  named: readonly string[],
  flags: ProveFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const mode = modeOf(flags)
  const failOn = failOnOf(flags.failOn)
  const seed = wholeNumberFlag(flags.seed, '--seed', command)
  const limitMillis = flags.limit === undefined ? undefined : parseMillis(flags.limit)
  const loaded = await loadClaims(flags.claims, terminal.folder)
  const only = flags.only?.split(',').map((id) => id.trim()) ?? []
  const chosen = chooseClaims(loaded.claims, [...named, ...only])
  if (flags.list) {
    terminal.print(claimList(chosen, terminal.style, terminal.columns))
    return exitCodes.success
  }
  for (const path of [flags.json, flags.html])
    if (path !== undefined) await tryReportFile(resolve(terminal.folder, path))
  if (flags.from !== undefined) {
    const folder = resolve(terminal.folder, flags.from)
    const report = onlyOf(await readResults(folder, loaded.claims), chosen, loaded.claims)
    await deliver(report, folder, flags, terminal)
    return exitCodeOf(report, failOn)
  }
  const folder = resolve(terminal.folder, flags.out ?? defaultFolder(mode, new Date()))
  await makeFolder(folder, chosen)
  const report = await measure(
    { chosen, loaded, mode, seed, limitMillis, folder },
    flags,
    terminal,
    stop.first,
  )
  await keepText(folder, 'report.html', provePage(report, await rawTextsOf(folder, report)))
  await deliver(report, folder, flags, terminal)
  terminal.note(`\n${say`raw results, logs and report.html are in ${shown(folder, terminal)}`}`)
  return stop.first.aborted ? signalExitCode(stop.first.reason) : exitCodeOf(report, failOn)
}

interface Wanted {
  readonly chosen: readonly Claim[]
  readonly loaded: LoadedClaims
  readonly mode: ClaimMode
  readonly seed: number
  readonly limitMillis: number | undefined
  readonly folder: string
}

async function measure(
  { chosen, loaded, mode, seed, limitMillis, folder }: Wanted,
  flags: ProveFlags,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<ProveReport> {
  terminal.status(say`inspecting this machine`)
  const [machine, commit] = await Promise.all([inspectMachine(terminal, stop), commitOf(terminal, stop)])
  terminal.status('')
  const bundledModels = Object.fromEntries(listBundledModels().map(({ name, path }) => [name, path]))
  const plan = {
    claims: chosen,
    folder,
    program: loaded.program,
    moduleOf: loaded.moduleOf,
    job: { mode, seed, hadal: hadalCommand(), bundledModels },
    graceMillis,
    env: terminal.env,
    about: { hadal: version, ...(commit !== undefined && { commit }), machine },
    limitMillis,
    commandOf: ({ id }: Claim) =>
      [
        `${command} --only ${id} --${mode} --seed ${seed}`,
        ...(flags.claims === undefined ? [] : [`--claims ${flags.claims}`]),
      ].join(' '),
  }
  return runClaims(
    plan,
    {
      onProgress: (progress) => terminal.status(progressLine(progress, terminal.columns)),
      onResult: (result) => terminal.note(resultLine(result, terminal.noteStyle, terminal.columns)),
      keep: (report) => keepText(folder, 'report.json', jsonText(report)),
    },
    stop,
  )
}

async function deliver(
  report: ProveReport,
  folder: string,
  { json, html }: ProveFlags,
  terminal: Terminal,
): Promise<void> {
  terminal.print(`\n${reportText(report, terminal.style, terminal.columns)}`)
  const rawTexts = json === undefined && html === undefined ? {} : await rawTextsOf(folder, report)
  if (json !== undefined) {
    const raw = Object.fromEntries(Object.entries(rawTexts).map(([id, text]) => [id, JSON.parse(text)]))
    await writeReportFile(resolve(terminal.folder, json), jsonText({ ...report, raw }))
  }
  if (html !== undefined) await writeReportFile(resolve(terminal.folder, html), provePage(report, rawTexts))
}

function modeOf({ quick, full }: ProveFlags): ClaimMode {
  if (quick && full) throw usage(say`--quick and --full cannot be combined`, command)
  return full ? 'full' : 'quick'
}

type Outcome = ReturnType<typeof outcomeOf>

/** Spelt with `-` for a blank on the command line. */
function failOnOf(text: string | undefined): readonly Outcome[] {
  const known = new Map(verdicts.map((verdict) => [verdict.replace(' ', '-'), verdict]))
  return (text?.split(',') ?? []).map((part) => {
    const verdict = known.get(part.trim())
    if (verdict === undefined)
      throw usage(
        say`--fail-on must be one of ${[...known.keys()].join(', ')}, not ${JSON.stringify(part)}`,
        command,
      )
    return verdict
  })
}

function exitCodeOf({ results }: ProveReport, failOn: readonly Outcome[]): number {
  const outcomes = results.map(outcomeOf)
  return outcomes.some((outcome) => outcome === 'failed' || failOn.includes(outcome))
    ? exitCodes.failure
    : exitCodes.success
}

/** Results of removed claims are kept only if all claims are selected. */
function onlyOf(report: ProveReport, chosen: readonly Claim[], all: readonly Claim[]): ProveReport {
  if (chosen.length === all.length) return report
  return { ...report, results: report.results.filter(({ id }) => chosen.some((claim) => claim.id === id)) }
}

/** `runs` is usually in .gitignore. */
const defaultFolder = (mode: ClaimMode, now: Date): string =>
  join('runs', `prove-${mode}-${now.toISOString().slice(0, 19).replaceAll(':', '-')}`)

/** This Hadal, installed or from source. */
function hadalCommand(): readonly string[] {
  const { path, execArgv } = programEntry(import.meta.url, '../job-main')
  return execArgv.length > 0
    ? [process.execPath, ...execArgv, path]
    : [process.execPath, fileURLToPath(new URL('../../bin/hadal.js', import.meta.url))]
}

const jsonText = (value: object): string => `${JSON.stringify(value, null, 1)}\n`

function shown(folder: string, terminal: Terminal): string {
  const short = relative(terminal.folder, folder)
  return short.startsWith('..') ? folder : short || '.'
}
