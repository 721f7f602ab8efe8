/** `hadal simulate`: effects of traffic or tenants on a service under several policies, without a model. */

import { resolve } from 'node:path'
import { formatMillis, parseMillis } from '@hadal/base'
import { type CostCoefficients, comparePolicies, policies, simulatedCosts } from '@hadal/batching'
import {
  describeTraffic,
  policyTable,
  readCosts,
  type TrafficFlags,
  trafficOf,
  usualCosts,
  whole,
} from '@hadal/load'
import type { Terminal } from '@hadal/output'
import { exitCodes, recognise, say, usage } from '@hadal/output'
import { simulateTenantsCommand } from './simulate-tenants.ts'

export interface SimulateFlags extends TrafficFlags {
  readonly tenants?: string
  readonly hours: string
  readonly costs?: string
  readonly maxBatchSize: string
  readonly maxBatchTokens: string
  readonly maxPrefill: string
  readonly maxQueue: string
  readonly timeout: string
  readonly cells?: string
  readonly sloTtft?: string
  readonly sloItl?: string
  readonly json?: boolean
}

const command = 'hadal simulate'

/** Flags that tenants set themselves. */
const ofOneTraffic = {
  traffic: '--traffic',
  rate: '--rate',
  requests: '--requests',
  embedShare: '--embed-share',
  embedTokens: '--embed-tokens',
  keys: '--keys',
  prefixes: '--prefixes',
  prefixTokens: '--prefix-tokens',
} as const

/** `isGiven`: whether a flag was on the command line, or has its default. */
export async function simulateCommand(
  flags: SimulateFlags,
  terminal: Terminal,
  isGiven: (flag: keyof SimulateFlags) => boolean,
): Promise<number> {
  const { tenants } = flags
  if (tenants === undefined && isGiven('hours')) throw usage(say`--hours requires --tenants`, command)
  const idle = Object.entries(ofOneTraffic).filter(([flag]) => isGiven(flag as keyof typeof ofOneTraffic))
  if (tenants !== undefined && idle.length > 0)
    throw usage(say`${idle.map(([, name]) => name).join(', ')} cannot be combined with --tenants`, command)
  const costs =
    flags.costs === undefined ? usualCosts : await readCosts(resolve(terminal.folder, flags.costs))
  if (tenants !== undefined)
    return simulateTenantsCommand({ ...flags, tenants }, serviceOf(flags), costs, terminal, command)
  const traffic = await trafficOf(flags, terminal.folder, command)
  const compared = policies.filter(({ settings }) => settings.sloItlMillis === undefined || !flags.sloItl)
  const began = performance.now()
  const reports = comparePolicies(traffic, serviceOf(flags), simulatedCosts(costs), compared)
  const tookMillis = performance.now() - began
  if (flags.json) {
    terminal.print(JSON.stringify({ traffic: describeTraffic(flags), costs, policies: reports }, null, 2))
    return exitCodes.success
  }
  const { style } = terminal
  const requests = reports.reduce((sum, { report }) => sum + report.requests, 0)
  terminal.print(policyTable(reports, style))
  terminal.print(style.dim(costLine(costs)))
  terminal.print(
    style.dim(
      say`${requests} requests simulated in ${formatMillis(tookMillis)}; ${recognise(describeTraffic(flags))}`,
    ),
  )
  return exitCodes.success
}

function serviceOf(flags: SimulateFlags) {
  return {
    maxBatchSize: whole(flags.maxBatchSize, '--max-batch-size', 1, command),
    maxBatchTokens: whole(flags.maxBatchTokens, '--max-batch-tokens', 1, command),
    maxPrefillTokensWhileDecoding: whole(flags.maxPrefill, '--max-prefill', 1, command),
    maxQueue: whole(flags.maxQueue, '--max-queue', 0, command),
    timeoutMicros: Math.round(parseMillis(flags.timeout) * 1000),
    ...(flags.cells !== undefined && { cells: whole(flags.cells, '--cells', 1, command) }),
    ...(flags.sloTtft !== undefined && { sloTtftMillis: parseMillis(flags.sloTtft) }),
    ...(flags.sloItl !== undefined && { sloItlMillis: parseMillis(flags.sloItl) }),
  }
}

function costLine({ step, pass }: CostCoefficients): string {
  const show = (value: number): string => String(Number(value.toPrecision(3)))
  const line = (name: string, of: typeof step): string =>
    say`assumed cost of a ${name}: ${show(of.perStep)} ms, plus ${show(of.perDecodeToken)} per decode token, ${show(of.perPrefillToken)} per prompt token, ${show(of.perAttendedToken * 1000)} per 1000 context tokens`
  return pass === undefined ? line(say`step`, step) : `${line(say`step`, step)}\n${line(say`pass`, pass)}`
}
