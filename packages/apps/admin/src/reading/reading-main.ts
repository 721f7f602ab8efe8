/** Entry point of the thread in `reading-thread.ts`; handles several queries concurrently while they wait for I/O. */

import { parentPort, workerData } from 'node:worker_threads'
import { isHadalError, messageOf } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { createStyle } from '@hadal/output'
import { questions } from './questions.ts'
import type { Answered, Requested, ReadingPlace } from './reading-thread.ts'

const { env, folder } = workerData as ReadingPlace
const style = createStyle(false)
/** Discards output. */
const terminal: Terminal = {
  print: () => {},
  note: () => {},
  status: () => {},
  isInteractive: false,
  columns: 100,
  style,
  noteStyle: style,
  env,
  folder,
}

parentPort!.on('message', async ({ id, name, given }: Requested) => {
  parentPort!.postMessage(await answerOf(id, name, given))
})

async function answerOf(id: number, name: Requested['name'], given: unknown): Promise<Answered> {
  try {
    return { id, answer: await questions[name](given as never, terminal) }
  } catch (thrown) {
    if (isHadalError(thrown)) return { id, refused: seenFromHere(thrown.toWire()) }
    return { id, failed: messageOf(thrown) }
  }
}

/** Maps a cluster's 401 and 403, which would otherwise be read as this server's response to its client. */
function seenFromHere<T extends { readonly code: string; readonly status: number }>(refused: T): T {
  const isClusters = refused.code.startsWith('cluster_') && (refused.status === 401 || refused.status === 403)
  return isClusters ? { ...refused, status: 502 } : refused
}
