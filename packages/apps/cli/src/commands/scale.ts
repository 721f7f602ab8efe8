/** `hadal scale`: autoscales engines in a cluster, with reasons, until a signal. */

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Clock, parseMillis, systemClock } from '@hadal/base'
import { type ConnectionFlags, connect, kubeOf } from '@hadal/cluster'
import type { ScaleDecision, ScalerPlan } from '@hadal/fleet'
import { portFlag } from '@hadal/monitoring'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, usage, watchStopSignals } from '@hadal/output'
import {
  type Controller,
  createController,
  findPlan,
  type LeaseTimes,
  type PlanFlags,
  prometheusAt,
  readToken,
  serveScaler,
  shownUrl,
  usualLeaseTimes,
} from '@hadal/scaling'
import { createScaleTelemetry } from '@hadal/telemetry'
import { logLines } from '../log-lines.ts'

export interface ScaleFlags extends PlanFlags, ConnectionFlags {
  readonly prometheus?: string
  readonly prometheusTokenFile?: string
  readonly requestTimeout?: string
  readonly listen?: string
  readonly once?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly logFormat?: string
  readonly verbose?: boolean
}

export interface ScaleOptions {
  readonly clock?: Clock
  readonly times?: LeaseTimes
  /** In place of SIGINT and SIGTERM. */
  readonly signal?: AbortSignal
}

const command = 'hadal scale'
/** Nothing could be decided or applied. */
export const undecidedCode = 3

/**
 * Throws errors of the plan and the connection, `usage`, `scale_listen_failed`, `scale_token_unreadable`; with --once `scale_lease_lost`.
 */
export async function scale(
  flags: ScaleFlags,
  terminal: Terminal,
  { clock = systemClock, times = usualLeaseTimes, signal }: ScaleOptions = {},
): Promise<number> {
  const { once = false, dryRun = false, json = false } = flags
  if (json && !once) throw usage(say`--json requires --once; query a running scaler at /decisions`, command)
  const plan = await findPlan(flags, terminal, dryRun)
  const timeoutMillis = parseMillis(flags.requestTimeout ?? '5s')
  const url = prometheusUrl(flags.prometheus ?? plan.prometheusUrl)
  if (flags.prometheusTokenFile !== undefined) readToken(flags.prometheusTokenFile)
  const log = logLines(terminal, flags.verbose ? 'debug' : 'info', logFormat(flags.logFormat))
  using signals = watchStopSignals()
  using connection = await connect(flags, terminal)
  const telemetry = createScaleTelemetry()
  const controller = createController({
    plan,
    kube: kubeOf(connection, timeoutMillis),
    prometheus: prometheusAt({ url, tokenFile: flags.prometheusTokenFile, timeoutMillis }),
    identity: `${hostname()}_${randomUUID()}`,
    times,
    isDryRun: dryRun,
    telemetry,
    log,
    clock,
  })
  const stop = signal ?? signals.first
  if (once) return decideOnce(controller, json, terminal, stop)
  const { host, port } = listenFlag(flags.listen ?? '127.0.0.1:8090')
  await using server = await serveScaler({
    host,
    port,
    telemetry,
    status: () => controller.status(),
    isAlive: () => controller.isAlive(),
  })
  log.info(startLine(plan, dryRun), { prometheus: shownUrl(url), server: connection.server.href })
  log.info(say`serving /health, /metrics and /decisions on ${server.url}`)
  await controller.run(stop)
  log.info(say`stopped; engines are unchanged`)
  return exitCodes.success
}

async function decideOnce(
  controller: Controller,
  json: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const decisions = await controller.once(signal)
  if (json) terminal.print(JSON.stringify(controller.status(), null, 2))
  const isWhole = decisions.every((decision): decision is ScaleDecision => decision !== undefined)
  return isWhole ? exitCodes.success : undecidedCode
}

function startLine({ models, namespace, checkIntervalMillis }: ScalerPlan, isDryRun: boolean): string {
  const names = models.map(({ model, policy }) => `${model} (${policy.minReplicas}-${policy.maxReplicas})`)
  const every = say`every ${checkIntervalMillis / 1000} s`
  return say`checks ${every}: ${names.join(', ')} in ${namespace}${isDryRun ? say`, without changing anything` : ''}`
}

function prometheusUrl(given: string): string {
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given
  throw usage(say`--prometheus ${JSON.stringify(given)} is not an http or https URL`, command)
}

function logFormat(given: string | undefined): 'text' | 'json' {
  if (given === undefined || given === 'text' || given === 'json') return given ?? 'text'
  throw usage(say`--log-format must be text or json, not ${JSON.stringify(given)}`, command)
}

/** `0.0.0.0:8090`, `[::]:8090`, `:8090`. */
function listenFlag(given: string): { readonly host: string; readonly port: number } {
  const [, inBrackets, plain = '', digits = ''] = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(given) ?? []
  const port = portFlag(digits || 'none', '--listen ADDRESS:PORT', command)!
  return { host: inBrackets ?? (plain === '' ? '127.0.0.1' : plain), port }
}
