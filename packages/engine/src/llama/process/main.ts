/**
 * The engine's own process: a native crash ends it and nothing else. Talks to its parent over the channel it was forked
 * with, and ends when that closes.
 */

import { HadalError, systemClock } from '@hadal/base'
import type { FromProcess, ToProcess } from '../messages.ts'
import type { LlamaConfig } from '../options.ts'
import { EngineLoop } from './engine-loop.ts'
import { loadModel } from './load-model.ts'
import { PooledLoop } from './pooled-loop.ts'
import { QuestionDesk } from './question-desk.ts'

const send = (message: FromProcess): void => void process.send!(message)

async function open(config: LlamaConfig): Promise<void> {
  try {
    const { vocabulary, generator, pooled, info, choices } = await loadModel(config, systemClock)
    const pooledLoop =
      pooled === undefined ? undefined : new PooledLoop(config, pooled, vocabulary, send, systemClock)
    const sendStep = (message: FromProcess): void => {
      if (message.type === 'step' && message.step !== undefined) pooledLoop?.sawStep(message.step)
      send(message)
    }
    const loop =
      generator === undefined
        ? new QuestionDesk(vocabulary, send)
        : new EngineLoop(config, generator, sendStep, systemClock)
    process.on('message', (message: ToProcess) => {
      loop.receive(message)
      pooledLoop?.receive(message)
    })
    send({ type: 'ready', model: info, choices })
  } catch (thrown) {
    if (!(thrown instanceof HadalError)) throw thrown
    process.send!({ type: 'failed', error: thrown.toJSON() } satisfies FromProcess, () => process.exit(1))
  }
}

// The parent drains on these and then closes the channel; a terminal sends them to both.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))
process.once('message', (message: ToProcess) => void open(message.open!))
