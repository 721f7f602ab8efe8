/**
 * Three replicas in processes of their own, of which one is slow from the start, one is stopped (its kernel still takes
 * connections, and nobody answers) and one is killed, under a steady load. What counts: requests that failed before any byte.
 */

import { Agent } from 'node:http'
import { percentileOf } from '../overload/overload.ts'
import { type Asked, ask } from './ask.ts'
import { type GatewayKind, startGateway } from './gateways.ts'
import { startProgram } from './program.ts'

export interface FailureRun {
  readonly routing: string
  readonly hedgeAfterMillis: number | undefined
  readonly requests: number
  readonly answered: number
  readonly failedBeforeFirstByte: number
  readonly cutAfterFirstByte: number
  readonly firstP50: number
  readonly firstP99: number
  readonly longestFirst: number
  readonly retried: number
  readonly hedged: number
  readonly failures: readonly string[]
}

export interface FailurePlan {
  readonly seconds: number
  readonly perSecond: number
  readonly routing: string
  readonly hedgeAfterMillis?: number
  readonly gateway: GatewayKind
}

export async function failingReplicas(plan: FailurePlan): Promise<FailureRun> {
  const { seconds, perSecond, routing, hedgeAfterMillis, gateway } = plan
  const manners = [
    { firstMillis: 20, betweenMillis: 5, tokens: 20 },
    { firstMillis: 20, betweenMillis: 5, tokens: 20 },
    { firstMillis: 150, betweenMillis: 15, tokens: 20 },
  ]
  await using replicas = await programs(manners.map((manner) => JSON.stringify(manner)))
  const [hangs, dies] = replicas.all as [(typeof replicas.all)[0], (typeof replicas.all)[0]]
  const options = {
    replicas: replicas.all.map(({ url }) => `${url}/v1`),
    routing,
    healthIntervalMillis: 500,
    healthTimeoutMillis: 1000,
    firstByteTimeoutMillis: 2000,
    answerTimeoutMillis: 5000,
    idleTimeoutMillis: 5000,
    maxQueue: 2000,
    ...(hedgeAfterMillis !== undefined && { hedgeAfterMillis }),
  }
  await using front = await startGateway(gateway, options)
  const agent = new Agent({ keepAlive: true })
  const asked: Promise<Asked>[] = []
  const total = seconds * perSecond
  const begin = performance.now()
  for (let index = 0; index < total; index += 1) {
    const dueIn = begin + (index * 1000) / perSecond - performance.now()
    if (dueIn > 0) await new Promise((resolve) => setTimeout(resolve, dueIn))
    if (index === Math.floor(total / 4)) hangs.child.kill('SIGSTOP')
    if (index === Math.floor(total / 2)) dies.child.kill('SIGKILL')
    const content = `This is conversation ${index % 50}, which is about something. ${'And so on. '.repeat(30)}`
    const body = { model: 'm', stream: index % 4 !== 0, messages: [{ role: 'user', content }] }
    asked.push(ask(`${front.url}/v1/chat/completions`, agent, JSON.stringify(body)))
  }
  const ends = await Promise.all(asked)
  agent.destroy()
  const { retried, hedged } = await front.counts()
  const unanswered = ends.filter((end) => !isAnswered(end))
  const cut = unanswered.filter(({ status, text }) => status === 200 && text.includes(' word'))
  const failed = unanswered.filter((end) => !cut.includes(end))
  const firsts = ends.filter(isAnswered).flatMap(({ firstMillis }) => firstMillis ?? [])
  return {
    routing,
    hedgeAfterMillis,
    requests: total,
    answered: total - failed.length - cut.length,
    failedBeforeFirstByte: failed.length,
    cutAfterFirstByte: cut.length,
    firstP50: percentileOf(firsts, 0.5),
    firstP99: percentileOf(firsts, 0.99),
    longestFirst: Math.max(...firsts),
    retried,
    hedged,
    failures: failed.map(({ status, text }) => `${status} ${text}`).slice(0, 5),
  }
}

/** To its end. */
const isAnswered = ({ status, text, isCut }: Asked): boolean =>
  status === 200 &&
  !isCut &&
  (text.includes('data: [DONE]') || text.includes('"chat.completion"')) &&
  !text.includes('"error"')

async function programs(manners: readonly string[]) {
  const all = await Promise.all(manners.map((manner) => startProgram('fake-upstream.mjs', manner)))
  return {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((program) => program[Symbol.asyncDispose]()))
    },
  }
}
