/** `hadal bench coldstart`: latency of the first request after a start, with all optimizations off and on. */

import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ColdStart } from '@hadal/load'
import { coldStartText, type Mode, markdownReport, runColdStart } from '@hadal/load'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  type StopSignals,
  say,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
  writeReportFile,
} from '@hadal/output'
import { version } from '@hadal/service'

export interface BenchColdstartFlags {
  readonly model: string
  readonly rounds: string
  readonly systemPromptTokens: string
  readonly json?: string
  readonly report?: string
}

/** `serveFlags`: of `hadal serve`, of every start. */
export async function benchColdstart(
  serveFlags: readonly string[],
  flags: BenchColdstartFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const plan = {
    program: fileURLToPath(new URL('../../bin/hadal.js', import.meta.url)),
    model: flags.model,
    rounds: whole(flags.rounds, '--rounds'),
    systemPromptTokens: whole(flags.systemPromptTokens, '--system-prompt-tokens'),
    flags: serveFlags,
  }
  for (const path of [flags.json, flags.report]) if (path !== undefined) await tryReportFile(path)
  try {
    terminal.status(say`first start, to learn the system prompt`)
    const onStart = (mode: Mode, round: number, start: ColdStart): void =>
      terminal.note(startLine(mode, round, start))
    const report = await runColdStart(plan, onStart, stop.first)
    terminal.print()
    terminal.print(coldStartText(report, terminal.style))
    if (flags.json !== undefined) await writeReportFile(flags.json, `${JSON.stringify(report, null, 2)}\n`)
    if (flags.report !== undefined) await writeReportFile(flags.report, markdownReport(report, machine()))
    return exitCodes.success
  } catch (error) {
    if (stop.first.aborted && error === stop.first.reason) return signalExitCode(stop.first.reason)
    throw error
  }
}

function startLine(mode: Mode, round: number, start: ColdStart): string {
  const [first, ready] = [start.firstRequestMillis, start.readyMillis].map((millis) => millis.toFixed(0))
  return say`${round}, ${mode}: first request ${first} ms, ready after ${ready} ms`
}

const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} threads, Node ${process.version}, hadal ${version}`

function whole(text: string, flag: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1) return value
  throw usage(
    say`${flag}: ${JSON.stringify(text)} is not a whole number of at least 1`,
    'hadal bench coldstart',
  )
}
