/** Searches settings on this machine, then lets them take turns with those of guides and with the defaults. */

import { llamaDefaults } from '@hadal/engine'
import type { ClaimContext } from '../../claim.ts'
import type { Raw } from './judge.ts'
import { type Served, serveBundled } from './served.ts'
import { type Contender, contenders, type Load, loads, perSecond, type Settings, type Turn } from './turns.ts'

const allLoads = Object.keys(loads) as Load[]

export async function measure(context: ClaimContext): Promise<Raw> {
  const { mode, seed, signal, note, bundledModel } = context
  const isFull = mode === 'full'
  const plan = isFull ? { rounds: 15, seconds: 2 } : { rounds: 3, seconds: 0.5 }
  await using served = await serveBundled(bundledModel('nano'), seed, signal)
  await served.turn({ maxBatchSize: 16, timeoutMillis: 0 }, 'many', plan.seconds)
  const { found, tried } = await search(served, isFull, plan.seconds, note)
  const settings: Readonly<Record<Contender, Settings>> = {
    'one at a time': { maxBatchSize: 1, timeoutMillis: 0 },
    'guide, untuned': { maxBatchSize: 8, timeoutMillis: 100 },
    'guide, tuned': { maxBatchSize: 32, timeoutMillis: 50 },
    'nothing said': {
      maxBatchSize: llamaDefaults.maxBatchSize.value,
      timeoutMillis: llamaDefaults.timeoutMicros.value / 1000,
    },
    found,
  }
  const turns: Turn[] = [...tried]
  for (let round = 1; round <= plan.rounds; round += 1) {
    note(`round ${round} of ${plan.rounds}`)
    // Each begins with another one, so that none always follows the same.
    const order = contenders.map((_, at) => contenders[(at + round) % contenders.length]!)
    for (const contender of order)
      for (const load of allLoads)
        turns.push({ contender, round, ...(await served.turn(settings[contender], load, plan.seconds)) })
  }
  return { seed, found, turns }
}

/** First the batch size, then the waiting time: maximizes throughput under both loads with equal weight. */
async function search(
  served: Served,
  isFull: boolean,
  seconds: number,
  note: (text: string) => void,
): Promise<{ readonly found: Settings; readonly tried: readonly Turn[] }> {
  const tried: Turn[] = []
  const worth = async (settings: Settings): Promise<number> => {
    let product = 1
    for (const load of allLoads) {
      const turn: Turn = { contender: 'search', round: 0, ...(await served.turn(settings, load, seconds)) }
      tried.push(turn)
      product *= perSecond(turn)
    }
    return product
  }
  const best = async (candidates: readonly Settings[]): Promise<Settings> => {
    const worths: number[] = []
    for (const settings of candidates) worths.push(await worth(settings))
    return candidates[worths.indexOf(Math.max(...worths))]!
  }
  const sizes = isFull ? [4, 8, 16, 24, 32, 48, 64] : [8, 16, 32, 64]
  const { maxBatchSize } = await best(sizes.map((size) => ({ maxBatchSize: size, timeoutMillis: 0 })))
  const times = isFull ? [0, 1, 2, 5, 10, 20, 50, 100] : [0, 5, 50]
  const found = await best(times.map((timeoutMillis) => ({ maxBatchSize, timeoutMillis })))
  note(`found: batches of ${found.maxBatchSize}, ${found.timeoutMillis} ms`)
  return { found, tried }
}
