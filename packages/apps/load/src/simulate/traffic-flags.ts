/** Traffic from the command line: generated, or recorded in a file. */

import { resolve } from 'node:path'
import { type Arrivals, drawTraffic, type RequestSort, type SimulatedRequest } from '@hadal/batching'
import { say, usage } from '@hadal/output'
import { parseLengthDistribution } from '../load/length-distribution.ts'
import { readTraffic } from './simulation-files.ts'

export interface TrafficFlags {
  readonly traffic: string
  readonly rate: string
  readonly requests: string
  readonly promptTokens: string
  readonly outputTokens: string
  readonly embedShare: string
  readonly embedTokens: string
  readonly keys: string
  readonly prefixTokens: string
  readonly prefixes: string
  readonly trafficSeed: string
}

/** Drawn, or from a file of one request a line. */
export async function trafficOf(
  flags: TrafficFlags,
  folder: string,
  command: string,
): Promise<Iterable<SimulatedRequest>> {
  const arrivals = arrivalsOf(flags, command)
  if (arrivals === undefined) return readTraffic(resolve(folder, flags.traffic))
  return drawTraffic({
    arrivals,
    sorts: sortsOf(flags, command),
    requests: whole(flags.requests, '--requests', 1, command),
    seed: whole(flags.trafficSeed, '--traffic-seed', 0, command),
  })
}

/** A burst and the silence after it; the length of a day that is watched in passing. */
const [burstMillis, silenceMillis, periodMillis] = [2000, 4000, 600_000]

function arrivalsOf({ traffic, rate }: TrafficFlags, command: string): Arrivals | undefined {
  const requestsPerSecond = Number(rate)
  if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond)))
    throw usage(say`--rate: ${JSON.stringify(rate)} is not a positive number`, command)
  if (traffic === 'poisson') return { kind: 'poisson', requestsPerSecond }
  if (traffic === 'gamma') return { kind: 'gamma', requestsPerSecond, variation: 3 }
  if (traffic === 'bursts') return { kind: 'bursts', requestsPerSecond, burstMillis, silenceMillis }
  if (traffic === 'diurnal') return { kind: 'diurnal', requestsPerSecond, swing: 0.8, periodMillis }
  return undefined
}

function sortsOf(flags: TrafficFlags, command: string): RequestSort[] {
  const embedShare = Number(flags.embedShare)
  if (!(embedShare >= 0 && embedShare <= 1))
    throw usage(say`--embed-share: ${JSON.stringify(flags.embedShare)} is not between 0 and 1`, command)
  const names = Array.from(
    { length: whole(flags.keys, '--keys', 1, command) },
    (_, index) => `key ${index + 1}`,
  )
  const keys =
    names.length > 1 ? { keys: Object.fromEntries(names.map((name, rank) => [name, 1 / (rank + 1)])) } : {}
  const tokens = whole(flags.prefixTokens, '--prefix-tokens', 0, command)
  const prefixes = { count: whole(flags.prefixes, '--prefixes', 1, command), tokens }
  return [
    {
      share: 1 - embedShare,
      kind: 'generate',
      promptTokens: parseLengthDistribution(flags.promptTokens),
      outputTokens: parseLengthDistribution(flags.outputTokens),
      ...keys,
      ...(tokens > 0 && { prefixes }),
    },
    { share: embedShare, kind: 'embed', promptTokens: parseLengthDistribution(flags.embedTokens), ...keys },
  ]
}

export function whole(text: string, flag: string, least: number, command: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value
  throw usage(say`${flag}: ${JSON.stringify(text)} is not a whole number of at least ${least}`, command)
}

/** In English, because it is also part of the JSON. */
export function describeTraffic({
  traffic,
  rate,
  trafficSeed,
}: Pick<TrafficFlags, 'traffic' | 'rate' | 'trafficSeed'>): string {
  return ['poisson', 'gamma', 'bursts', 'diurnal'].includes(traffic)
    ? `${traffic}, ${rate} requests/s, seed ${trafficSeed}`
    : traffic
}
