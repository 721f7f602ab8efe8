/** How an answer begins that is written piece by piece, and what keeps its connection alive. Knows nothing of what follows. */

import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'

export const outgoing = (reply: FastifyReply): OutgoingHttpHeaders =>
  reply.getHeaders() as OutgoingHttpHeaders

/** Of server-sent events. */
export function beginEvents(reply: FastifyReply): void {
  begin(reply, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    // Tells nginx not to collect the events.
    'x-accel-buffering': 'no',
  })
}

function beginWhole(reply: FastifyReply): void {
  begin(reply, { 'content-type': 'application/json; charset=utf-8' })
}

/** To a reader who has read all there is: a comment among events, white space before a document. Begins what has not begun. */
export function sayNothing(reply: FastifyReply, streams: boolean, event = ': keep-alive\n\n'): void {
  if (streams) beginEvents(reply)
  else beginWhole(reply)
  const { raw } = reply
  if (!raw.destroyed && raw.writableLength === 0) raw.write(streams ? event : '\n')
}

function begin(reply: FastifyReply, headers: OutgoingHttpHeaders): void {
  if (reply.raw.headersSent) return
  reply.hijack()
  reply.raw.writeHead(200, { ...outgoing(reply), ...headers })
}
