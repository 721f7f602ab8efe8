/**
 * Ports for tests whose server cannot choose one itself. A port from `listen(0)` may be given to another process as soon as it is
 * closed. These ports lie outside the ephemeral range of Linux, and each process takes them from a separate block.
 */

import { once } from 'node:events'
import { holdPort } from '../src/free-port.ts'

const first = 10_240
const end = 32_768
const blockSize = 64

let block: Promise<number> | undefined
let used = 0

/** A port that nothing listens on and that no other test process is given. */
export async function freePort(): Promise<number> {
  block ??= reserveBlock()
  const start = await block
  for (let tries = 1; tries < blockSize; tries++) {
    const port = start + 1 + (used++ % (blockSize - 1))
    const server = await holdPort({ port })
    if (server === undefined) continue
    await once(server.close(), 'close')
    return port
  }
  throw new Error(`ports ${start + 1} to ${start + blockSize - 1} are all in use`)
}

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort())
  return ports
}

/** Listens on the first port of a block until the process ends, so no other process takes the same block. */
async function reserveBlock(): Promise<number> {
  const blocks = Math.floor((end - first) / blockSize)
  for (let tries = 0; tries < blocks; tries++) {
    const start = first + ((process.pid + tries) % blocks) * blockSize
    const server = await holdPort({ port: start })
    if (server === undefined) continue
    server.unref()
    return start
  }
  throw new Error(`no block of ports between ${first} and ${end} is free`)
}
