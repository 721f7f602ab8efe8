/** Processes are killed or stopped while requests run. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeTinyClip } from '../../../packages/apps/cli/test/tiny-clip.ts'
import { failingReplicas } from '../../gateway/failing-replicas.ts'
import { killRuns } from '../../kills/kills.ts'
import { childrenOf, engineOf } from '../../processes.ts'
import { soak } from '../../soak/soak.ts'
import { onnxFile, tensors } from '../onnx-request.ts'
import { chat, Requests } from '../requests.ts'
import type { Outcome, Scenario } from '../scenario.ts'
import { createKey, recordedRequests, serve, serveModels, TemporaryFolder, until, works } from '../serving.ts'

const onLinux = (): string | undefined => (process.platform === 'linux' ? undefined : 'reads /proc')

const killedGateway: Scenario = {
  name: 'SIGKILL of the gateway',
  inject: 'kill -9 while requests with a key run; started again with the same database and journal',
  run: async (scale) => {
    using folder = new TemporaryFolder()
    const database = join(folder.path, 'accounts.sqlite')
    const key = createKey(database)
    const rounds = Math.max(1, Math.round(8 * scale))
    const clients = 8
    let [survived, answered, submitted] = [0, 0, 0]
    const outcomes: Outcome[] = []
    for (let round = 0; round < rounds; round += 1) {
      await using serving = await serve(['--database', database])
      if (await works(serving.url, { key })) survived += 1
      const requests = new Requests(serving.url, `round-${round}`)
      const load = requests.load(60, clients, (index) => chat('nano', 4 + (index % 30), index % 2 === 0), {
        key,
      })
      await sleep(200 + 40 * round)
      serving.hadal.child.kill('SIGKILL')
      await load
      const outcome = await requests.account(1, 1, { mayLose: true })
      outcomes.push(outcome)
      answered += outcome.answered + 1
      submitted += outcome.requests + 1
    }
    await using last = await serve(['--database', database])
    await until(() => recordedRequests(database) >= answered, 5000)
    last.hadal.child.kill('SIGTERM')
    await last.hadal.ended()
    const records = recordedRequests(database)
    // A client may have its response a moment before the usage is in the journal.
    const missing = Math.max(0, answered - records)
    const all = sum(outcomes)
    return {
      ...all,
      lost: { ...all.lost, ...(missing > 0 && { 'usage not recorded': missing }) },
      ...{ injected: rounds, survived },
      duplicated: all.duplicated + Math.max(0, records - submitted),
      problems: [
        ...all.problems,
        ...(missing > rounds * clients ? [`usage of ${missing} responses was not recorded`] : []),
        ...(records > submitted ? [`${records} usage records of ${submitted} requests`] : []),
      ],
      note: `lost are the requests that ran or were sent while it was down: their connections closed; ${records} usage records for ${answered} responses`,
    }
  },
}

const stopped = (what: string, pidOf: (gateway: number) => number): Scenario => ({
  name: `SIGSTOP and SIGCONT of the ${what}`,
  inject: 'stopped for 2 s while streams and requests run',
  unavailable: onLinux,
  run: async (scale) => {
    await using serving = await serve([])
    const requests = new Requests(serving.url)
    const rounds = Math.max(1, Math.round(5 * scale))
    let survived = 0
    for (let round = 0; round < rounds; round += 1) {
      const load = requests.load(40, 8, (index) => chat('nano', 30, index % 2 === 0))
      await sleep(300)
      const pid = pidOf(serving.pid)
      process.kill(pid, 'SIGSTOP')
      await sleep(2000)
      process.kill(pid, 'SIGCONT')
      await load
      if (await works(serving.url)) survived += 1
    }
    return await requests.account(rounds, survived)
  },
})

const killedEngine: Scenario = {
  name: 'SIGKILL of the engine process, slow and vanished readers',
  inject:
    'as `npm run bench soak`: killed every second while a fifth of the readers disconnect and a tenth read slowly',
  unavailable: onLinux,
  run: async (scale) => {
    await using serving = await serve([
      '--max-batch-size',
      '8',
      '--max-queue',
      '12',
      '--context-length',
      '128',
    ])
    const plan = { requests: Math.round(3000 * scale), clients: 24, killMillis: 1000, maxTokens: 6, seed: 1 }
    const { outcomes, kills, faults } = await soak({ url: serving.url, pid: serving.pid }, plan)
    const { answered = 0, left = 0, ...refused } = outcomes
    return {
      ...{ injected: kills, survived: (await works(serving.url)) ? kills : 0, requests: plan.requests },
      ...{ answered, refused, lost: {}, duplicated: outcomes['an answer twice'] ?? 0, problems: faults },
      note: `${left} clients disconnected`,
    }
  },
}

const failingUpstreams: Scenario = {
  name: 'SIGSTOP and SIGKILL of upstream servers',
  inject:
    'as `npm run bench gateway -- --only failures`: of three servers one is stopped and one killed under a steady load',
  run: async (scale) => {
    const run = await failingReplicas({
      ...{ routing: 'prefix', gateway: 'hadal serve' },
      ...{ seconds: Math.max(4, 15 * scale), perSecond: 40 },
    })
    const { requests, answered, failedBeforeFirstByte, cutAfterFirstByte, failures } = run
    return {
      ...{ injected: 2, survived: failedBeforeFirstByte === 0 ? 2 : 0, requests, answered },
      refused: {},
      lost: {
        ...(failedBeforeFirstByte > 0 && { 'failed before the first byte': failedBeforeFirstByte }),
        ...(cutAfterFirstByte > 0 && { 'stream of a killed or stopped server': cutAfterFirstByte }),
      },
      ...{ duplicated: 0, problems: failures },
    }
  },
}

const killedTraining: Scenario = {
  name: 'SIGKILL of a training run',
  inject:
    'as `npm run bench kills`: at random instants, also while a checkpoint is written; each run is resumed and compared with one that was not killed',
  run: async (scale) => {
    const count = Math.max(1, Math.round(10 * scale))
    const { runs, checkpoints, faults } = await killRuns({ kills: count, seed: 1, steps: 40 })
    return {
      ...{ injected: count, survived: count, requests: runs, answered: runs },
      ...{ refused: {}, lost: {}, duplicated: 0, problems: faults },
      note: `requests are runs; ${checkpoints} checkpoints read`,
    }
  },
}

const killedChildren: Scenario = {
  name: 'SIGKILL of every child process',
  inject:
    'the processes of a GGUF, an ONNX and a CLIP model are killed at once, while requests to all three run',
  unavailable: onLinux,
  run: async (scale) => {
    using folder = new TemporaryFolder()
    const clip = join(folder.path, 'clip')
    writeTinyClip(clip)
    await using serving = await serveModels(folder, [
      { id: 'nano', model: 'nano' },
      { id: 'onnx', model: onnxFile('simple') },
      { id: 'clip', model: clip },
    ])
    const requests = new Requests(serving.url)
    const round = (count: number): Promise<unknown> =>
      Promise.all([
        requests.load(count, 2, (index) => chat('nano', 20, index % 2 === 0)),
        requests.load(count, 2, () => tensors, { path: '/v2/models/onnx/infer' }),
        requests.load(count, 2, () => ({ model: 'clip', input: ['a red square'] }), {
          path: '/v1/embeddings',
        }),
      ])
    await round(1)
    const rounds = Math.max(1, Math.round(5 * scale))
    let [injected, survived] = [0, 0]
    for (let number = 0; number < rounds; number += 1) {
      const load = round(20)
      await sleep(20 + 10 * number)
      const children = childrenOf(serving.pid)
      for (const child of children) process.kill(child, 'SIGKILL')
      injected += children.length
      await load
      const back = await until(async () => {
        const [first, second] = await Promise.all([
          requests.send(tensors, { path: '/v2/models/onnx/infer' }),
          requests.send({ model: 'clip', input: ['a cat'] }, { path: '/v1/embeddings' }),
        ])
        return first.outcome === 'answered' && second.outcome === 'answered'
      })
      if (back && (await works(serving.url))) survived += children.length
    }
    return await requests.account(injected, survived)
  },
}

function sum(outcomes: readonly Outcome[]): Outcome {
  const added = (of: (outcome: Outcome) => Readonly<Record<string, number>>): Record<string, number> => {
    const all: Record<string, number> = {}
    for (const outcome of outcomes)
      for (const [name, count] of Object.entries(of(outcome))) all[name] = (all[name] ?? 0) + count
    return all
  }
  const plain = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  return {
    injected: plain(({ injected }) => injected),
    survived: plain(({ survived }) => survived),
    requests: plain(({ requests }) => requests),
    answered: plain(({ answered }) => answered),
    refused: added(({ refused }) => refused),
    lost: added(({ lost }) => lost),
    duplicated: plain(({ duplicated }) => duplicated),
    problems: outcomes.flatMap(({ problems }) => problems),
  }
}

export const processes: readonly Scenario[] = [
  killedGateway,
  stopped('gateway', (gateway) => gateway),
  killedEngine,
  stopped('engine process', (gateway) => engineOf(gateway)!),
  killedChildren,
  failingUpstreams,
  killedTraining,
]
