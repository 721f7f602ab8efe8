/**
 * The engine's own process: a native crash ends it and nothing else. Talks to its parent over the channel it was forked
 * with, and ends when that closes.
 */

import { HadalError, systemClock } from '@hadal/base'
import { adapterUnusable } from '../../errors.ts'
import type { FromProcess, ToProcess, WireError } from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { EngineLoop } from './engine-loop.ts'
import { loadModel } from './load-model.ts'
import type { LoadedAdapters } from './loaded-adapters.ts'
import { openSpeculation } from './open-speculation.ts'
import { PooledLoop } from './pooled-loop.ts'
import { QuestionDesk } from './question-desk.ts'

const send = (message: FromProcess): void => void process.send!(message)

async function open(config: LlamaConfig, adapters: NonNullable<ToProcess['adapters']>): Promise<void> {
  try {
    const { vocabulary, generator, pooled, info, choices } = await loadModel(config, systemClock)
    const guessing = generator && (await openSpeculation(config, generator, systemClock))
    const lostAdapters = await loadAdapters(generator?.adapters, adapters)
    const pooledLoop =
      pooled === undefined ? undefined : new PooledLoop(config, pooled, vocabulary, send, systemClock)
    const sendStep = (message: FromProcess): void => {
      if (message.type === 'step' && message.step !== undefined) pooledLoop?.sawStep(message.step)
      send(message)
    }
    const loop =
      generator === undefined
        ? new QuestionDesk(vocabulary, send)
        : new EngineLoop(config, generator, guessing?.speculation, sendStep, systemClock)
    process.on('message', (message: ToProcess) => {
      loop.receive(message)
      pooledLoop?.receive(message)
    })
    const allChoices = guessing === undefined ? choices : [...choices, guessing.choice]
    send({ type: 'ready', model: info, choices: allChoices, lostAdapters })
  } catch (thrown) {
    if (!(thrown instanceof HadalError)) throw thrown
    process.send!({ type: 'failed', error: thrown.toJSON() } satisfies FromProcess, () => process.exit(1))
  }
}

/** Returns why some are lost, where they may be. */
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

// The parent drains on these and then closes the channel; a terminal sends them to both.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))
process.once('message', ({ open: config, adapters }: ToProcess) => void open(config!, adapters!))
