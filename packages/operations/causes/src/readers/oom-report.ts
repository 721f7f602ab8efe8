/**
 * Parses PyTorch's GPU out-of-memory message into numbers and one of six kinds. Supports the wording of all versions since 1.0,
 * also if a log wraps it. Pure.
 */

import type { LogLine } from '@hadal/doctor'

/** Sizes in bytes; absent where this version of PyTorch does not say. */
export interface OomReport {
  readonly gpu?: string
  readonly requested: number
  readonly total?: number
  readonly free?: number
  /** Memory of this process, without non-PyTorch memory. */
  readonly inUse?: number
  readonly allocated?: number
  /** Held by PyTorch and not handed out. */
  readonly unallocated?: number
  /** Part of the allocated memory: private pools of CUDA graphs. */
  readonly privatePools?: number
  /** Other processes that hold memory of this GPU. */
  readonly others: readonly { readonly pid: string; readonly bytes: number }[]
  /** The memory limit that PyTorch was given. */
  readonly allowed?: number
}

export type OomKind =
  | 'above_capacity'
  | 'ample_free'
  | 'other_process'
  | 'fragmented'
  | 'private_pools'
  | 'plain'

/** Versions before 2.1 leave out what CUDA itself takes for a process, which is about so much. */
const contextBytes = 2 ** 30

/** Maximum number of lines read for one message. */
const maxLines = 10

const size = '([\\d.]{1,12}) ?(bytes|[KMGT]i?B)'
const units: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4 }

const start = /(?:CUDA|HIP|XPU) out of memory\. *(?:Tried to allocate|$)/
const tried = new RegExp(`Tried to allocate ${size}`)
const patterns = {
  total: new RegExp(`(?:total capac(?:i)?ty of ${size}|${size} total capacity)`),
  free: new RegExp(`(?:of which ${size} is free|; ${size} free)`),
  inUse: new RegExp(`this process has ${size} memory in use`),
  allocated: new RegExp(`(?:allocated memory ${size} is allocated|${size} already allocated)`),
  reserved: new RegExp(`(?:${size} reserved in total|${size} cached)`),
  unallocated: new RegExp(`${size} is reserved by PyTorch but unallocated`),
  privatePools: new RegExp(`with ${size} allocated in private pools`),
  allowed: new RegExp(`${size} allowed`),
}
const otherProcess = new RegExp(`Process (\\d{1,10}) has ${size} memory in use`, 'g')

/** Each out-of-memory message of a log, with its line range and content. */
export function readOomReports(
  lines: readonly LogLine[],
): { readonly from: number; readonly to: number; readonly report: OomReport }[] {
  const found: { from: number; to: number; report: OomReport }[] = []
  for (let from = 0; from < lines.length; from += 1) {
    const text = lines[from]?.text ?? ''
    if (!text.includes(' out of memory') || !start.test(text)) continue
    const to = lastLineOf(lines, from)
    const report = readOomReport(
      lines
        .slice(from, to + 1)
        .map((line) => line.text.trim())
        .join(' '),
    )
    if (report) found.push({ from, to, report })
    from = to
  }
  return found
}

/** The message continues while lines match its known sentences. */
function lastLineOf(lines: readonly LogLine[], from: number): number {
  let to = from
  while (to + 1 < lines.length && to + 1 - from < maxLines) {
    const next = (lines[to + 1]?.text ?? '').trim()
    if (
      !/^(?:Tried to allocate|GPU \d|\(GPU|Process \d|Including non-PyTorch|Of the allocated|and [\d.]+ [KMG]iB is|this process has|is allocated by|[\d.]+ [KMG]iB (?:is|memory|already|free|reserved|total))/.test(
        next,
      )
    )
      break
    to += 1
  }
  return to
}

/** undefined: the text does not include the requested size. */
export function readOomReport(text: string): OomReport | undefined {
  const begins = Math.max(0, text.search(/(?:CUDA|HIP|XPU) out of memory/))
  const message = text.slice(begins, begins + 4_000)
  const requested = bytesOf(tried.exec(message))
  if (requested === undefined) return undefined
  const figures: Record<string, number> = {}
  for (const [name, pattern] of Object.entries(patterns)) {
    const bytes = bytesOf(pattern.exec(message))
    if (bytes !== undefined) figures[name] = bytes
  }
  const { reserved, ...known } = figures
  if (reserved !== undefined && known.allocated !== undefined)
    known.unallocated ??= Math.max(0, reserved - known.allocated)
  if (reserved !== undefined) known.inUse ??= reserved + contextBytes
  const gpu = /\bGPU (\d{1,3})\b/.exec(message)?.[1]
  const others = [...message.matchAll(otherProcess)].map(([, pid, amount, unit]) => ({
    pid: pid ?? '',
    bytes: toBytes(amount, unit),
  }))
  return { requested, others, ...(gpu !== undefined && { gpu }), ...known }
}

/** Bytes that other processes hold, as the message reports them or as the total implies. */
export function otherBytes({ total, free, inUse, others }: OomReport): number {
  const named = others.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total === undefined || free === undefined || inUse === undefined) return named
  return Math.max(named, total - free - inUse)
}

/** What would have made the allocation succeed; plain where nothing but less work would. */
export function kindOfOom(report: OomReport): OomKind {
  const { requested, total, free, unallocated = 0, privatePools = 0, allowed } = report
  if (total !== undefined && requested > total) return 'above_capacity'
  if (free !== undefined && free >= requested) return 'ample_free'
  if (total === undefined) return 'plain'
  if (allowed !== undefined && allowed < total && requested + (report.inUse ?? 0) > allowed) return 'plain'
  const missing = requested - (free ?? 0)
  const considerable = total / 10
  const candidates: [OomKind, number][] = [
    ['other_process', otherBytes(report)],
    ['fragmented', unallocated],
    ['private_pools', privatePools],
  ]
  const [most] = candidates
    .filter(([, bytes]) => bytes >= missing && bytes >= considerable)
    .sort(([, a], [, b]) => b - a)
  return most?.[0] ?? 'plain'
}

function bytesOf(match: RegExpExecArray | null): number | undefined {
  if (!match) return undefined
  const [amount, unit] = match.slice(1).filter((group) => group !== undefined)
  const bytes = toBytes(amount, unit)
  return Number.isFinite(bytes) ? bytes : undefined
}

const toBytes = (amount: string | undefined, unit: string | undefined): number =>
  Math.round(Number(amount) * 1_024 ** (units[unit?.[0] ?? ''] ?? 0))
