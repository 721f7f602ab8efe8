/**
 * Evaluates alerts over time series with Prometheus' rule engine. Every case expects no alerts, so promtool's failures list the firing
 * alerts with their times.
 */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineError, type ErrorMaker } from '@hadal/base'
import { runProgram } from '../../run-program.ts'

export const provePromtoolUnclear: ErrorMaker<[said: string]> = defineError({
  code: 'prove_promtool_unclear',
  status: 500,
  when: 'The output of `promtool test rules` has an unexpected format.',
  message: (said) => `unexpected output of promtool test rules: ${said}`,
  help: 'Use a Prometheus version with a known output format, such as 2.53.',
})

export interface InputSeries {
  readonly series: string
  /** In promtool's notation. */
  readonly values: string
}

export interface AlertCase {
  readonly name: string
  readonly alert: 'HadalLatencyHigh' | 'HadalBacklogHigh'
  readonly series: readonly InputSeries[]
}

export interface Plan {
  readonly rules: string
  readonly scrapeMillis: number
  readonly minutes: number
  readonly folder: string
  readonly signal: AbortSignal
}

/** How often is looked whether it fires. */
export const lookSeconds = 15

/** Seconds at which each case fires. Throws `prove_program_failed`, `prove_promtool_unclear`. */
export async function firingTimes(
  cases: readonly AlertCase[],
  { rules, scrapeMillis, minutes, folder, signal }: Plan,
): Promise<readonly (readonly number[])[]> {
  const looks = Array.from({ length: (minutes * 60) / lookSeconds + 1 }, (_, at) => at * lookSeconds)
  const tests = cases.map(({ alert, series }, at) => ({
    name: `case-${at}`,
    interval: `${scrapeMillis / 1000}s`,
    input_series: series,
    alert_rule_test: looks.map((second) => ({ eval_time: `${second}s`, alertname: alert, exp_alerts: [] })),
  }))
  await writeFile(join(folder, 'rules.yaml'), rules)
  // JSON is YAML.
  await writeFile(
    join(folder, 'rules-test.yaml'),
    JSON.stringify({ rule_files: ['rules.yaml'], evaluation_interval: '15s', tests }),
  )
  const { code, stdout, stderr } = await runProgram(['promtool', 'test', 'rules', 'rules-test.yaml'], {
    signal,
    cwd: folder,
    codes: [1],
  })
  return readFirings(`${stdout}\n${stderr}`, code, cases.length)
}

/** Parses the output of promtool. Throws `prove_promtool_unclear`. */
export function readFirings(printed: string, code: number, cases: number): number[][] {
  const times = Array.from({ length: cases }, (): number[] => [])
  let found = 0
  for (const [, number, time] of printed.matchAll(/name: case-(\d+),\s+alertname: \w+, time: (\w+),/g)) {
    times[Number(number)]?.push(secondsOf(time!))
    found += 1
  }
  const complaints = printed.match(/^\s+alertname:/gm)?.length ?? 0
  const isClear = code === 0 ? printed.includes('SUCCESS') && found === 0 : found > 0 && complaints === found
  if (!isClear || /error|parse/i.test(printed.replaceAll(/Annotations:.*/g, '')))
    throw provePromtoolUnclear(printed.trim().slice(0, 300))
  return times
}

/** `1h2m30s`. */
function secondsOf(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 }
  return [...text.matchAll(/(\d+)(ms|[hms])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (units[unit!] ?? 0),
    0,
  )
}
