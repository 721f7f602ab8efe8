/** `hadal doctor`: collects diagnostics from a machine, a cluster and a server, evaluates them and recommends fixes. Changes nothing. */

import { nearest } from '@hadal/base'
import { causes } from '@hadal/causes'
import {
  allChecks,
  allSources,
  type Capture,
  type Check,
  type CheckGroup,
  type Report,
  runChecks,
  severities,
} from '@hadal/doctor'
import type { Terminal } from '@hadal/output'
import { say, signalExitCode, usage, watchStopSignals } from '@hadal/output'
import {
  allProbes,
  doctorExitCodes,
  keepCapture,
  knownSecrets,
  type LoadedService,
  loadService,
  openClusterReader,
  readCapture,
  reportText,
  serverAddress,
  serverOf,
  takeCapture,
} from '@hadal/probes'

export interface DoctorFlags {
  readonly json?: boolean
  readonly all?: boolean
  readonly capture?: string
  readonly fixture?: string
  readonly config?: string
  readonly url?: string
  readonly keyFile?: string
  readonly caFile?: string
  readonly kubeconfig?: string
  readonly context?: string
}

/** Throws `usage`, `doctor_fixture_unreadable`, `doctor_capture_invalid`, `doctor_capture_unwritable`. */
export async function doctor(
  groups: readonly string[],
  flags: DoctorFlags,
  terminal: Terminal,
): Promise<number> {
  const wanted = groupsOf(groups)
  if (flags.fixture !== undefined && (flags.capture ?? flags.url) !== undefined)
    throw usage(
      say`--fixture replaces this machine and cannot be combined with --capture or --url`,
      'hadal doctor',
    )
  // Commands have separate process groups, which a Ctrl-C does not reach.
  using stop = watchStopSignals()
  const capture = flags.fixture === undefined ? undefined : await readCapture(flags.fixture, terminal)
  const checks = checksFor(wanted, flags, capture)
  const seen = capture ?? (await checkHere(checks, flags, terminal, stop.first))
  if (stop.first.aborted) return signalExitCode(stop.first.reason)
  const judged = runChecks(checks, seen, causes)
  const report = capture === undefined ? withAddress(judged, flags) : judged
  show(report, seen, flags, terminal)
  return doctorExitCodes[report.worst]
}

/** Suggested commands contain the server's address; those from another machine's capture leave it open. */
function withAddress(report: Report, flags: DoctorFlags): Report {
  const findings = report.findings.map((finding) => {
    const { group, fix } = finding
    if (group !== 'server' || fix?.command === undefined) return finding
    return {
      ...finding,
      fix: { ...fix, command: fix.command.replace(/\bURL\b/g, () => serverAddress(flags)) },
    }
  })
  return { ...report, findings }
}

const allGroups: readonly CheckGroup[] = ['environment', 'gpu', 'service', 'cluster', 'server']

/** Throws `usage`. */
function groupsOf(given: readonly string[]): readonly CheckGroup[] {
  return given.map((name) => {
    const found = allGroups.find((group) => group === name)
    if (found !== undefined) return found
    const meant = nearest(name, [...allGroups, 'explain'])
    throw usage(
      say`unknown group ${JSON.stringify(name)}; groups are ${allGroups.join(', ')}${meant === undefined ? '' : say`. Did you mean ${meant}?`}`,
      'hadal doctor',
    )
  })
}

/** The requested checks; by default those for this machine, or those a capture has data for. */
function checksFor(
  groups: readonly CheckGroup[],
  flags: DoctorFlags,
  fixture: Capture | undefined,
): readonly Check[] {
  const isWanted = (group: CheckGroup): boolean => {
    if (groups.length > 0) return groups.includes(group)
    if (fixture !== undefined) return wasRead(group, fixture)
    if (group === 'server') return flags.url !== undefined
    // Cluster checks are opt-in.
    return group !== 'cluster' || (flags.kubeconfig ?? flags.context) !== undefined
  }
  return allChecks.filter(({ group }) => isWanted(group))
}

/** Sources shared by several groups do not identify one. */
function wasRead(group: CheckGroup, { readings }: Capture): boolean {
  const own = new Set(allChecks.filter((check) => check.group === group).flatMap(({ reads }) => reads))
  for (const check of allChecks)
    if (check.group !== group) for (const source of check.reads) own.delete(source)
  return [...own].some((source) => Object.hasOwn(readings, source))
}

async function checkHere(
  checks: readonly Check[],
  flags: DoctorFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Capture> {
  const names = new Set(checks.flatMap(({ reads }) => reads))
  const before = allSources.flatMap(({ name, read }) =>
    names.has(name) && read.kind === 'command' && read.adapt !== undefined ? read.adapt.after : [],
  )
  const sources = allSources.filter(({ name }) => names.has(name) || before.includes(name))
  const isRequested = (kind: string): boolean => sources.some(({ read }) => read.kind === kind)
  let loading: Promise<LoadedService> | undefined
  const loaded = (): Promise<LoadedService> => {
    loading ??= loadService(flags.config, terminal)
    return loading
  }
  const server = isRequested('server') ? await serverOf(flags, terminal) : undefined
  using cluster = isRequested('kubernetes') ? await openClusterReader(flags, terminal) : undefined
  let left = sources.length
  const capture = await takeCapture(sources, {
    env: terminal.env,
    probes: allProbes(loaded, terminal),
    server,
    cluster:
      cluster === undefined
        ? undefined
        : (path, limitMillis, signal) => cluster.read(path, limitMillis, signal),
    signal,
    onRead: () => terminal.status(say`collecting: ${--left} of ${sources.length} remaining`),
  })
  terminal.status('')
  if (flags.capture !== undefined && !signal.aborted) {
    await keepCapture(flags.capture, capture, knownSecrets(terminal.env, await loaded()), terminal)
    terminal.note(
      say`saved to ${flags.capture}, without secrets; check it anywhere with hadal doctor --fixture ${flags.capture}`,
    )
  }
  return capture
}

function show(report: Report, { takenAt }: Capture, flags: DoctorFlags, terminal: Terminal): void {
  if (flags.json) {
    const counts = Object.fromEntries(
      severities.map((severity) => [
        severity,
        report.findings.filter((each) => each.severity === severity).length,
      ]),
    )
    terminal.print(
      JSON.stringify({ takenAt, worst: report.worst, counts, findings: report.findings }, null, 2),
    )
    return
  }
  const { columns, style } = terminal
  if (flags.fixture !== undefined)
    terminal.print(
      style.dim(say`captured at ${new Date(takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC\n`),
    )
  terminal.print(reportText(report, { columns, style, all: flags.all ?? false }))
}
