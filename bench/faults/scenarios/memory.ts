/** Memory runs out: the engine process dies, its requests get an error, and another one serves. */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { engineOf } from '../../processes.ts'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { serve, until, works } from '../serving.ts'

const groups = '/sys/fs/cgroup'
const group = existsSync(`${groups}/memory`)
  ? `${groups}/memory/hadal-no-memory`
  : `${groups}/hadal-no-memory`
const limitFile = existsSync(`${groups}/memory`) ? 'memory.limit_in_bytes' : 'memory.max'

export const memory: Scenario = {
  name: 'ENOMEM: no memory left for the engine process',
  inject: 'the running engine process moves into a cgroup with 4 KiB for new memory: the kernel kills it',
  unavailable: () => {
    try {
      mkdirSync(group, { recursive: true })
      writeFileSync(`${group}/${limitFile}`, '4096')
      return undefined
    } catch {
      return 'no permission to make a memory cgroup'
    } finally {
      if (existsSync(group)) rmdirSync(group)
    }
  },
  run: async (scale) => {
    mkdirSync(group, { recursive: true })
    writeFileSync(`${group}/${limitFile}`, '4096')
    try {
      return await withoutMemory(Math.max(1, Math.round(5 * scale)))
    } finally {
      await until(() => readFileSync(`${group}/cgroup.procs`, 'utf8') === '', 5000)
      rmdirSync(group)
    }
  },
}

async function withoutMemory(rounds: number): ReturnType<Scenario['run']> {
  await using serving = await serve([])
  const requests = new Requests(serving.url)
  let [injected, survived] = [0, 0]
  for (let round = 0; round < rounds; round += 1) {
    const load = requests.load(40, 12, (index) => chat('nano', 100 + ((20 * index) % 300), index % 2 === 0))
    await sleep(150)
    const engine = engineOf(serving.pid)!
    writeFileSync(`${group}/cgroup.procs`, String(engine))
    await load
    if (engineOf(serving.pid) === engine) continue
    injected += 1
    if (await works(serving.url)) survived += 1
  }
  return await requests.account(injected, survived, {
    problems: injected === 0 ? ['the engine process needed no more memory: nothing was injected'] : [],
    note: `killed in ${injected} of ${rounds} attempts`,
  })
}
