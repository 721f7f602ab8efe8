/**
 * Two gateways and a PostgreSQL under load, while the database and one of the gateways are killed, with usage that only its
 * journal has. Returns violations and statistics.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openAdministration } from '@hadal/accounts'
import { programEntry } from '@hadal/base'
import pg from 'pg'
import type { GatewayPlan } from './gateway.ts'
import { Postgres } from './postgres.ts'

export interface RehearsalPlan {
  /**
   * Minimum duration of each part: before, during and after the outage. A part also lasts until enough requests were admitted
   * in it.
   */
  readonly partMillis: number
  /** Number of consecutive outages. */
  readonly rounds: number
  readonly workers: number
}

export interface RehearsalReport {
  /** Empty on success. */
  readonly issues: readonly string[]
  readonly settled: number
  /** Counted in the database. */
  readonly counted: number
  readonly refused: Readonly<Record<string, number>>
  /** The maximum admitted beyond limit * (1 + minutes) in any interval, and the guaranteed bound. */
  readonly requestsOver: number
  readonly requestsOverAllowed: number
  readonly tokensOver: number
  readonly tokensOverAllowed: number
  readonly maxAtWork: number
  readonly budgetUsed: number
  /** Its bound: exceeded only by what gateways admit without the database. */
  readonly budgetAllowed: number
  /** Admitted while the database was unavailable. */
  readonly admittedAway: number
  readonly admitMillisP50: number
  readonly admitMillisP99: number
}

export const limits = {
  requests: 600,
  tokens: 60_000,
  concurrent: 5,
  budget: 100_000,
} as const

/** Maximum interval between database queries of a gateway that needs more budget than it has leased. */
const requestedMillis = 2000

interface Said {
  readonly id: string
  readonly key: string
}
interface Admitted extends Said {
  readonly at: number
  readonly millis: number
  ended: number
}
interface Settling extends Said {
  readonly prompt: number
  readonly cached: number
  readonly completion: number
  readonly at: number
}

class Heard {
  readonly admitted = new Map<string, Admitted>()
  readonly settling = new Map<string, Settling>()
  readonly settled = new Set<string>()
  readonly refused: Record<string, number> = {}
  /** Maximum timer delay of a gateway. */
  lateMillis = 0

  hear(line: string): void {
    const [verb, id = '', key = '', ...numbers] = line.split(' ')
    const [first = 0, second = 0, third = 0, fourth = 0] = numbers.map(Number)
    if (verb === 'admitted')
      this.admitted.set(id, { id, key, at: first, millis: second, ended: Number.POSITIVE_INFINITY })
    else if (verb === 'settling')
      this.settling.set(id, { id, key, prompt: first, cached: second, completion: third, at: fourth })
    else if (verb === 'settled') {
      this.settled.add(id)
      // The slot becomes free after this time, so a process that stalls in between must not count as running.
      this.admitted.get(id)!.ended = this.settling.get(id)!.at
      this.lateMillis = Math.max(this.lateMillis, Number(key))
    } else if (verb === 'refused') this.refused[id] = (this.refused[id] ?? 0) + 1
  }

  /** All running requests ended with their process. */
  endAll(at: number): void {
    for (const each of this.admitted.values()) if (each.ended === Number.POSITIVE_INFINITY) each.ended = at
  }
}

export async function rehearse(plan: RehearsalPlan): Promise<RehearsalReport> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-rehearsal-'))
  await using postgres = await Postgres.start()
  const heard = new Heard()
  const gateways: { child: ChildProcess; log: string; endedAt: number }[] = []
  try {
    const secrets = await makeKeys(postgres.url)
    const startGateway = async (name: string): Promise<ChildProcess> => {
      const given: GatewayPlan = {
        name,
        database: postgres.url,
        journalDir: join(folder, name),
        log: join(folder, `${name}-${gateways.length}.log`),
        secrets,
        workers: plan.workers,
      }
      const child = await start(given)
      gateways.push({ child, log: given.log, endedAt: Number.POSITIVE_INFINITY })
      return child
    }
    const one = await startGateway('first')
    const second = await startGateway('second')
    let first = one
    const outages: { from: number; to: number }[] = []
    const admittedSoFar = (): number =>
      gateways.reduce((sum, { log }) => sum + readFileSync(log, 'utf8').split('admitted ').length - 1, 0)
    const part = async (requests: number): Promise<void> => {
      const before = admittedSoFar()
      await sleep(plan.partMillis)
      while (admittedSoFar() - before < requests) await sleep(50)
    }
    for (let round = 0; round < plan.rounds; round += 1) {
      await part(80)
      const from = Date.now()
      await postgres.kill()
      await part(1)
      gateways.find(({ child }) => child === first)!.endedAt = Date.now()
      await end(first, 'SIGKILL')
      await postgres.restart()
      outages.push({ from, to: Date.now() })
      first = await startGateway('first')
      await part(80)
    }
    const codes = await Promise.all([end(first, 'SIGTERM'), end(second, 'SIGTERM')])
    for (const { log, endedAt } of gateways) {
      for (const line of readFileSync(log, 'utf8').split('\n')) heard.hear(line)
      heard.endAll(endedAt)
    }
    return await judge(postgres.url, heard, outages, codes, plan)
  } finally {
    for (const { child } of gateways) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeKeys(database: string): Promise<string[]> {
  // Concurrently: one of them creates the tables.
  const all = await Promise.all(Array.from({ length: 4 }, () => openAdministration({ database })))
  const [administration] = all
  const kept = [
    await administration!.create('requests', { requestsPerMinute: limits.requests }),
    await administration!.create('tokens', { tokensPerMinute: limits.tokens }),
    await administration!.create('concurrent', { maxConcurrent: limits.concurrent }),
    await administration!.create('budget', { budget: { unit: 'tokens', amount: limits.budget } }),
  ]
  for (const each of all) await each[Symbol.asyncDispose]()
  return kept.map(({ secret }) => secret)
}

async function start(plan: GatewayPlan): Promise<ChildProcess> {
  const { path, execArgv } = programEntry(import.meta.url, './gateway')
  const child = spawn(process.execPath, [...execArgv, path, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', () => reject(new Error('a gateway did not start')))
  })
  return child
}

/** Its exit code. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error('a gateway ended of itself')
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill(signal)
  return await exited
}

async function judge(
  url: string,
  heard: Heard,
  outages: readonly { from: number; to: number }[],
  codes: readonly (number | null)[],
  plan: RehearsalPlan,
): Promise<RehearsalReport> {
  const issues: string[] = []
  if (codes.some((code) => code !== 0)) issues.push(`gateways ended with ${codes.join(' and ')}`)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows: events } = await client.query(
    'select request_id, prompt_tokens::int as prompt, cached_tokens::int as cached, completion_tokens::int as completion from hadal_usage_events',
  )
  const { rows: sums } = await client.query(
    `select name, sum(requests)::int as requests, sum(prompt_tokens)::int as prompt, sum(cached_tokens)::int as cached,
       sum(completion_tokens)::int as completion from hadal_usage join hadal_keys on id = key_id group by name`,
  )
  await client.end()

  const counted = new Map(events.map((event) => [event.request_id as string, event]))
  if (counted.size !== events.length)
    issues.push(`${events.length - counted.size} requests were counted twice`)
  for (const id of heard.settled) if (!counted.has(id)) issues.push(`${id} was settled and is not counted`)
  for (const [id, event] of counted) {
    const said = heard.settling.get(id)
    if (said === undefined) issues.push(`${id} is counted and was never settled`)
    else if (
      [said.prompt - event.prompt, said.cached - event.cached, said.completion - event.completion].some(
        (off) => off !== 0,
      )
    )
      issues.push(`${id} is counted with other numbers`)
  }
  // Killed after writing the journal and before logging.
  const unsaid = counted.size - heard.settled.size
  if (unsaid > plan.rounds) issues.push(`${unsaid} requests are counted that nobody heard of`)
  for (const sum of sums) {
    const all = [...counted.keys()]
      .map((id) => heard.settling.get(id)!)
      .filter((said) => said?.key === sum.name)
    const add = (read: (said: Settling) => number): number =>
      all.reduce((total, said) => total + read(said), 0)
    const right = [
      all.length,
      add((said) => said.prompt),
      add((said) => said.cached),
      add((said) => said.completion),
    ]
    const given = [sum.requests, sum.prompt, sum.cached, sum.completion]
    if (right.join() !== given.join()) issues.push(`the sums of ${sum.name} are ${given}, not ${right}`)
  }

  const admitted = [...heard.admitted.values()].sort((a, b) => a.at - b.at)
  const ofKey = (key: string): Admitted[] => admitted.filter((each) => each.key === key)
  const usedBy = ({ id }: Said): number => {
    const said = heard.settling.get(id)
    return said === undefined ? 0 : said.prompt + said.completion
  }
  const span = (admitted.at(-1)!.at - admitted[0]!.at) / 60_000
  // Maximum delay between the admission of a request and its log line.
  const lag = Math.max(...admitted.map(({ millis }) => millis)) + heard.lateMillis
  // Half of a limit for all gateways together while the database is unavailable; plus one second for clocks, and the log delay.
  const allowed = (limit: number): number => (limit * (1 + span)) / 2 + limit / 60 + (limit * lag) / 60_000
  const requestsOver = over(ofKey('requests'), limits.requests, () => 1)
  const tokensOver = over(ofKey('tokens'), limits.tokens, usedBy)
  if (requestsOver > allowed(limits.requests)) issues.push(`${requestsOver} requests beyond the limit`)
  if (tokensOver > allowed(limits.tokens)) issues.push(`${tokensOver} tokens beyond the limit`)
  const maxAtWork = atWork(ofKey('concurrent'))
  // A gateway without a leased slot admits one while the database is unavailable.
  if (maxAtWork > limits.concurrent + 1) issues.push(`${maxAtWork} requests were at work at a time`)
  const budgetUsedBefore = (at: number): number =>
    ofKey('budget').reduce((sum, each) => sum + (each.at < at ? usedBy(each) : 0), 0)
  const usedInPeace = budgetUsedBefore(outages[0]?.from ?? Number.POSITIVE_INFINITY)
  if (usedInPeace > limits.budget)
    issues.push(`${usedInPeace} tokens of the budget were used before an outage`)
  const budgetUsed = budgetUsedBefore(Number.POSITIVE_INFINITY)
  // Half of the remainder at the last queries, for all gateways together: at most some seconds before the outage.
  const budgetAllowed = outages.reduce<number>(
    (sum, { from }) => sum + Math.max(0, limits.budget - budgetUsedBefore(from - requestedMillis - lag)) / 2,
    limits.budget,
  )
  if (budgetUsed > budgetAllowed)
    issues.push(`${budgetUsed} tokens of the budget were used, ${budgetAllowed} are promised at the most`)
  const admittedAway = admitted.filter(({ at }) =>
    outages.some(({ from, to }) => at > from && at < to),
  ).length
  if (admittedAway === 0) issues.push('nobody was let in while the database was away')
  const millis = admitted.map((each) => each.millis).sort((a, b) => a - b)
  for (const [code, count] of Object.entries(heard.refused))
    if (!['rate_limited', 'concurrency_limited', 'budget_exhausted'].includes(code))
      issues.push(`${count} times ${code}`)
  return {
    issues,
    settled: heard.settled.size,
    counted: counted.size,
    refused: heard.refused,
    requestsOver,
    requestsOverAllowed: allowed(limits.requests),
    tokensOver,
    tokensOverAllowed: allowed(limits.tokens),
    maxAtWork,
    budgetUsed,
    budgetAllowed,
    admittedAway,
    admitMillisP50: millis[Math.floor(millis.length * 0.5)]!,
    admitMillisP99: millis[Math.floor(millis.length * 0.99)]!,
  }
}

/** The maximum over all intervals beyond a full bucket and its refill. */
function over(admitted: readonly Admitted[], limit: number, amount: (each: Admitted) => number): number {
  // Simulates a bucket that never rejects: how far below zero does it go?
  let [level, lowest, at] = [limit, limit, admitted[0]?.at ?? 0]
  for (const each of admitted) {
    level = Math.min(limit, level + ((each.at - at) * limit) / 60_000) - amount(each)
    at = each.at
    lowest = Math.min(lowest, level)
  }
  return Math.max(0, -lowest)
}

function atWork(admitted: readonly Admitted[]): number {
  const changes = admitted
    .flatMap(({ at, ended }) => [
      [at, 1],
      [ended, -1],
    ])
    .sort(([a, x], [b, y]) => a! - b! || x! - y!)
  let [working, most] = [0, 0]
  for (const [, change] of changes) {
    working += change!
    most = Math.max(most, working)
  }
  return most
}
