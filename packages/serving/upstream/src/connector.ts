/**
 * Works around a bug of undici 7: when a peer closes the connection while the parser is paused because the body is read slowly, a failed assertion
 * in `Parser.finish` ends the process. https://github.com/nodejs/undici/issues/5360 is fixed in undici 8, which needs Node 22.19.
 */

import type { Socket } from 'node:net'
import { buildConnector } from 'undici'

/** The part of undici's parser that is used here. A socket holds it under the symbol `parser`. */
interface Parser {
  paused: boolean
  readonly ptr: number | null
  readonly llhttp: { llhttp_resume(ptr: number): void }
  resume(): void
}

/** The `connect` option of a dispatcher. */
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

/** All bytes have arrived, so pausing has no use any more. */
function resumeParser(socket: Socket): void {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  const parser = symbol && (socket as unknown as Readonly<Record<symbol, Parser | null>>)[symbol]
  if (!parser?.paused) return
  parser.resume()
  // A body that is delimited by the end of the connection pauses the parser again.
  if (!parser.paused || parser.ptr === null) return
  parser.llhttp.llhttp_resume(parser.ptr)
  parser.paused = false
}
