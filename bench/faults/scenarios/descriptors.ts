/** No descriptors are left: connections wait or close, and the process does not end. */

import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { serve, until, works } from '../serving.ts'

const limit = 256

export const descriptors: Scenario = {
  name: 'EMFILE: no file descriptors left',
  inject: `prlimit --nofile=${limit}, and more silent connections than that while requests run`,
  unavailable: () => (process.platform === 'linux' ? undefined : 'prlimit needs Linux'),
  run: async (scale) => {
    await using serving = await serve([], { under: ['prlimit', `--nofile=${limit}`] })
    const requests = new Requests(serving.url)
    const port = Number(new URL(serving.url).port)
    const rounds = Math.max(1, Math.round(5 * scale))
    let [survived, fewestFree] = [0, limit]
    for (let round = 0; round < rounds; round += 1) {
      const running = requests.load(10, 10, () => chat('nano', 200, true))
      const silent = await Promise.all(Array.from({ length: 2 * limit }, () => opened(port)))
      const during = requests.load(20, 4, () => chat('nano', 4), { timeoutMillis: 30_000 })
      for (let look = 0; look < 20 && !serving.hadal.hasEnded; look += 1) {
        fewestFree = Math.min(fewestFree, limit - readdirSync(`/proc/${serving.pid}/fd`).length)
        await sleep(50)
      }
      for (const socket of silent) socket?.destroy()
      await Promise.all([running, during])
      if (await works(serving.url)) survived += 1
      await until(() => readdirSync(`/proc/${serving.pid}/fd`).length < limit / 2, 5000)
    }
    return await requests.account(rounds, survived, {
      problems: serving.hadal.hasEnded ? [`the process ended: ${serving.hadal.output.slice(-300)}`] : [],
      mayLose: true,
      note: `down to ${fewestFree} free descriptors`,
    })
  },
}

export function opened(port: number, localAddress?: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ...(localAddress !== undefined && { localAddress }) })
    socket.on('error', () => resolve(undefined))
    socket.once('connect', () => resolve(socket))
  })
}
