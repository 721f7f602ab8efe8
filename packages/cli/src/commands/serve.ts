/**
 * `hadal serve`: settings -> model file -> engine -> HTTP server, until a signal drains it. The address is bound before
 * the model is loaded: a port in use shows at once, and /ready answers while it loads.
 */

import type { Logger } from '@hadal/base'
import type { Resolved, Service } from '@hadal/config'
import type { Engine } from '@hadal/engine'
import type { Command } from 'commander'
import { findModels } from '../find-models.ts'
import { describeChoices, loadSettings, originOf, saidSettings } from '../load-settings.ts'
import { logLines } from '../log-lines.ts'
import type { TunedEngine } from '../online-tuning.ts'
import { readChatTemplate } from '../read-chat-template.ts'
import { exitCodes } from '../report-error.ts'
import { serveBanner } from '../serve-banner.ts'
import { serverSettings } from '../server-settings.ts'
import { type StartEngine, startLlama } from '../start-engine.ts'
import { startUpLog } from '../start-up-log.ts'
import { type StopSignals, signalExitCode, watchStopSignals } from '../stop-signals.ts'
import type { Terminal } from '../terminal.ts'

export async function serve(
  command: Command,
  terminal: Terminal,
  startEngine: StartEngine = startLlama,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const settings = await loadSettings(command, terminal)
  for (const note of settings.notes) terminal.note(note)
  const service = settings.values
  const { logger, isUp } = startUpLog(logLines(terminal, service.logLevel))
  try {
    const chatTemplate = readChatTemplate(service.chatTemplate)
    const model = await findModels(service, terminal, stop.first)
    const said = saidSettings(settings)
    await using engine = startEngine(
      model,
      { ...said, ...(chatTemplate !== undefined && { chatTemplate }) },
      logger,
    )
    // Its modules are many: they are loaded beside the model.
    const { createServer } = await import('@hadal/server')
    using tuned = service.tuneOnline ? await watchAndTune(engine, service, logger) : undefined
    await using server = createServer({
      engines: [tuned?.engine ?? engine],
      ...serverSettings(service),
      logger,
    })
    const { url } = await server.listen({ host: service.host, port: service.port })
    await readyOrStopped(engine, stop.first)
    isUp()
    const banner = {
      url,
      model: engine.model,
      modelReason: model.reason,
      addressReason: addressReason(settings),
      choices: describeChoices(settings, engine.choices),
      needsKey: service.apiKeys.length > 0,
      isBundled: model.isBundled,
      invocation: terminal.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'hadal serve',
    }
    terminal.print(serveBanner(banner, terminal.style))
    const signal = await stopped(stop.first)
    terminal.note(`${signal}: finishing what is under way; once more stops at once`)
    await server.drain(service.drainTimeoutMillis)
    return exitCodes.success
  } catch (error) {
    // Asked to stop before it served.
    if (stop.first.aborted && error === stop.first.reason) return signalExitCode(stop.first.reason)
    throw error
  }
}

/** Where the config says nothing of what is promised. */
const defaultTtftMillis = 500

async function watchAndTune(
  engine: Engine,
  service: Service,
  logger: Logger,
): Promise<TunedEngine | undefined> {
  const { tuneOnline } = await import('../online-tuning.ts')
  const ttftMillis = service.sloTtftMillis ?? defaultTtftMillis
  const tuned = tuneOnline(engine, { slo: { ttftMillis, itlMillis: service.sloItlMillis }, logger })
  if (tuned === undefined) logger.warn('tuneOnline: the limits of this engine cannot change')
  return tuned
}

/** Where host and port were said, where they were. */
function addressReason(settings: Resolved<Service>): string {
  const said = (['host', 'port'] as const).filter((key) => settings.origins[key].source !== 'default')
  return said.map((key) => originOf(settings, key)).join(', ')
}

async function readyOrStopped(engine: Engine, signal: AbortSignal): Promise<void> {
  await Promise.race([
    engine.ready(),
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
