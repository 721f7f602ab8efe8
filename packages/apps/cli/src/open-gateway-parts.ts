/** Optional parts of a server: guard, key accounts, trace exporter, access log. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'
import { openServeGuard, type ServeGuard } from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import type { ServerOptions } from '@hadal/server'
import { version } from '@hadal/service'
import { createTelemetry, type Telemetry } from '@hadal/telemetry'

export interface GatewayParts extends AsyncDisposable {
  readonly telemetry: Telemetry
  readonly guard: ServeGuard
  readonly server: Pick<ServerOptions, 'accounts' | 'guard' | 'observe' | 'telemetry'>
}

/** For the last spans. */
const farewellMillis = 2_000

/** Throws what `openAccounts` and `openServeGuard` throw. */
export async function openGatewayParts(
  service: Service,
  terminal: Terminal,
  logger: Logger,
): Promise<GatewayParts> {
  const telemetry = createTelemetry()
  const { accessLog, logPrompts } = service
  const guard = await openServeGuard(service.guard, terminal.folder, logger)
  const tracing = await openTraces(service, terminal, logger)
  const close = async (): Promise<void> => {
    await tracing?.close(farewellMillis)
    await guard[Symbol.asyncDispose]()
  }
  const accounts = await openKeys(service, terminal, telemetry, logger).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    telemetry,
    guard,
    server: {
      telemetry,
      ...(accounts !== undefined && { accounts }),
      ...(guard.guarding !== undefined && { guard: guard.guarding }),
      observe: {
        accessLog,
        logPrompts,
        writeAccessLine: (line) => terminal.note(line),
        ...(tracing !== undefined && { tracing }),
      },
    },
    async [Symbol.asyncDispose]() {
      await close()
      await accounts?.[Symbol.asyncDispose]()
    },
  }
}

/** Loaded only if tracing is enabled. */
async function openTraces({ otlpEndpoint, traceRatio }: Service, { env }: Terminal, logger: Logger) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = env
  if (!otlpEndpoint && !OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return undefined
  const { openTracing } = await import('@hadal/telemetry')
  return openTracing({ endpoint: otlpEndpoint, ratio: traceRatio, serviceVersion: version, logger })
}

/** Loaded only if keys are enabled. */
async function openKeys(
  { database, journalDir, prices }: Service,
  { env }: Terminal,
  telemetry: Telemetry,
  logger: Logger,
) {
  if (database === undefined) return undefined
  const { defaultJournalDir, openAccounts } = await import('@hadal/accounts')
  const folder = journalDir ?? defaultJournalDir(database, env)
  return openAccounts({ database, journalDir: folder, prices, telemetry, logger })
}
