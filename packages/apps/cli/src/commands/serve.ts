/**
 * `hadal serve`: settings -> models -> HTTP server, drained on a signal. The address is bound before models load: a port in use is reported
 * at once, and /ready responds during loading.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openOperations, serviceArguments } from '@hadal/admin'
import { programEntry } from '@hadal/base'
import type { Resolved, Service } from '@hadal/config'
import { consoleFolder } from '@hadal/console'
import { guardByDefault } from '@hadal/guard-lab'
import type { Terminal } from '@hadal/output'
import { exitCodes, type StopSignals, say, signalExitCode, watchStopSignals } from '@hadal/output'
import { followsLoad, localReplicas, withSleep } from '@hadal/scaling'
import type { StartEngine } from '@hadal/service'
import {
  configCandidates,
  configPath,
  givenSettings,
  liveServerSettings,
  loadSettings,
  loadSettingsAgain,
  originOf,
  readChatTemplate,
  saidSettings,
  serverSettings,
} from '@hadal/service'
import type { Command } from 'commander'
import { applySettings, withLevel } from '../apply-settings.ts'
import { watchConfig } from '../config-reload.ts'
import { listenToHangUp } from '../hang-up-signal.ts'
import { logLines } from '../log-lines.ts'
import { openGatewayParts } from '../open-gateway-parts.ts'
import { serveBanner } from '../serve-banner.ts'
import { oneModel, severalModels } from '../served.ts'
import { clientWeights, startServed } from '../start-engine.ts'
import { startUpLog } from '../start-up-log.ts'

export async function serve(
  command: Command,
  terminal: Terminal,
  startEngine: StartEngine = startServed,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const settings = await loadSettings(command, terminal)
  for (const note of settings.notes) terminal.note(note)
  let service = settings.values
  const lines = logLines(terminal, 'debug', service.logFormat)
  const { logger, isUp } = startUpLog(withLevel(lines, () => service.logLevel))
  let requestedEarly = false
  let reread = (): void => {
    requestedEarly = true
  }
  using _ = listenToHangUp(() => reread())
  try {
    const chatTemplate = readChatTemplate(service.chatTemplate)
    const said = { ...saidSettings(settings), ...(chatTemplate !== undefined && { chatTemplate }) }
    const weights = clientWeights(said)
    const replicas = localReplicas(service, startEngine, logger)
    const { start } = replicas
    const context = { settings, said, weights, terminal, signal: stop.first, logger, startEngine: start }
    const asleep = withSleep(service)
    await using served = await (asleep.models.length > 0
      ? severalModels({ ...context, service: asleep })
      : oneModel({ ...context, service }))
    // Its many modules are loaded while the model loads.
    const { createServer } = await import('@hadal/server')
    await using parts = await openGatewayParts(service, terminal, logger)
    let servedAt: string | undefined
    await using operations = openOperations({
      jobProgram: programEntry(import.meta.url, '../job-main'),
      url: () => servedAt,
      service: () => service,
      origins: settings.origins,
      configFiles: configCandidates(command, terminal),
      ...(followsLoad(service) && { decisions: () => replicas.status() }),
      sloMillis: () => (settings.origins.slo.source === 'default' ? undefined : service.slo.latencyMillis),
      shared: serviceArguments(givenSettings(settings, command), configPath(command, terminal)),
      terminal,
      guard: parts.guard,
      logger,
    })
    const hasConsole = service.console && existsSync(join(consoleFolder, 'index.html'))
    await using server = createServer({
      ...serverSettings(service),
      ...served.server,
      ...parts.server,
      ...operations.server,
      ...(hasConsole && { consoleFolder }),
      ...(followsLoad(service) && { decisions: () => replicas.status() }),
      clientWeights: weights,
      logger,
    })
    const { url } = await server.listen({ host: service.host, port: service.port })
    servedAt = url
    parts.guard.warm()
    const { adminPort, adminHost } = service
    const admin =
      adminPort === undefined ? undefined : await server.listenForAdmins({ host: adminHost, port: adminPort })
    await readyOrStopped(served.ready(server), stop.first)
    isUp()
    const shown = served.banner()
    const isGuardSaid = shown.choices.some((choice) => choice.startsWith('guard:'))
    const banner = {
      url,
      ...shown,
      choices: isGuardSaid ? shown.choices : [...shown.choices, guardByDefault],
      hasConsole,
      ...(admin !== undefined && { adminUrl: admin.url }),
      addressReason: addressReason(settings),
      needsKey: service.apiKeys.length > 0 || service.database !== undefined,
      invocation: terminal.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'hadal serve',
    }
    terminal.print(serveBanner(banner, terminal.style))
    using reload = watchConfig({
      started: settings,
      load: (onFiles) => loadSettingsAgain(command, terminal, { onFiles }),
      files: configCandidates(command, terminal),
      async apply(next, changed) {
        const models = await served.change(withSleep(next))
        replicas.change(next)
        const guard = changed.includes('guard') ? { guard: await parts.guard.change(next.guard) } : {}
        applySettings(
          {
            changeServer: (to) => server.change({ ...liveServerSettings(to), ...models, ...guard }),
            engines: () => served.engines,
            logger,
          },
          next,
          changed,
        )
        served.taken()
        service = next
      },
      onOutcome: (outcome) => parts.telemetry.configReloaded(outcome),
      logger,
    })
    reread = () => void reload.reload('SIGHUP')
    if (requestedEarly) reread()
    const signal = await stopped(stop.first)
    terminal.note(say`${signal}: finishing running requests; repeat to stop now`)
    await server.drain(service.drainTimeoutMillis)
    return exitCodes.success
  } catch (error) {
    // Stopped before it was ready.
    if (stop.first.aborted && error === stop.first.reason) return signalExitCode(stop.first.reason)
    throw error
  }
}

/** Source of host and port, if set explicitly. */
function addressReason(settings: Resolved<Service>): string {
  const said = (['host', 'port'] as const).filter((key) => settings.origins[key].source !== 'default')
  return said.map((key) => originOf(settings, key)).join(', ')
}

async function readyOrStopped(ready: Promise<void>, signal: AbortSignal): Promise<void> {
  await Promise.race([
    ready,
    stopped(signal).then((reason) => {
      throw reason
    }),
  ])
}

function stopped(signal: AbortSignal): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}
