/**
 * Errors that NVIDIA's driver writes into the kernel's log:
 * `[12345.678901] NVRM: Xid (PCI:0000:9b:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.`
 */

export interface XidLine {
  readonly xid: number
  /** `0000:9b:00`; in lower case, without the function. */
  readonly bus: string
  readonly pid: number | undefined
  /** Process name, as the kernel has it. */
  readonly process: string | undefined
  /** The driver's message. */
  readonly message: string
  /** Seconds since boot, if the line has them. */
  readonly uptimeSeconds: number | undefined
  /** Epoch milliseconds, if the line has a time. */
  readonly at: number | undefined
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** Old drivers leave `PCI:` and the pid away; those of MIG name the instance: `(PCI:0000:01:00 GPU-I:05 GPU-CI:02)`. The driver's own explanation of how to read a Xid is none. */
const shape =
  /NVRM: Xid \((?:PCI:)?([\da-f]{4,8}:[\da-f]{2}:[\da-f]{2})(?:\.[\da-f])?(?: GPU-C?I:\d{1,3}){0,2}\): (\d{1,4})(?:,|\b)(.{0,2000})/i
const maxLines = 200_000

/**
 * Xid errors of NVIDIA's driver in lines of the kernel.
 *
 * @example
 * ```ts
 * import { parseXidLines } from '@hadal/doctor'
 *
 * parseXidLines('[  123.4] NVRM: Xid (PCI:0000:3b:00): 79, pid=1, GPU has fallen off the bus.').map(({ xid }) => xid) // → [ 79 ]
 * ```
 */
export function parseXidLines(text: string): readonly XidLine[] {
  const found: XidLine[] = []
  for (const [index, whole] of text.split(/\r\n|\n|\r/, maxLines).entries()) {
    if (!whole.includes('Xid')) continue
    const line = whole.slice(0, 4096)
    const match = shape.exec(line)
    if (match === null) continue
    const [, bus, xid, rest = ''] = match
    const pid = /\bpid='?(\d{1,10})/.exec(rest)?.[1]
    const process = /\bname=([^,]{1,64})/.exec(rest)?.[1]?.trim()
    found.push({
      xid: Number(xid),
      bus: shortBus(bus!),
      pid: pid === undefined ? undefined : Number(pid),
      process: process === undefined || /^'?<unknown>'?$/.test(process) ? undefined : process,
      message: rest
        .replace(/\bpid=[^,]*,?/, '')
        .replace(/\bname=[^,]*,?/, '')
        .replace(/^[\s,]+/, '')
        .trim(),
      uptimeSeconds: secondsIn(line),
      at: timeIn(line),
      line: index + 1,
      text: line.trim(),
    })
  }
  return found
}

/** `00000000:9B:00.0` of nvidia-smi and `0000:9b:00` of the kernel are one place. */
export function shortBus(bus: string): string {
  const [domain = '', ...rest] = bus.toLowerCase().split(':')
  return [domain.slice(-4).padStart(4, '0'), ...rest].join(':').replace(/\.[\da-f]$/, '')
}

const secondsIn = (line: string): number | undefined => {
  const stamp = /^\s*(?:<\d{1,3}>)?\[\s{0,12}(\d{1,10}\.\d{1,9})\]/.exec(line)?.[1]
  return stamp === undefined ? undefined : Number(stamp)
}

/** `1732888800.123456 host kernel: ...` of journalctl's short-unix, and times of ISO 8601. */
function timeIn(line: string): number | undefined {
  const unix = /^(\d{9,11}\.\d{1,9}) /.exec(line)?.[1]
  if (unix !== undefined) return Number(unix) * 1000
  const iso = /^\[?(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2}))/.exec(
    line,
  )?.[1]
  const millis =
    iso === undefined ? Number.NaN : Date.parse(iso.replace(',', '.').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return Number.isNaN(millis) ? undefined : millis
}
