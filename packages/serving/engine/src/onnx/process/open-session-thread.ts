/** A model whose runs are computed on a separate thread (`session-thread.ts`), with the interface of a local session. */

import { HadalError, startThread } from '@hadal/base'
import type { TensorValue } from '../../tensor-value.ts'
import type { OpenSession } from '../open-session.ts'
import type { FromSessionThread, SessionThreadData, ToSessionThread } from './session-thread.ts'

interface Waiting {
  readonly resolve: (values: TensorValue[]) => void
  readonly reject: (error: HadalError) => void
}

/** Throws what `openSession` throws. If the thread ends, so does this process. */
export function openSessionThread(data: SessionThreadData): Promise<OpenSession> {
  const thread = startThread(import.meta.url, './session-thread', { workerData: data })
  const waiting = new Map<number, Waiting>()
  let nextId = 1
  const run: OpenSession['run'] = (feeds, outputs) =>
    new Promise((resolve, reject) => {
      const id = nextId
      nextId += 1
      waiting.set(id, { resolve, reject })
      const given = feeds.map(ownBytes)
      const buffers = given.flatMap(({ data: bytes }) => (bytes instanceof Uint8Array ? [bytes.buffer] : []))
      thread.postMessage({ id, feeds: given, outputs } satisfies ToSessionThread, buffers as ArrayBuffer[])
    })
  return new Promise((resolve, reject) => {
    thread.on('error', (error) => {
      throw error
    })
    thread.on('message', (message: FromSessionThread) => {
      if (message.type === 'failed') return reject(HadalError.revive(message.error))
      if (message.type === 'open') {
        const { runtimeVersion, inputs, outputs } = message
        return resolve({
          runtimeVersion,
          inputs,
          outputs,
          run,
          close: async () => void (await thread.terminate()),
        })
      }
      const { resolve: give, reject: refuse } = waiting.get(message.id)!
      waiting.delete(message.id)
      if (message.type === 'ran') give([...message.values])
      else refuse(HadalError.revive(message.error))
    })
  })
}

/** A transferable copy: the request's data may be needed again. */
const ownBytes = (value: TensorValue): TensorValue =>
  value.data instanceof Uint8Array ? { ...value, data: new Uint8Array(value.data) } : value
