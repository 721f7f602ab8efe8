/** Ten times more requests than a server can answer, for a while: who was let in, who was sent away, and what they were told. */

import { Agent } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { engineOf, residentMiB } from '../processes.ts'
import type { RunningServer } from '../serving/contenders.ts'
import { words } from '../serving/make-model.ts'
import { type StreamedCompletion, streamCompletion } from '../stream-completion.ts'

export interface OverloadPlan {
  readonly clients: number
  /** Of the load; what comes before takes a tenth of it, 3 s at least. */
  readonly seconds: number
  /** Times what was measured to be the capacity. */
  readonly factor: number
  readonly promptTokens: number
  readonly outputTokens: number
}

export interface MemorySample {
  readonly second: number
  readonly serverMiB: number
  readonly engineMiB: number
}

export interface OverloadRun {
  /** Requests a second of so many clients that wait for their answers. */
  readonly capacity: number
  readonly calm: readonly StreamedCompletion[]
  readonly offered: readonly StreamedCompletion[]
  /** Of the process that sends them: what it adds to every latency. */
  readonly senderDelayP99Millis: number
  readonly memory: readonly MemorySample[]
  /** From the last request of the load to the first token of a new one that came as soon as before the load. */
  readonly recoveryMillis: number
}

const probeMillis = 50
const patienceMillis = 30_000

export async function overload(server: RunningServer, plan: OverloadPlan): Promise<OverloadRun> {
  const agent = new Agent({ keepAlive: true })
  let next = 0
  const send = (): Promise<StreamedCompletion> => {
    next += 1
    const body = requestBody(plan, next)
    return streamCompletion(`${server.url}/v1/completions`, body, { agent })
  }
  const memory: MemorySample[] = []
  try {
    await closedLoop(send, plan.clients, 1)
    const calmSeconds = Math.max(3, plan.seconds / 10)
    const calm = await closedLoop(send, plan.clients, calmSeconds)
    const capacity = calm.filter(wasServed).length / calmSeconds
    if (capacity === 0) throw new Error(`nobody was served before the load: ${calm[0]?.errorCode}`)

    const begin = performance.now()
    const sample = (): void => {
      const engine = engineOf(server.pid)
      memory.push({
        second: (performance.now() - begin) / 1000,
        serverMiB: residentMiB(server.pid),
        engineMiB: engine === undefined ? 0 : residentMiB(engine),
      })
    }
    sample()
    const sampling = setInterval(sample, 1000)
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const answers = await openLoop(send, capacity * plan.factor, plan.seconds)
    delay.disable()
    const loadEndedAt = performance.now()
    const usual = percentileOf(calm.filter(wasServed).map(ttftOf), 0.99)
    const recoveryMillis = await recovered(send, usual, loadEndedAt)
    const offered = await Promise.all(answers)
    sample()
    clearInterval(sampling)
    const senderDelayP99Millis = delay.percentile(99) / 1e6
    return { capacity, calm, offered, senderDelayP99Millis, memory, recoveryMillis }
  } finally {
    agent.destroy()
  }
}

export const wasServed = (answer: StreamedCompletion): boolean =>
  answer.complete && answer.errorCode === undefined && answer.broken === undefined

export const ttftOf = ({ sentAt, pieces }: StreamedCompletion): number => pieces[0]!.at - sentAt

export function percentileOf(values: readonly number[], fraction: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN
}

function requestBody({ promptTokens, outputTokens }: OverloadPlan, number: number) {
  const word = (at: number): string => words[(number * 13 + at * at * 7) % words.length]!
  const prompt = `${number} ${Array.from({ length: promptTokens }, (_, at) => word(at)).join(' ')}`
  return { model: 'bench', prompt, max_tokens: outputTokens, temperature: 0, ignore_eos: true }
}

type Send = () => Promise<StreamedCompletion>

async function closedLoop(send: Send, clients: number, seconds: number): Promise<StreamedCompletion[]> {
  const until = performance.now() + seconds * 1000
  const answers: StreamedCompletion[] = []
  const client = async (): Promise<void> => {
    while (performance.now() < until) answers.push(await send())
  }
  await Promise.all(Array.from({ length: clients }, client))
  return answers
}

/** A Poisson process; resolves with the last request sent, not answered. */
async function openLoop(send: Send, rate: number, seconds: number): Promise<Promise<StreamedCompletion>[]> {
  const answers: Promise<StreamedCompletion>[] = []
  const begin = performance.now()
  for (let due = 0; due < seconds; due += -Math.log(1 - Math.random()) / rate) {
    const wait = begin + due * 1000 - performance.now()
    if (wait > 1) await sleep(wait)
    // Lets answers be read where the sender is behind.
    else if (answers.length % 8 === 0) await new Promise((resolve) => setImmediate(resolve))
    answers.push(send())
  }
  return answers
}

/** A new request every now and then, until one is answered as soon as usual. */
async function recovered(send: Send, usualMillis: number, since: number): Promise<number> {
  let normalAt = Number.POSITIVE_INFINITY
  const probe = async (): Promise<void> => {
    const answer = await send()
    if (wasServed(answer) && ttftOf(answer) <= usualMillis)
      normalAt = Math.min(normalAt, answer.pieces[0]!.at - since)
  }
  while (normalAt === Number.POSITIVE_INFINITY && performance.now() - since < patienceMillis) {
    void probe()
    await sleep(probeMillis)
  }
  return normalAt
}
