/**
 * The engine process: isolates native crashes. Communicates with its parent over the fork channel, and exits when that closes.
 */

import { HadalError, systemClock } from '@hadal/base'
import { adapterUnusable } from '../../errors.ts'
import type { FromProcess, ToProcess, WireError } from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { EngineLoop } from './engine-loop.ts'
import { loadModel } from './load-model.ts'
import type { LoadedAdapters } from './loaded-adapters.ts'
import type { LoadedModel } from './open-generator.ts'
import { openBackends } from './open-library.ts'
import { openPrefixes } from './open-prefixes.ts'
import { openSpeculation } from './open-speculation.ts'
import { PooledLoop } from './pooled-loop.ts'
import { QuestionDesk } from './question-desk.ts'
import type { Speculation } from './speculation.ts'
import { StartTimer } from './start-timer.ts'
import { warmUp, warmUpPooled } from './warm-up.ts'

const send = (message: FromProcess): void => void process.send!(message)

async function open(config: LlamaConfig, adapters: NonNullable<ToProcess['adapters']>): Promise<void> {
  try {
    useCudaGraphs(config.cudaGraph)
    const library = await opening
    timer.paused()
    const served = await loadModel(config, library, systemClock, timer)
    const { vocabulary, generator, pooled, info, choices, capacity, kvBudgetBytes } = served
    const guessing = generator && (await openSpeculation(config, generator, systemClock))
    const lostAdapters = await loadAdapters(generator?.adapters, adapters)
    if (config.preload) {
      timer.paused()
      if (generator !== undefined) await warmUp(config, generator, systemClock)
      if (pooled !== undefined) warmUpPooled(pooled, vocabulary)
      timer.passed('warmUp')
    }
    const pooledLoop =
      pooled === undefined ? undefined : new PooledLoop(config, pooled, vocabulary, send, systemClock)
    const sendStep = (message: FromProcess): void => {
      if (message.type === 'step' && message.step !== undefined) pooledLoop?.sawStep(message.step)
      send(message)
    }
    const loop =
      generator === undefined
        ? new QuestionDesk(vocabulary, send)
        : await openLoop(config, generator, guessing?.speculation, sendStep)
    process.on('message', (message: ToProcess) => {
      loop.receive(message)
      pooledLoop?.receive(message)
    })
    const allChoices = guessing === undefined ? choices : [...choices, guessing.choice]
    const { phases } = timer
    send({ type: 'ready', model: info, choices: allChoices, capacity, lostAdapters, phases, kvBudgetBytes })
  } catch (thrown) {
    if (!(thrown instanceof HadalError)) throw thrown
    process.send!({ type: 'failed', error: thrown.toWire() } satisfies FromProcess, () => process.exit(1))
  }
}

/** With the prefixes kept by an earlier process. */
async function openLoop(
  config: LlamaConfig,
  generator: LoadedModel,
  speculation: Speculation | undefined,
  sendStep: (message: FromProcess) => void,
): Promise<EngineLoop> {
  const prefixes = await openPrefixes(config, generator)
  const loop = new EngineLoop(config, generator, speculation, sendStep, systemClock, prefixes)
  if (prefixes === undefined) return loop
  timer.paused()
  loop.restore(await prefixes.load())
  timer.passed('prefixes')
  return loop
}

/** Returns the errors of adapters that may be missing and are. */
async function loadAdapters(
  adapters: LoadedAdapters | undefined,
  { files, mayBeLost }: NonNullable<ToProcess['adapters']>,
): Promise<WireError[]> {
  const lost: WireError[] = []
  for (const file of files) {
    if (adapters === undefined) throw adapterUnusable(file.path, 'the model generates no text')
    if (!mayBeLost) await adapters.load(file)
    else lost.push(...(await adapters.restore(file)))
  }
  return lost
}

/** The CUDA backend checks whether the variable exists, not its value, before its first graph. */
function useCudaGraphs(cudaGraph: boolean | null): void {
  if (cudaGraph === false) process.env.GGML_CUDA_DISABLE_GRAPHS = '1'
  if (cudaGraph === true) delete process.env.GGML_CUDA_DISABLE_GRAPHS
}

const timer = new StartTimer(systemClock, performance.now())
// Before any model is named: the process may have been started ahead of time.
const opening = openBackends(timer)
opening.catch(() => {})

// The parent drains or reloads its configuration on these signals and finally closes the channel; a terminal sends them to both
// processes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
process.on('disconnect', () => process.exit(0))
process.once('message', ({ open: config, adapters }: ToProcess) => void open(config!, adapters!))
