/**
 * Strips logger prefixes: dates, hosts, levels, containers. A table of forms applied repeatedly, because they nest: a kernel line
 * in the journal in a container's log.
 */

import { epochStamp, type LineStamp, stampOf } from './line-stamp.ts'

export interface Unwrapped {
  readonly text: string
  readonly stamp: LineStamp | undefined
  /** The line came from the kernel. */
  readonly isKernel: boolean
}

interface Form {
  /** First characters that such a prefix can have: the others need not be tried. */
  readonly begins: RegExp
  readonly pattern: RegExp
  readonly stamp?: (groups: Readonly<Record<string, string | undefined>>) => LineStamp | undefined
  readonly isKernel?: true
  /** Only after a timestamp: alone, it is part of the message. */
  readonly afterStamp?: true
}

const clockTime = String.raw`(?<time>\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)`
const dated: NonNullable<Form['stamp']> = ({ year, month, day, time, zone }) =>
  stampOf({ year, month: month!, day: day!, time: time!, zone })

const forms: readonly Form[] = [
  // 2026-11-29T14:02:03.123Z, 2026-11-29 14:02:03,123, [2026/11/29 14:02:03 +0100]
  {
    begins: /[\d[(]/,
    pattern: new RegExp(
      String.raw`^[[(]?(?<year>\d{4})[-/](?<month>\d\d)[-/](?<day>\d\d)[T ]${clockTime} ?(?<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?[\])]?[,:]?(?: - | \| |\s+|$)`,
    ),
    stamp: dated,
  },
  // Kubernetes' container runtimes, after their time.
  { begins: /s/, pattern: /^std(?:out|err) [FP] /, afterStamp: true },
  // Nov 29 14:02:03 host kernel: ; journalctl and syslog
  {
    begins: /[A-Z]/,
    pattern: new RegExp(
      String.raw`^(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(?<day>\d{1,2}) ${clockTime} [\w.-]+ (?<ident>[^\s:[\]]{1,64})(?:\[\d+\])?: `,
    ),
    stamp: dated,
  },
  // The same after an ISO time: host, program.
  { begins: /[a-zA-Z\d]/, pattern: /^[\w.-]+ (?<ident>kernel|[\w./@-]{1,64}\[\d+\]): /, afterStamp: true },
  // [ 1234.567890] of dmesg, <6>[ 1234.567890], kern  :err   : [ 1234.567890]
  {
    begins: /[<[k]/,
    pattern: /^(?:<\d{1,3}>|kern +:\w+ *: )?\[ *(?<seconds>\d{1,10}\.\d{3,9})\](?: ?\[ *[TC]\d+\])?:? ?/,
    stamp: ({ seconds }) => epochStamp(Number(seconds)) ?? uptime(Number(seconds)),
    isKernel: true,
  },
  // [  +0.000316], [Nov29 14:02] of dmesg -H: no more than how much later.
  {
    begins: /\[/,
    pattern: /^\[(?: *\+\d{1,8}\.\d{1,9}|[A-Z][a-z]{2} ?\d{1,2} \d\d:\d\d)\] ?/,
    isKernel: true,
  },
  // [Sun Nov 29 14:02:03 2026] of dmesg -T
  {
    begins: /\[/,
    pattern: new RegExp(
      String.raw`^\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) +(?<day>\d{1,2}) ${clockTime} (?<year>\d{4})\] ?`,
    ),
    stamp: dated,
    isKernel: true,
  },
  // E1129 14:02:03.123456   12345 file.go:123] of Kubernetes; [E1129 14:02:03.123456789 File.cpp:607] of PyTorch
  {
    begins: /[EWIF[]/,
    pattern: new RegExp(
      String.raw`^\[?[EWIF](?<month>\d{1,2})(?<day>\d\d) ${clockTime} +(?:\d+ +)*[\w./-]+:\d+\] ?`,
    ),
    stamp: dated,
  },
  // [E ProcessGroupNCCL.cpp:607]
  { begins: /\[/, pattern: /^\[[EWIF] [\w./-]+:\d+\] ?/ },
  // [rank0]: of torchrun
  { begins: /\[/, pattern: /^\[rank\d+\]: ?/ },
  // (EngineCore_0 pid=123) of vLLM and Ray
  { begins: /\(/, pattern: /^\([^()]{0,80}pid=\d+[^()]{0,80}\) ?/ },
  // ERROR 11-29 14:02:03 [core.py:345] of vLLM
  {
    begins: /[A-Z]/,
    pattern: new RegExp(
      String.raw`^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) (?<month>\d\d)-(?<day>\d\d) ${clockTime} (?:\[[^\]\s]{1,200}:\d+\]|[\w./-]+:\d+\]) ?`,
    ),
    stamp: dated,
  },
  // [pod/NAME/CONTAINER] of kubectl logs --prefix
  { begins: /\[/, pattern: /^\[pod\/[\w.-]+\/[\w.-]+\] / },
  // service-1  | of docker compose
  { begins: /[a-z]/, pattern: /^[a-z\d][\w.-]{0,63} +\| / },
  {
    begins: /[A-Z[]/,
    pattern: /^\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL)\]?:? +(?:[-|] )?/,
    afterStamp: true,
  },
]

const uptime = (seconds: number): LineStamp => ({ clock: 'uptime', millis: Math.round(seconds * 1000) })

/** Deeper nesting does not occur in practice. */
const maxPrefixes = 6

export function takePrefixes(line: string): Unwrapped {
  let text = line
  let stamp: LineStamp | undefined
  let isKernel = false
  for (let count = 0; count < maxPrefixes; count += 1) {
    const first = text[0]
    if (first === undefined) break
    let taken = 0
    for (const form of forms) {
      if (!form.begins.test(first) || (form.afterStamp && stamp === undefined)) continue
      const found = form.pattern.exec(text)
      if (found === null) continue
      const here = form.stamp?.(found.groups ?? {})
      if (form.stamp !== undefined && here === undefined) continue
      stamp = better(stamp, here)
      isKernel ||= form.isKernel === true || found.groups?.ident === 'kernel'
      taken = found[0].length
      break
    }
    if (taken === 0) break
    text = text.slice(taken)
  }
  return { text, stamp, isKernel }
}

const precision = { zoned: 3, zoneless: 2, yearless: 1, uptime: 0, age: 0 } as const

/** The more complete of two timestamps before a line. */
const better = (a: LineStamp | undefined, b: LineStamp | undefined): LineStamp | undefined =>
  a === undefined || (b !== undefined && precision[b.clock] > precision[a.clock]) ? (b ?? a) : a
