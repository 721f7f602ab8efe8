/** `hadal simulate`: what traffic would do to a service, under policies side by side, without a model. */

import { resolve } from 'node:path'
import { formatMillis, parseMillis } from '@hadal/base'
import {
  type Arrivals,
  type CostCoefficients,
  comparePolicies,
  drawTraffic,
  policies,
  type RequestSort,
  type SimulatedRequest,
  simulatedCosts,
} from '@hadal/batching'
import { usage } from '../errors.ts'
import { parseLengthDistribution } from '../load/length-distribution.ts'
import { exitCodes } from '../report-error.ts'
import { measuredCosts } from '../simulate/measured-costs.ts'
import { policyTable } from '../simulate/policy-table.ts'
import { readCosts, readTraffic } from '../simulate/simulation-files.ts'
import type { Terminal } from '../terminal.ts'

export interface SimulateFlags {
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
  readonly costs?: string
  readonly maxBatchSize: string
  readonly maxBatchTokens: string
  readonly maxPrefill: string
  readonly maxQueue: string
  readonly timeout: string
  readonly cells?: string
  readonly sloTtft?: string
  readonly sloItl?: string
  readonly seed: string
  readonly json?: boolean
}

const command = 'hadal simulate'

export async function simulateCommand(flags: SimulateFlags, terminal: Terminal): Promise<number> {
  const traffic = await trafficOf(flags, terminal)
  const costs =
    flags.costs === undefined ? measuredCosts : await readCosts(resolve(terminal.folder, flags.costs))
  const compared = policies.filter(({ settings }) => settings.sloItlMillis === undefined || !flags.sloItl)
  const began = performance.now()
  const reports = comparePolicies(traffic, serviceOf(flags), simulatedCosts(costs), compared)
  const tookMillis = performance.now() - began
  if (flags.json) {
    terminal.print(JSON.stringify({ traffic: described(flags), costs, policies: reports }, null, 2))
    return exitCodes.success
  }
  const { style } = terminal
  const requests = reports.reduce((sum, { report }) => sum + report.requests, 0)
  terminal.print(policyTable(reports, style))
  terminal.print(style.dim(costLine(costs)))
  terminal.print(
    style.dim(`${requests} requests simulated in ${formatMillis(tookMillis)}; ${described(flags)}`),
  )
  return exitCodes.success
}

function serviceOf(flags: SimulateFlags) {
  return {
    maxBatchSize: whole(flags.maxBatchSize, '--max-batch-size', 1),
    maxBatchTokens: whole(flags.maxBatchTokens, '--max-batch-tokens', 1),
    maxPrefillTokensBesideDecodes: whole(flags.maxPrefill, '--max-prefill', 1),
    maxQueue: whole(flags.maxQueue, '--max-queue', 0),
    timeoutMicros: Math.round(parseMillis(flags.timeout) * 1000),
    ...(flags.cells !== undefined && { cells: whole(flags.cells, '--cells', 1) }),
    ...(flags.sloTtft !== undefined && { sloTtftMillis: parseMillis(flags.sloTtft) }),
    ...(flags.sloItl !== undefined && { sloItlMillis: parseMillis(flags.sloItl) }),
  }
}

/** Drawn, or from a file of one request a line. */
async function trafficOf(flags: SimulateFlags, terminal: Terminal): Promise<Iterable<SimulatedRequest>> {
  const arrivals = arrivalsOf(flags)
  if (arrivals === undefined) return readTraffic(resolve(terminal.folder, flags.traffic))
  return drawTraffic({
    arrivals,
    sorts: sortsOf(flags),
    requests: whole(flags.requests, '--requests', 1),
    seed: whole(flags.seed, '--seed', 0),
  })
}

/** A burst and the silence after it; the length of a day that is watched in passing. */
const [burstMillis, silenceMillis, periodMillis] = [2000, 4000, 600_000]

function arrivalsOf({ traffic, rate }: SimulateFlags): Arrivals | undefined {
  const requestsPerSecond = Number(rate)
  if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond)))
    throw usage(`--rate: ${JSON.stringify(rate)} is not a number above 0`, command)
  if (traffic === 'poisson') return { kind: 'poisson', requestsPerSecond }
  if (traffic === 'gamma') return { kind: 'gamma', requestsPerSecond, variation: 3 }
  if (traffic === 'bursts') return { kind: 'bursts', requestsPerSecond, burstMillis, silenceMillis }
  if (traffic === 'diurnal') return { kind: 'diurnal', requestsPerSecond, swing: 0.8, periodMillis }
  return undefined
}

function sortsOf(flags: SimulateFlags): RequestSort[] {
  const embedShare = Number(flags.embedShare)
  if (!(embedShare >= 0 && embedShare <= 1))
    throw usage(`--embed-share: ${JSON.stringify(flags.embedShare)} is not a number from 0 to 1`, command)
  const names = Array.from({ length: whole(flags.keys, '--keys', 1) }, (_, index) => `key ${index + 1}`)
  const keys =
    names.length > 1 ? { keys: Object.fromEntries(names.map((name, rank) => [name, 1 / (rank + 1)])) } : {}
  const tokens = whole(flags.prefixTokens, '--prefix-tokens', 0)
  const prefixes = { count: whole(flags.prefixes, '--prefixes', 1), tokens }
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

function whole(text: string, flag: string, least: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value
  throw usage(`${flag}: ${JSON.stringify(text)} is not a whole number of at least ${least}`, command)
}

function described({ traffic, rate, seed }: SimulateFlags): string {
  return ['poisson', 'gamma', 'bursts', 'diurnal'].includes(traffic)
    ? `${traffic}, ${rate} requests/s, seed ${seed}`
    : traffic
}

function costLine({ step, pass }: CostCoefficients): string {
  const show = (value: number): string => String(Number(value.toPrecision(3)))
  const line = (name: string, of: typeof step): string =>
    `a ${name} is taken to cost ${show(of.perStep)} ms, ${show(of.perDecodeToken)} for each new token, ${show(of.perPrefillToken)} for each prompt token, ${show(of.perAttendedToken * 1000)} for 1000 tokens looked back at`
  return pass === undefined ? line('step', step) : `${line('step', step)}\n${line('pass', pass)}`
}
