/** The compute thread in the process of an ONNX model: runs one request after another, while the main thread reads messages. */

import { parentPort, workerData } from 'node:worker_threads'
import { isHadalError } from '@hadal/base'
import type { WireError } from '../../llama/messages.ts'
import type { TensorSpec, TensorValue } from '../../tensor-value.ts'
import { openSession, type SessionChoice } from '../open-session.ts'

export interface SessionThreadData extends SessionChoice {
  readonly path: string
}

export interface ToSessionThread {
  readonly id: number
  readonly feeds: readonly TensorValue[]
  readonly outputs: readonly string[]
}

export type FromSessionThread =
  | {
      readonly type: 'open'
      readonly runtimeVersion: string
      readonly inputs: readonly TensorSpec[]
      readonly outputs: readonly TensorSpec[]
    }
  | { readonly type: 'failed'; readonly error: WireError }
  | { readonly type: 'ran'; readonly id: number; readonly values: readonly TensorValue[] }
  | { readonly type: 'refused'; readonly id: number; readonly error: WireError }

const send = (message: FromSessionThread): void => parentPort!.postMessage(message)

const { path, ...choice } = workerData as SessionThreadData
try {
  const { runtimeVersion, inputs, outputs, run } = await openSession(path, choice)
  parentPort!.on('message', async ({ id, feeds, outputs: wanted }: ToSessionThread) => {
    try {
      send({ type: 'ran', id, values: await run(feeds, wanted) })
    } catch (thrown) {
      send({ type: 'refused', id, error: inWire(thrown) })
    }
  })
  send({ type: 'open', runtimeVersion, inputs, outputs })
} catch (thrown) {
  send({ type: 'failed', error: inWire(thrown) })
}

/** An undeclared error is a bug and ends the process. */
function inWire(thrown: unknown): WireError {
  if (!isHadalError(thrown)) throw thrown
  return thrown.toWire()
}
