/**
 * Streams over plain sockets that count events and look at nothing else: what reads the answers must not be what limits them.
 * Knows as much of HTTP as this takes: every answer is chunked, and its last event is `[DONE]`.
 */

import { connect } from 'node:net'

export interface StreamLoad {
  readonly url: string
  readonly path: string
  readonly streams: number
  readonly requestsOfEach: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface StreamCount {
  readonly seconds: number
  readonly requests: number
  readonly events: number
  readonly bytes: number
}

/** Throws when an answer is no stream. */
export async function countStreams(load: StreamLoad): Promise<StreamCount> {
  const begin = performance.now()
  const counts = await Promise.all(Array.from({ length: load.streams }, () => oneStream(load)))
  const sum = (read: (count: { events: number; bytes: number }) => number): number =>
    counts.reduce((total, count) => total + read(count), 0)
  return {
    seconds: (performance.now() - begin) / 1000,
    requests: load.streams * load.requestsOfEach,
    events: sum(({ events }) => events),
    bytes: sum(({ bytes }) => bytes),
  }
}

const eventEnd = Buffer.from('\n\n')
const bodyEnd = Buffer.from('\r\n0\r\n\r\n')

function oneStream({
  url,
  path,
  requestsOfEach,
  body,
}: StreamLoad): Promise<{ events: number; bytes: number }> {
  const { hostname, port } = new URL(url)
  const text = JSON.stringify(body)
  const request = `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    let [asked, events, bytes] = [1, 0, 0]
    let isAnswer = false
    // What a mark may have been cut in.
    let tail = Buffer.alloc(0)
    socket.on('data', (read) => {
      bytes += read.length
      const data = tail.length === 0 ? read : Buffer.concat([tail, read])
      if (!isAnswer) {
        if (!data.subarray(0, 15).toString('latin1').startsWith('HTTP/1.1 200 OK'))
          reject(new Error(data.toString('latin1', 0, 500)))
        isAnswer = true
      }
      let seen = 0
      for (let at = data.indexOf(eventEnd); at >= 0; at = data.indexOf(eventEnd, seen)) {
        events += 1
        seen = at + eventEnd.length
      }
      const isOver = data.subarray(-bodyEnd.length).equals(bodyEnd)
      tail = isOver ? Buffer.alloc(0) : Buffer.from(data.subarray(Math.max(seen, data.length - 8)))
      if (!isOver) return
      isAnswer = false
      if (asked === requestsOfEach) {
        socket.end()
        resolve({ events, bytes })
      } else {
        asked += 1
        socket.write(request)
      }
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed the connection')))
    socket.write(request)
  })
}
