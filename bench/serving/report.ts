/** Writes down a comparison of servers: everything as JSON, medians as a table. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { type LevelReport, median } from 'hadal'
import type { Setup } from './contenders.ts'

/** One contender's turn. */
export interface Round {
  readonly contender: string
  readonly round: number
  /** Of the machine, over the minute before: other work shows here. */
  readonly loadAverage: number
  /** One for each concurrency. */
  readonly levels: readonly LevelReport[]
}

export interface Comparison {
  readonly command: string
  /** By contender; the first one is what the others are compared with. */
  readonly versions: Readonly<Record<string, string>>
  readonly setup: Setup
  readonly promptTokens: number
  readonly outputTokens: number
  readonly concurrencies: readonly number[]
  readonly rounds: readonly Round[]
}

/** Returns the page. */
export function writeReport(folder: string, comparison: Comparison): string {
  const date = new Date().toISOString().slice(0, 10)
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()}`,
    node: process.version,
  }
  mkdirSync(folder, { recursive: true })
  const page = renderPage(date, machine, comparison)
  writeFileSync(
    join(folder, `${date}-serving.json`),
    `${JSON.stringify({ date, machine, ...comparison }, null, 1)}\n`,
  )
  writeFileSync(join(folder, `${date}-serving.md`), page)
  return page
}

type Machine = Readonly<Record<'cpu' | 'system' | 'node', string> & Record<'threads' | 'memoryGiB', number>>

function renderPage(date: string, machine: Machine, comparison: Comparison): string {
  const { command, versions, setup, promptTokens, outputTokens, rounds } = comparison
  const [first] = Object.keys(versions)
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const loads = rounds.map((round) => round.loadAverage.toFixed(1))
  return `# Serving, ${date}

\`${command}\`

- ${machine.cpu}, ${machine.threads} threads, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}
- ${names.join(', ')}
- ${setup.model}, ${setup.threads} threads, ${setup.sequences} sequences of ${setup.context} tokens
- each request: ${promptTokens} prompt tokens, ${outputTokens} new ones, greedy, streamed; closed loop, 4 requests for each client, 8 at least
- medians of rounds in alternation, each in a fresh process
- load average of the machine before each turn: ${loads.join(', ')}

| server | clients | tokens/s | ${first} is so many times as fast | tokens/s of each round | TTFT p50 ms | TTFT p99 ms | ITL p50 ms | ITL p99 ms |
|---|---|---|---|---|---|---|---|---|
${rows(comparison).join('\n')}
`
}

function rows({ versions, concurrencies, rounds }: Comparison): string[] {
  const contenders = Object.keys(versions)
  const levelsOf = (name: string, index: number): LevelReport[] =>
    rounds.filter((round) => round.contender === name).map((round) => round.levels[index]!)
  const speed = (name: string, index: number): number =>
    median(levelsOf(name, index).map((level) => level.outputTokensPerSecond))
  return contenders.flatMap((name) =>
    concurrencies.map((concurrency, index) => {
      const levels = levelsOf(name, index)
      const of = (read: (level: LevelReport) => number | undefined): string =>
        median(levels.map((level) => read(level) ?? 0)).toFixed(1)
      const cells = [
        name,
        concurrency,
        speed(name, index).toFixed(1),
        (speed(contenders[0]!, index) / speed(name, index)).toFixed(2),
        levels.map((level) => level.outputTokensPerSecond.toFixed(0)).join(', '),
        of((level) => level.ttftMillis?.p50),
        of((level) => level.ttftMillis?.p99),
        of((level) => level.itlMillis?.p50),
        of((level) => level.itlMillis?.p99),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  )
}
