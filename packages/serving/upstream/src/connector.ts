/**
 * Connections that survive a peer that ends while undici's parser waits for a slow reader. `Parser.finish` of undici 7 asserts that the parser does
 * not wait, and the failed assertion ends the process: https://github.com/nodejs/undici/issues/5360, fixed in undici 8, which needs Node 22.19.
 */

import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** What is used of undici's parser, which a socket has under the symbol `parser`. */
interface Parser {
  paused: boolean
  readonly ptr: number | null
  readonly llhttp: { llhttp_resume(ptr: number): void }
  resume(): void
}

/** For `connect` of a dispatcher. */
export function connector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options)
  return (target, callback) =>
    connect(target, (...result) => {
      const [, socket] = result
      // Runs before undici's own listener, which is added later.
      socket?.once('end', () => resumeParser(socket))
      callback(...result)
    })
}

/** All bytes have arrived and wait in the body, so there is nothing left to hold back. */
function resumeParser(socket: Socket): void {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  const parser = symbol && (socket as unknown as Readonly<Record<symbol, Parser | null>>)[symbol]
  if (!parser?.paused) return
  parser.resume()
  // A body that ends with its connection pauses the parser once more.
  if (!parser.paused || parser.ptr === null) return
  parser.llhttp.llhttp_resume(parser.ptr)
  parser.paused = false
}
