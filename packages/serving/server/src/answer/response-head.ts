/** Headers of responses written in pieces, and their keep-alives. */

import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'

export const outgoing = (reply: FastifyReply): OutgoingHttpHeaders =>
  reply.getHeaders() as OutgoingHttpHeaders

/** Writes the headers for server-sent events. */
export function beginEvents(reply: FastifyReply): void {
  begin(reply, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    // Disables nginx's response buffering.
    'x-accel-buffering': 'no',
  })
}

function beginWhole(reply: FastifyReply): void {
  begin(reply, { 'content-type': 'application/json; charset=utf-8' })
}

/** Sends a keep-alive: a comment in an event stream, white space before a document. Writes the headers first if needed. */
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
