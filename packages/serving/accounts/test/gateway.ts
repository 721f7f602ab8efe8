/**
 * A gateway without HTTP and engine: requests admission as fast as permitted, settles, and logs each event on a line. Started
 * as a process by `rehearsal.ts`, which kills it.
 */

import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openAccounts } from '@hadal/accounts'
import { createLogger } from '@hadal/base'

export interface GatewayPlan {
  readonly name: string
  readonly database: string
  readonly journalDir: string
  /** The log file. */
  readonly log: string
  readonly secrets: readonly string[]
  /** Concurrent requests per key. */
  readonly workers: number
}

const plan = JSON.parse(process.argv[2]!) as GatewayPlan
/** Synchronous, so that everything logged before a kill is visible. */
const log = openSync(plan.log, 'a')
const say = (...words: readonly (string | number)[]): void => void writeSync(log, `${words.join(' ')}\n`)

const logger = createLogger((level, message) => say('log', level, message))
const { database, journalDir } = plan
/** A busy machine must not look like an unavailable database. */
const accounts = await openAccounts({ database, journalDir, logger, patienceMillis: 60_000 })
let isStopping = false
process.once('SIGTERM', () => {
  isStopping = true
})
console.log('ready')

let count = 0
/** Maximum timer delay in this process. */
let lateMillis = 0
const pause = async (millis: number): Promise<void> => {
  const begun = performance.now()
  await sleep(millis)
  lateMillis = Math.max(lateMillis, performance.now() - begun - millis)
}
const worker = async (secret: string, index: number): Promise<void> => {
  let random = index * 7919 + 1
  const upTo = (most: number): number => {
    random = (random * 48_271) % 2_147_483_647
    return random % most
  }
  while (!isStopping) {
    count += 1
    const id = `${plan.name}-${process.pid}-${count}`
    try {
      const caller = await accounts.identify(secret)
      const [promptTokens, maxTokens] = [20 + upTo(100), 10 + upTo(100)]
      const begun = performance.now()
      using place = await accounts.admit(caller, { id, model: 'nano', promptTokens, maxTokens })
      say('admitted', id, caller.name, Date.now(), (performance.now() - begun).toFixed(2))
      await pause(2 + upTo(20))
      const [cachedTokens, completionTokens] = [upTo(20), upTo(maxTokens + 1)]
      say('settling', id, caller.name, promptTokens, cachedTokens, completionTokens, Date.now())
      place.settle({ promptTokens, cachedTokens, completionTokens })
      say('settled', id, lateMillis.toFixed(2))
    } catch (error) {
      const { code = String(error) } = error as { code?: string }
      say('refused', code)
      await pause(5 + upTo(10))
    }
  }
}
await Promise.all(
  plan.secrets.flatMap((secret, key) =>
    Array.from({ length: plan.workers }, (_, at) => worker(secret, key * 100 + at)),
  ),
)
await accounts[Symbol.asyncDispose]()
