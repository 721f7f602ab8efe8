/**
 * The process of a dual-encoder model: isolates crashes. Uses the protocol of llama.cpp's process (`llama/messages.ts`) over
 * the fork channel, and exits when that closes. The function that loads the model is an argument.
 *
 *     serveTowers((config) => openClip(config))
 */

import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { HadalError, systemClock } from '@hadal/base'
import type { ModelInfo } from '../engine.ts'
import type { FromProcess, ToProcess } from '../llama/messages.ts'
import type { LlamaConfig } from '../llama/options.ts'
import { StartTimer } from '../llama/process/start-timer.ts'
import type { OpenTowers, Towers } from './towers.ts'
import { TowersLoop } from './towers-loop.ts'

/** Call in a forked process. */
export function serveTowers(openTowers: OpenTowers): void {
  // The parent drains or reloads its configuration on these signals and finally closes the channel; a terminal sends them to
  // both processes.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  process.on('disconnect', () => process.exit(0))
  process.once('message', ({ open }: ToProcess) => void begin(open!, openTowers))
}

const send = (message: FromProcess): void => void process.send!(message)

async function begin(config: LlamaConfig, openTowers: OpenTowers): Promise<void> {
  const timer = new StartTimer(systemClock, performance.now())
  try {
    const { modelPath: folder, threads, threadsReason } = config
    const towers = await openTowers({ folder, threads, threadsReason })
    timer.passed('model')
    if (config.preload) {
      warmUp(towers)
      timer.passed('warmUp')
    }
    const model = describe(towers, config)
    const loop = new TowersLoop(config, towers, model.id, send, systemClock)
    process.on('message', (message: ToProcess) => loop.receive(message))
    const { phases } = timer
    send({ type: 'ready', model, choices: towers.choices, lostAdapters: [], phases, kvBudgetBytes: 0 })
  } catch (thrown) {
    if (!(thrown instanceof HadalError)) throw thrown
    process.send!({ type: 'failed', error: thrown.toWire() } satisfies FromProcess, () => process.exit(1))
  }
}

/** The first pass of each encoder allocates memory that later ones reuse. */
function warmUp(towers: Towers): void {
  const { size } = towers.model.images
  towers.embedTexts([towers.tokenize('a')])
  towers.embedImages([new Float32Array(3 * size * size)])
}

function describe({ model }: Towers, { modelPath, modelId }: LlamaConfig): ModelInfo {
  const { paddedLength: _, ...facts } = model
  return {
    ...facts,
    id: modelId ?? basename(modelPath),
    path: modelPath,
    trainedLength: model.contextLength,
    bosToken: '',
    eosToken: '',
    controlTokens: [],
    can: { generate: false, embed: true, rerank: false },
    createdAt: Math.floor(statSync(modelPath).mtimeMs / 1000),
  }
}
