/** One request over a connection that is kept, and when its bytes came. Never rejects. */

import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http'

export interface Asked {
  /** Undefined: the connection broke before an answer. */
  readonly status: number | undefined
  readonly replica: string | undefined
  /** From the moment of asking to the first byte of the body, and to its last. */
  readonly firstMillis: number | undefined
  readonly totalMillis: number
  readonly text: string
  /** The answer was cut. */
  readonly isCut: boolean
}

export function ask(url: string, agent: Agent, payload: string): Promise<Asked> {
  const begin = performance.now()
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined
    let firstMillis: number | undefined
    const pieces: Buffer[] = []
    const end = (isCut: boolean): void =>
      resolve({
        status: response?.statusCode,
        replica: response?.headers['x-replica']?.toString(),
        firstMillis,
        totalMillis: performance.now() - begin,
        text: Buffer.concat(pieces).toString(),
        isCut,
      })
    const request = httpRequest(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
      },
      (answer) => {
        response = answer
        answer.on('data', (piece: Buffer) => {
          firstMillis ??= performance.now() - begin
          pieces.push(piece)
        })
        answer.on('end', () => end(false))
        answer.on('error', () => end(true))
      },
    )
    request.on('error', () => end(true))
    request.end(payload)
  })
}
