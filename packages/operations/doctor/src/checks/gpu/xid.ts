/** Xid errors in the kernel log since boot. The causes that the caller gives have their meanings. */

import { formatMillis } from '@hadal/base'
import { type Capture, textOf } from '../../capture/capture.ts'
import type { Cause, Figures } from '../../explain/cause.ts'
import { parseXidLines, shortBus, type XidLine } from '../../nvidia/parse-xid-lines.ts'
import type { Check, CheckContext, Severity, Verdict } from '../check.ts'
import { gpuPresence, skipped, smiTable, textIn, unknown } from './gpu-readings.ts'

const logs = ['dmesg', 'journal-kernel']
const seeLog = { text: 'Read it as root.', command: 'sudo dmesg | grep -i xid' }

function xids(capture: Capture, context: CheckContext): Verdict | readonly Verdict[] {
  const presence = gpuPresence(capture)
  if (presence.kind !== 'nvidia') return skipped(presence.says)
  const seen = logs
    .map((name) => parseXidLines(textOf(capture, name) ?? ''))
    .toSorted((a, b) => b.length - a.length)
  const lines = seen[0] ?? []
  if (lines.length > 0) return verdictsOf(lines, capture, context)
  const whole = logs.find((name) => isKernelLog(capture, name))
  if (whole === undefined) return unknown('the kernel log cannot be read: driver errors are unknown', seeLog)
  return { severity: 'ok', says: 'no Xid line in the kernel log' }
}

/** A complete kernel log, not a command's permission error. */
function isKernelLog(capture: Capture, name: string): boolean {
  const reading = capture.readings[name]
  if (reading === undefined || 'failed' in reading || reading.isCut) return false
  return /^(?:<\d{1,3}>)?\[ {0,12}\d{1,12}\.\d{1,9}\]|^\d{9,11}\.\d{1,9} \S{1,64} kernel: /m.test(
    reading.text,
  )
}

/** One for each GPU and number: the last line of it counts, and how many there are. */
function verdictsOf(
  lines: readonly XidLine[],
  capture: Capture,
  { takenAt, causes }: CheckContext,
): readonly Verdict[] {
  const groups = new Map<string, XidLine[]>()
  for (const line of lines) {
    const key = `${line.bus} ${line.xid}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [line])
    else group.push(line)
  }
  return [...groups.values()].slice(0, 32).map((group) => {
    const last = group.at(-1)!
    const cause = causes.find(({ id }) => id === `xid_${last.xid}`)
    const figures = figuresOf(last)
    const ago = agoOf(last, capture, takenAt)
    const head = [
      gpuAt(last.bus, capture),
      ...(group.length === 1 ? [] : [`${group.length} times`]),
      ...(ago === undefined ? [] : [`${group.length === 1 ? '' : 'last '}${ago} ago`]),
    ].join(', ')
    const evidence = group.slice(-3).map(({ text }) => text.slice(0, 240))
    if (cause === undefined)
      return {
        severity: 'warning',
        says: `${head}: Xid ${last.xid}, which is not in the catalog: ${last.message.slice(0, 120)}`,
        fix: { text: "Look the Xid up in NVIDIA's catalog.", command: 'hadal doctor explain dmesg.txt' },
        evidence,
      }
    return {
      severity: severityOf(cause),
      says: `${head}: ${cause.says(figures)}`,
      fix: cause.fix(figures),
      evidence,
    }
  })
}

const severityOf = ({ severity }: Cause): Severity => (severity === 'critical' ? 'error' : severity)

const figuresOf = ({ xid, bus, pid, process }: XidLine): Figures => ({
  xid: String(xid),
  gpu: bus,
  ...(pid === undefined ? {} : { pid: String(pid) }),
  ...(process === undefined ? {} : { process }),
})

/** `GPU 3`, where nvidia-smi named the place. */
function gpuAt(bus: string, capture: Capture): string {
  const { gpus } = smiTable(capture)
  const gpu = gpus.find((each) => {
    const place = textIn(each, 'pci.bus_id')
    return place !== undefined && shortBus(place) === bus
  })
  return gpu?.label ?? `GPU at ${bus}`
}

function agoOf({ at, uptimeSeconds }: XidLine, capture: Capture, takenAt: number): string | undefined {
  const uptime = Number(
    /^\d{1,12}(?:\.\d{1,3})?/.exec(textOf(capture, 'proc-uptime') ?? '')?.[0] ?? Number.NaN,
  )
  const millis =
    at !== undefined
      ? takenAt - at
      : uptimeSeconds === undefined
        ? Number.NaN
        : (uptime - uptimeSeconds) * 1000
  return Number.isFinite(millis) && millis >= 0 ? formatMillis(millis) : undefined
}

export const xidChecks: readonly Check[] = [
  {
    id: 'gpu-xid',
    group: 'gpu',
    title: 'Errors in the kernel log (Xid)',
    reads: ['dmesg', 'journal-kernel', 'proc-uptime', 'nvidia-smi-query'],
    verdict: xids,
    source: 'NVIDIA XID Errors',
  },
]
