/**
 * Reads every source, concurrently, each with a limit and all of them with one: seconds in all, whatever hangs. Knows how to
 * read a command, a file, a server and a cluster, and does not interpret the results.
 */

import type { Capture, RawReading, Source } from '@hadal/doctor'
import { type RunOptions, runCommand } from '@hadal/output'
import { readTextFile, within } from './read-file.ts'

export interface CaptureMeans {
  readonly env: RunOptions['env']
  /** By source name. Results are serialized as JSON. */
  readonly probes: Readonly<Record<string, Probe>>
  /** Absent: no server was named, and its sources are not read. */
  readonly server?: Ask | undefined
  readonly cluster?: Ask | undefined
  /** Aborting it ends the remaining reads. */
  readonly signal?: AbortSignal | undefined
  /** Called for each source once it is read. */
  readonly onRead?: (name: string) => void
  /** For all together. */
  readonly limitMillis?: number
  /** Between a source of the server and the one that asks the same again. */
  readonly laterMillis?: number
}

export type Ask = (path: string, limitMillis: number, signal: AbortSignal) => Promise<RawReading>
export type Probe = (signal: AbortSignal) => Promise<unknown>

const usualLimitMillis = 20_000
const usualLaterMillis = 3_000
const probeMillis = 12_000
/** As many commands at a time. */
const maxCommands = 8

/** Never rejects: failures are recorded. */
export async function takeCapture(sources: readonly Source[], means: CaptureMeans): Promise<Capture> {
  const takenAt = Date.now()
  const { limitMillis = usualLimitMillis } = means
  const whole = new AbortController()
  const stop = (): void => whole.abort()
  const timer = setTimeout(stop, limitMillis)
  means.signal?.addEventListener('abort', stop, { once: true })
  const inTurn = limited(maxCommands)
  const readings: Record<string, RawReading> = {}
  const begun = new Map<string, Promise<RawReading | undefined>>()
  const byName = new Map(sources.map((source) => [source.name, source]))

  const begin = (source: Source): Promise<RawReading | undefined> => {
    const known = begun.get(source.name)
    if (known !== undefined) return known
    const reading = read(source).catch(
      (thrown: unknown): RawReading => ({ failed: 'unreadable', detail: String(thrown) }),
    )
    begun.set(source.name, reading)
    return reading
  }
  const read = async (source: Source): Promise<RawReading | undefined> => {
    const how = source.read
    switch (how.kind) {
      case 'file':
        return readTextFile(how.path, how.maxBytes)
      case 'probe':
        return runProbe(means.probes[source.name], whole.signal)
      case 'kubernetes':
        return means.cluster?.(how.path, how.limitMillis, whole.signal)
      case 'server':
        if (source.name.endsWith('-later')) await pause(means.laterMillis ?? usualLaterMillis, whole.signal)
        return means.server?.(how.path, how.limitMillis, whole.signal)
      case 'command': {
        const before = how.adapt && byName.get(how.adapt.after)
        const said = before === undefined ? undefined : (await begin(before))?.text
        const command = (said === undefined ? undefined : how.adapt?.command(said)) ?? how.command
        const options = { limitMillis: how.limitMillis, env: means.env, signal: whole.signal }
        return inTurn(() => runCommand(command, options))
      }
    }
  }
  await Promise.all(
    sources.map(async (source) => {
      const reading = await begin(source)
      if (reading !== undefined) readings[source.name] = reading
      means.onRead?.(source.name)
    }),
  )
  clearTimeout(timer)
  means.signal?.removeEventListener('abort', stop)
  return { version: 1, takenAt, readings }
}

async function runProbe(probe: Probe | undefined, signal: AbortSignal): Promise<RawReading | undefined> {
  if (probe === undefined) return undefined
  const limit = AbortSignal.any([signal, AbortSignal.timeout(probeMillis)])
  return within(
    probeMillis,
    probe(limit).then(
      (found): RawReading =>
        found === undefined ? { failed: 'absent', detail: 'none found' } : { text: JSON.stringify(found) },
      (thrown: unknown): RawReading => ({
        failed: limit.aborted ? 'timed-out' : 'unreadable',
        detail: thrown instanceof Error ? thrown.message : String(thrown),
      }),
    ),
  )
}

/** Ends early when `signal` aborts. */
function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, millis)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}

/** At most `most` at a time, in order. */
function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
