/** Runs the experiment of claim.ts. */

import { setNumThreads } from '@hadal/tensor'
import type { ClaimContext } from '../../claim.ts'
import { trainOnce } from '../../trial/train-once.ts'
import { readData } from './data.ts'
import type { PrivateRaw, PrivateRound } from './judge.ts'
import { accountant, deltaOf, plainOptions, privateOptions } from './options.ts'

const seeds = { quick: 3, full: 5 } as const

export async function measurePrivate(context: ClaimContext): Promise<PrivateRaw> {
  setNumThreads(1)
  const { mode, note } = context
  const data = readData(context)
  const rounds: PrivateRound[] = []
  for (let at = 0; at < seeds[mode]; at += 1) {
    const seed = context.seed + at
    const hidden = await trainOnce(context, { ...privateOptions(data, mode), seed })
    const open = await trainOnce(context, { ...plainOptions(data, mode), seed })
    const round = {
      seed,
      private: 100 * hidden.last.measures.accuracy!,
      plain: 100 * open.last.measures.accuracy!,
      epsilon: hidden.last.epsilon!,
    }
    rounds.push(round)
    note(
      `seed ${seed}: ${round.plain.toFixed(2)} % without privacy, ${round.private.toFixed(2)} % with epsilon ${round.epsilon.toFixed(2)}`,
    )
  }
  const rows = data.train.labels.length
  return {
    what: data.what,
    rows,
    testRows: data.test.labels.length,
    features: data.train.shape[0]!,
    delta: deltaOf(rows),
    accountant,
    rounds,
  }
}
