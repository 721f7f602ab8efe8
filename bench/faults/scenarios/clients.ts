/** Clients that are slow, vanish or come by the thousand. */

import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { serve, until, works } from '../serving.ts'
import { opened } from './descriptors.ts'

const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'

const slowAndVanished: Scenario = {
  name: 'slow and vanished clients',
  inject:
    'clients that read a stream slowly, disconnect before or within the response, send a byte of the body a second, or never finish it',
  run: async (scale) => {
    await using serving = await serve([])
    const requests = new Requests(serving.url)
    const port = Number(new URL(serving.url).port)
    const count = Math.max(5, Math.round(100 * scale))
    const sockets: Socket[] = []
    for (let index = 0; index < count; index += 1) {
      const socket = await opened(port)
      if (socket === undefined) continue
      socket.write(`${head}content-length: 1000\r\n\r\n{"model"`)
      sockets.push(socket)
    }
    const trickle = setInterval(() => {
      for (const socket of sockets.slice(0, count / 2)) if (socket.writable) socket.write(' ')
    }, 1000)
    const slow = requests.load(count, 10, () => chat('nano', 60, true), { pauseMillis: 20 })
    const vanishing = requests.load(count, 10, (index) => chat('nano', 200, index % 2 === 0), {
      leaveMillis: 60,
    })
    const others = requests.load(count, 4, (index) => chat('nano', 8, index % 2 === 0))
    await Promise.all([slow, vanishing, others])
    clearInterval(trickle)
    for (const socket of sockets) socket.destroy()
    const survived = (await works(serving.url)) && (await until(() => isIdle(serving.url)))
    return await requests.account(3 * count, survived ? 3 * count : 0)
  },
}

const stalledReaders: Scenario = {
  name: 'readers that stop reading a stream',
  inject: 'connections that request a long stream and never read it',
  run: async (scale) => {
    await using serving = await serve([])
    const requests = new Requests(serving.url)
    const port = Number(new URL(serving.url).port)
    const count = Math.max(4, Math.round(40 * scale))
    const body = JSON.stringify({ ...chat('nano', 400, true), ignore_eos: true })
    const sockets: Socket[] = []
    for (let index = 0; index < count; index += 1) {
      const socket = await opened(port)
      socket?.pause().write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      if (socket !== undefined) sockets.push(socket)
    }
    await requests.load(count, 4, (index) => chat('nano', 8, index % 2 === 0))
    for (const socket of sockets) socket.destroy()
    const survived = (await works(serving.url)) && (await until(() => isIdle(serving.url)))
    return await requests.account(count, survived ? count : 0)
  },
}

const manyConnections: Scenario = {
  name: '10,000 connections',
  inject:
    '10,000 connections from 20 addresses: most are silent, 5 % send requests; health is polled meanwhile',
  unavailable: () =>
    process.platform === 'linux' ? undefined : 'needs the addresses 127.0.0.2 to 127.0.0.21',
  run: async (scale) => {
    const wanted = Math.round(10_000 * scale)
    await using serving = await serve(['--max-connections', String(wanted + 500), '--max-queue', '2000'])
    const requests = new Requests(serving.url)
    const port = Number(new URL(serving.url).port)
    const sockets: Socket[] = []
    for (let at = 0; at < wanted; at += 100) {
      const some = Array.from({ length: 100 }, (_, index) =>
        opened(port, `127.0.0.${2 + ((at + index) % 20)}`),
      )
      for (const socket of await Promise.all(some)) if (socket !== undefined) sockets.push(socket)
    }
    let [healthy, polls, isOver] = [0, 0, false]
    const health = (async () => {
      while (!isOver) {
        polls += 1
        const response = await fetch(`${serving.url}/health`, { signal: AbortSignal.timeout(5000) }).catch(
          () => undefined,
        )
        if (response?.ok === true) healthy += 1
        await sleep(200)
      }
    })()
    await Promise.all(
      Array.from({ length: Math.round(wanted / 20) }, (_, index) =>
        requests.send(chat('nano', 4, index % 2 === 0), { localAddress: `127.0.0.${2 + (index % 20)}` }),
      ),
    )
    isOver = true
    await health
    const open = sockets.filter((socket) => !socket.destroyed).length
    for (const socket of sockets) socket.destroy()
    const survived = await works(serving.url)
    return await requests.account(sockets.length, survived ? sockets.length : 0, {
      problems: [
        ...(healthy < polls ? [`/health failed ${polls - healthy} of ${polls} times`] : []),
        ...(sockets.length < wanted ? [`only ${sockets.length} connections were accepted`] : []),
      ],
      note: `${open} were open at the end; /health answered ${healthy} of ${polls} times`,
    })
  },
}

async function isIdle(url: string): Promise<boolean> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return /^vllm:num_requests_running\S* 0$/m.test(text) && /^vllm:num_requests_waiting\S* 0$/m.test(text)
}

export const clients: readonly Scenario[] = [slowAndVanished, stalledReaders, manyConnections]
