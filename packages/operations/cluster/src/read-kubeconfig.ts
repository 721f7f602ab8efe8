/** Reads a kubeconfig. It may be a pipe, as in `--kubeconfig <(...)`, possibly without a writer. */

import { constants } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatMillis } from '@hadal/base'

/** Until something comes out of a pipe, and between two of its pieces. */
const silenceMillis = 10_000
const pauseMillis = 20

/** Rejects with the system's error, and when a pipe is silent for ten seconds. */
export async function readKubeconfig(path: string): Promise<string> {
  // To open a named pipe waits for its other end, and not even a signal ends that.
  return (await stat(path)).isFIFO() ? await readPipe(path) : await readFile(path, 'utf8')
}

async function readPipe(path: string): Promise<string> {
  await using pipe = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const pieces: Buffer[] = []
  const buffer = Buffer.alloc(65_536)
  for (let silent = 0; silent < silenceMillis; ) {
    const bytes = await pipe.read(buffer, 0, buffer.length, null).then(
      ({ bytesRead }) => bytesRead,
      (thrown: NodeJS.ErrnoException) => {
        if (thrown.code === 'EAGAIN') return undefined
        throw thrown
      },
    )
    if (bytes === 0 && pieces.length > 0) return Buffer.concat(pieces).toString('utf8')
    if (bytes) {
      pieces.push(Buffer.from(buffer.subarray(0, bytes)))
      silent = 0
    } else {
      await sleep(pauseMillis)
      silent += pauseMillis
    }
  }
  throw new Error(`${path} is a pipe that said nothing for ${formatMillis(silenceMillis)}`)
}
