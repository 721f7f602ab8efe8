/** `hadal bench serve`: puts load on a server that speaks OpenAI's API and shows how it bears it. */

import { formatMillis, parseMillis } from '@hadal/base'
import type { LevelReport, Load } from '@hadal/load'
import {
  apiBase,
  describeLoad,
  htmlReport,
  type LoadPlan,
  type LoadReport,
  loadFailed,
  parseLengthDistribution,
  profileLoad,
  runLoad,
  short,
  targetUnreachable,
  textReport,
} from '@hadal/load'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  recognise,
  type StopSignals,
  say,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
  writeReportFile,
} from '@hadal/output'
import { version } from '@hadal/service'

export interface BenchServeFlags {
  readonly url: string
  readonly model?: string
  readonly apiKey?: string
  readonly endpoint: 'chat' | 'completions'
  readonly concurrency: string
  readonly rate?: string
  readonly requests?: string
  readonly duration?: string
  readonly promptTokens: string
  readonly outputTokens: string
  readonly sharedPrefix: string
  readonly warmUp: string
  readonly seed: string
  readonly timeout: string
  readonly ignoreEos: boolean
  readonly json?: string
  readonly html?: string
  /** True if no duration is given. */
  readonly profile?: string | true
}

export async function benchServe(
  flags: BenchServeFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const planFor = readPlan(flags)
  for (const path of [flags.json, flags.html]) if (path !== undefined) await tryReportFile(path)
  const profiled = flags.profile === undefined ? undefined : await profileLoad(flags, terminal, stop.first)
  let report: LoadReport
  try {
    report = await measure(planFor, flags, terminal, stop.first, () => profiled?.begin())
  } catch (error) {
    if (!stop.first.aborted || error !== stop.first.reason) throw error
    terminal.note(say`interrupted before the first measurement`)
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
  const code = await deliver(report, flags, terminal, stop.first)
  await profiled?.deliver()
  return code
}

async function measure(
  planFor: (model: string) => LoadPlan,
  flags: BenchServeFlags,
  terminal: Terminal,
  stop: AbortSignal,
  onWarm: () => void,
): Promise<LoadReport> {
  const model = flags.model ?? (await firstModel(flags.url, flags.apiKey, stop))
  const plan = planFor(model)
  const { noteStyle } = terminal
  terminal.note(
    say`${noteStyle.bold(model)} at ${flags.url}, ${plan.loads.map((load) => recognise(describeLoad(load))).join(', ')}`,
  )
  return runLoad(
    plan,
    {
      onCalibrated: ({ tokensPerWord, overheadTokens }) =>
        terminal.note(
          noteStyle.dim(
            say`a word is ${tokensPerWord.toFixed(2)} tokens, a prompt ${Math.round(overheadTokens)} more`,
          ),
        ),
      onWarm: () => {
        stop.addEventListener('abort', () =>
          terminal.note(say`waiting for running requests; send the signal again to exit now`),
        )
        onWarm()
      },
      onLevelProgress: (load, done, planned) =>
        terminal.status(
          say`${recognise(describeLoad(load))}: ${done}${planned < Number.MAX_SAFE_INTEGER ? say` of ${planned}` : ''} requests`,
        ),
      onLevelDone: (level) => terminal.note(levelLine(level)),
    },
    stop,
  )
}

async function deliver(
  report: LoadReport,
  flags: BenchServeFlags,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<number> {
  terminal.print()
  terminal.print(textReport(report, terminal.style))
  if (flags.json !== undefined) await writeReportFile(flags.json, `${JSON.stringify(report, null, 2)}\n`)
  if (flags.html !== undefined) await writeReportFile(flags.html, htmlReport(report, version))
  if (report.partial) return signalExitCode(stop.reason as NodeJS.Signals)
  const sum = (read: (level: LevelReport) => number): number =>
    report.levels.reduce((total, level) => total + read(level), 0)
  const [failed, requests] = [sum((level) => level.failed), sum((level) => level.requests)]
  if (failed === requests) throw loadFailed(failed, requests)
  return exitCodes.success
}

function levelLine(level: LevelReport): string {
  const { load, requests, failed, wallSeconds, outputTokensPerSecond } = level
  const issues = failed > 0 ? say`, ${failed} failed` : ''
  const time = formatMillis(wallSeconds * 1000)
  return say`${recognise(describeLoad(load))}: ${requests} requests in ${time}, ${short(outputTokensPerSecond)} tokens/s${issues}`
}

/** Checks the flags, which needs no server. */
function readPlan(flags: BenchServeFlags): (model: string) => LoadPlan {
  if (!/^https?:\/\//.test(flags.url) || !URL.canParse(flags.url))
    throw usage(say`--url: ${JSON.stringify(flags.url)} is not an http URL`, 'hadal bench serve')
  const loads: readonly Load[] =
    flags.rate === undefined
      ? numbers(flags.concurrency, '--concurrency', 1).map((concurrency) => ({ kind: 'closed', concurrency }))
      : numbers(flags.rate, '--rate', 0).map((requestsPerSecond) => ({ kind: 'open', requestsPerSecond }))
  const target = {
    url: flags.url,
    apiKey: flags.apiKey,
    endpoint: flags.endpoint,
    timeoutMillis: timerMillis(flags.timeout, '--timeout'),
    ...(flags.ignoreEos && { extraBody: { ignore_eos: true } }),
  }
  const plan = {
    loads,
    promptTokens: parseLengthDistribution(flags.promptTokens),
    outputTokens: parseLengthDistribution(flags.outputTokens),
    sharedPrefixTokens: number(flags.sharedPrefix, '--shared-prefix', 0),
    requests: flags.requests === undefined ? undefined : number(flags.requests, '--requests', 1),
    durationMillis: flags.duration === undefined ? undefined : parseMillis(flags.duration),
    warmUpRequests: number(flags.warmUp, '--warm-up', 0),
    seed: number(flags.seed, '--seed', 0),
  }
  return (model) => ({ target: { ...target, model }, ...plan })
}

/** A timer that is set to more fires at once. */
const longestTimerMillis = 2 ** 31 - 1

function timerMillis(text: string, flag: string): number {
  const value = parseMillis(text)
  if (value <= longestTimerMillis) return value
  throw usage(say`${flag}: ${JSON.stringify(text)} exceeds 24.8d`, 'hadal bench serve')
}

function number(text: string, flag: string, least: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value
  throw usage(
    say`${flag}: ${JSON.stringify(text)} is not a whole number of at least ${least}`,
    'hadal bench serve',
  )
}

/** Whole and at least `least`; with 0, anything above it. */
function numbers(list: string, flag: string, least: 0 | 1): number[] {
  return list.split(',').map((text) => {
    const value = Number(text)
    if (least === 1) return number(text, flag, 1)
    if (value > 0 && Number.isFinite(value)) return value
    throw usage(say`${flag}: ${JSON.stringify(text)} is not a positive number`, 'hadal bench serve')
  })
}

/** The first one that the server lists. */
async function firstModel(url: string, apiKey: string | undefined, signal: AbortSignal): Promise<string> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  const response = await fetch(`${apiBase(url)}/models`, { headers, signal }).catch((error: Error) => {
    signal.throwIfAborted()
    throw targetUnreachable(url, causeOf(error)).with({ cause: error })
  })
  if (!response.ok) throw targetUnreachable(url, say`status ${response.status} for the model list`)
  const body = (await response.json().catch(() => undefined)) as { data?: { id?: unknown }[] } | undefined
  signal.throwIfAborted()
  const id = body?.data?.[0]?.id
  if (typeof id !== 'string') throw targetUnreachable(url, say`the model list is empty`)
  return id
}

function causeOf(error: Error): string {
  const { cause } = error as { cause?: NodeJS.ErrnoException }
  return cause?.code === 'ECONNREFUSED' ? say`no server is listening` : (cause?.message ?? error.message)
}
