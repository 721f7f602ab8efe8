/** Tests native libraries in separate processes, so that crashes are contained. */

import { isHadalError, messageOf, programEntry } from '@hadal/base'
import { createLlamaEngine } from '@hadal/engine'
import type { Terminal } from '@hadal/output'
import { runCommand } from '@hadal/output'
import { listBundledModels } from '@hadal/service'

const tokens = 1

/** Loads a bundled model and computes a token. Undefined where no model came with Hadal. */
export async function probeLlama(signal: AbortSignal): Promise<object | undefined> {
  const model = listBundledModels()[0]
  if (model === undefined) return undefined
  const begin = performance.now()
  const engine = createLlamaEngine({
    modelPath: model.path,
    contextLength: 64,
    maxBatchSize: 1,
    preload: false,
    speculation: 'off',
  })
  try {
    await Promise.race([engine.ready(), aborted(signal)])
    let made = 0
    const request = { id: 'doctor', prompt: 'The sea', maxTokens: tokens, sampling: {}, stop: [] }
    for await (const event of engine.generate(request, signal))
      if (event.type === 'done') made = event.usage.completionTokens
    return {
      model: model.name,
      millis: Math.round(performance.now() - begin),
      tokens: made,
      choices: engine.choices,
    }
  } catch (thrown) {
    if (signal.aborted) throw thrown
    return faultOf(thrown)
  } finally {
    await engine[Symbol.asyncDispose]()
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(new Error('it took too long to load'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })

const faultOf = (thrown: unknown): object => ({
  fault: messageOf(thrown).split('\n')[0],
  ...(isHadalError(thrown) && { code: thrown.code, help: thrown.help }),
})

const tensorMillis = 10_000

/** Loads the tensor addon and adds up a tensor. */
export const probeLibtorch =
  ({ env }: Pick<Terminal, 'env'>, limitMillis: number = tensorMillis) =>
  async (signal: AbortSignal): Promise<object> => {
    const { path, execArgv } = programEntry(import.meta.url, './tensor-main')
    const reading = await runCommand([process.execPath, ...execArgv, path], {
      limitMillis,
      env,
      signal,
    })
    if (!('failed' in reading)) return JSON.parse(reading.text)
    const said = reading.text?.trim().split('\n').at(-1)
    return { fault: `${reading.detail}${said === undefined ? '' : `: ${said}`}` }
  }
