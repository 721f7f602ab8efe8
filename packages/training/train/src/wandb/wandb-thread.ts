/**
 * The worker thread of the Weights & Biases SDK, for `wandb-log.ts`. In the main thread the SDK would end the process at Ctrl-C
 * before a checkpoint is written, throw uncatchable errors when the connection fails, and send nothing while a step computes.
 */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import { format } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '@hadal/base'
import type { FromThread, ThreadTask, ToThread } from './wandb-log.ts'

/** The used subset of `@wandb/sdk` 0.5. */
interface Sdk {
  init(options: object): Promise<WandbRun>
}

interface WandbRun {
  log(data: object, step: number): void
  finish(exitCode: number): Promise<void>
  url(): string
}

const { module, folder, init } = workerData as ThreadTask
const notify = (message: FromThread): void => parentPort!.postMessage(message)
const firstLine = (text: string): string => text.split('\n')[0]!

/** The SDK prints the cause of a failure on the console and throws a more general error. */
const said: string[] = []
console.log = () => {}
console.error = (...parts) => {
  said.push(firstLine(format(...parts)))
}

/** Found as the recipe would find it. */
function loadSdk(): Sdk | undefined {
  try {
    const { wandb } = createRequire(join(folder, 'package.json'))(module) as { wandb: Sdk }
    return wandb
  } catch (thrown) {
    notify({ missing: firstLine(messageOf(thrown)) })
    return undefined
  }
}

async function openRun(sdk: Sdk): Promise<WandbRun | undefined> {
  try {
    const run = await sdk.init({ ...init, settings: { silent: true } })
    notify({ url: run.url() })
    return run
  } catch (thrown) {
    notify({ refused: [messageOf(thrown), ...said.slice(0, 1)].join('; ') })
    return undefined
  }
}

const sdk = loadSdk()
const run = sdk && (await openRun(sdk))
if (run)
  parentPort!.on('message', async (message: ToThread) => {
    if ('line' in message) return run.log({ ...message.line.metrics }, message.line.step)
    await run.finish(message.exitCode)
    process.exit()
  })
