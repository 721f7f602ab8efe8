/**
 * Aligns the timestamps of several texts. Loggers omit the zone or the year, and the kernel counts from boot: what can be inferred
 * is added, and assumptions are reported.
 */

import { inYear } from './line-stamp.ts'
import type { ReadLine, ReadText } from './read-text.ts'

const day = 86_400_000

/** Sets `at` of every line with a known time, and the notes of each text. */
export function setTimes(texts: readonly ReadText[], now: number | undefined): void {
  const latest = latestWhole(texts)
  for (const text of texts) {
    const year = text.takenAt ?? latest ?? now
    for (const line of text.lines) {
      const at = wallTime(line, year)
      if (at !== undefined) line.at = at
    }
  }
  const kernelLines = wallTimesOfKernel(texts)
  for (const text of texts) {
    const used = new Set(text.lines.flatMap(({ clock }) => clock ?? []))
    const notes: string[] = []
    if (used.has('zoneless') || (used.has('yearless') && text.lines.some(({ at }) => at !== undefined)))
      notes.push('timestamps without a zone are read as UTC')
    if (used.has('age')) notes.push('ages are relative to the time of writing')
    if (used.has('uptime')) notes.push(setUptimes(text, kernelLines))
    text.clockNotes = notes
  }
}

/** The latest timestamp with a year. */
function latestWhole(texts: readonly ReadText[]): number | undefined {
  let latest: number | undefined
  for (const { lines } of texts)
    for (const { clock, millis } of lines)
      if ((clock === 'zoned' || clock === 'zoneless') && (latest === undefined || millis! > latest))
        latest = millis
  return latest
}

function wallTime({ clock, millis }: ReadLine, reference: number | undefined): number | undefined {
  if (clock === undefined || clock === 'uptime') return undefined
  if (clock !== 'yearless') return millis
  if (reference === undefined) return undefined
  // The last time that this date was: nothing was logged in the future.
  const year = new Date(reference).getUTCFullYear()
  const at = inYear(millis!, year)
  return at <= reference + day ? at : inYear(millis!, year - 1)
}

/** Wall times of kernel messages from another log: they date the same lines of dmesg. */
function wallTimesOfKernel(texts: readonly ReadText[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const twice = new Set<string>()
  for (const { lines } of texts)
    for (const { text, at, isKernel } of lines) {
      if (isKernel !== true || at === undefined || text.length < 12) continue
      if (found.has(text)) twice.add(text)
      found.set(text, at)
    }
  for (const text of twice) found.delete(text)
  return found
}

function setUptimes(text: ReadText, kernelLines: ReadonlyMap<string, number>): string {
  const found = startOf(text, kernelLines)
  if (found === undefined) return 'timestamps are relative to boot, and the boot time is unknown'
  for (const line of text.lines) if (line.clock === 'uptime') line.at = found.bootAt + line.millis!
  return `timestamps are relative to boot, ${new Date(found.bootAt).toISOString().slice(0, 19)}Z according to ${found.by}`
}

/** Boot time, from the last line that gives it, since the two clocks drift apart. */
function startOf(
  { lines, bootAt }: ReadText,
  kernelLines: ReadonlyMap<string, number>,
): { readonly bootAt: number; readonly by: string } | undefined {
  if (bootAt !== undefined) return { bootAt, by: 'the capture' }
  let found: { bootAt: number; by: string } | undefined
  for (const { clock, millis, text } of lines) {
    if (clock !== 'uptime') continue
    const epoch = /\baudit\((\d{10}\.\d{3}):\d+\)|setting system clock to .{10,40}\((\d{10})\)/.exec(text)
    const wall = epoch === null ? kernelLines.get(text) : Number(epoch[1] ?? epoch[2]) * 1000
    if (wall !== undefined)
      found = {
        bootAt: Math.round(wall - millis!),
        by: epoch === null ? 'the same lines in another log' : 'its own lines',
      }
  }
  return found
}
