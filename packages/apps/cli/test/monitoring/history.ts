/** A past for a Prometheus that has none: samples over a span of time until now, as blocks that it finds when it starts. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../../../operations/fleet/test/programs.ts'
import { line, type Sample } from './exporter.ts'

export interface Past {
  /** Seconds before now at which the values of `samplesAt` applied. */
  readonly fromSeconds: number
  readonly everySeconds: number
  samplesAt(secondsAgo: number): readonly Sample[]
}

/** Writes blocks into `folder`, which Prometheus is given as its storage. */
export function writeHistory(folder: string, pasts: readonly Past[]): void {
  const now = Date.now() / 1000
  const byName = new Map<string, string[]>()
  for (const { fromSeconds, everySeconds, samplesAt } of pasts)
    for (let ago = fromSeconds; ago > 0; ago -= everySeconds)
      for (const sample of samplesAt(ago)) {
        const lines = byName.get(sample.name) ?? []
        lines.push(`${line(sample)} ${(now - ago).toFixed(3)}`)
        byName.set(sample.name, lines)
      }
  const text = [...byName].flatMap(([name, lines]) => [`# TYPE ${name} unknown`, ...lines])
  const path = join(folder, 'history.txt')
  writeFileSync(path, `${text.join('\n')}\n# EOF\n`)
  const { code, output } = runProgram('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', path, folder])
  if (code !== 0) throw new Error(output)
}
