/**
 * `batch(fn)` around a function that takes lists: callers ask for one thing each, and what they ask for at about the same time is
 * done in one call. It pays when a call costs the same for one user or many: here each goes through a whole log.
 */

import { batch } from 'hadal'

const log = Array.from({ length: 200_000 }, (_, at) => ({ user: (at * 7919) % 1009, bytes: at % 4096 }))
let calls = 0

/** How many bytes each of the users sent, in one pass. */
async function bytesOf(users: readonly number[]): Promise<number[]> {
  calls += 1
  const sums = new Map(users.map((user) => [user, 0]))
  for (const { user, bytes } of log) {
    const sum = sums.get(user)
    if (sum !== undefined) sums.set(user, sum + bytes)
  }
  return users.map((user) => sums.get(user)!)
}

/** Questions a second of clients that each wait for their answer before they ask again. */
async function measure(ask: (user: number) => Promise<number>, clients: number): Promise<number> {
  calls = 0
  const rounds = 10
  const start = performance.now()
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let round = 0; round < rounds; round += 1) await ask(client * 31 + round)
    }),
  )
  return (clients * rounds * 1000) / (performance.now() - start)
}

const one = async (user: number): Promise<number> => (await bytesOf([user]))[0]!
const batched = batch(bytesOf, { maxBatchSize: 32, timeoutMicros: 1000 })

await measure(one, 2) // until the machine runs as fast as it will
console.log('clients  one by one  in batches  calls')
for (const clients of [1, 8, 32]) {
  const alone = await measure(one, clients)
  const together = await measure(batched, clients)
  const rates = [alone, together].map((rate) => `${rate.toFixed(0)}/s`.padStart(12))
  console.log(`${String(clients).padStart(7)}${rates.join('')}  ${calls} for ${clients * 10} questions`)
}
await batched.close()
