/** What a server may stand on beside its models: accounts of keys, a collector of traces, a place for its access log. */

import type { Logger } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { ServerOptions } from '@hadal/server'
import { createTelemetry, type Telemetry } from '@hadal/telemetry'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

export interface GatewayParts extends AsyncDisposable {
  readonly telemetry: Telemetry
  readonly server: Pick<ServerOptions, 'accounts' | 'observe' | 'telemetry'>
}

/** For the last spans. */
const farewellMillis = 2_000

/** Throws what `openAccounts` throws. */
export async function openGatewayParts(
  service: Service,
  terminal: Terminal,
  logger: Logger,
): Promise<GatewayParts> {
  const telemetry = createTelemetry()
  const { accessLog, logPrompts } = service
  const tracing = await openTraces(service, terminal, logger)
  const accounts = await openKeys(service, terminal, telemetry, logger).catch(async (error: unknown) => {
    await tracing?.close(farewellMillis)
    throw error
  })
  return {
    telemetry,
    server: {
      telemetry,
      ...(accounts !== undefined && { accounts }),
      observe: {
        accessLog,
        logPrompts,
        writeAccessLine: (line) => terminal.note(line),
        ...(tracing !== undefined && { tracing }),
      },
    },
    async [Symbol.asyncDispose]() {
      await tracing?.close(farewellMillis)
      await accounts?.[Symbol.asyncDispose]()
    },
  }
}

/** Loaded only where somebody wants traces. */
async function openTraces({ otlpEndpoint, traceRatio }: Service, { env }: Terminal, logger: Logger) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = env
  if (!otlpEndpoint && !OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return undefined
  const { openTracing } = await import('@hadal/telemetry')
  return openTracing({ endpoint: otlpEndpoint, ratio: traceRatio, serviceVersion: version, logger })
}

/** The same for keys. */
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
