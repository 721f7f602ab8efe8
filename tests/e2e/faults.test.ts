/** The short form of `npm run faults`. */

import { describe, expect, it } from 'vitest'
import { scenarios } from '../../bench/faults/scenarios/index.ts'

const quick = [
  ['ENOSPC: the disk of the key database and the journal is full', 0.15],
  ['EIO on the key database and the journal', 0.15],
  ['clock jumps', 0.1],
  ['SIGKILL of the gateway', 0.15],
  ['slow and vanished clients', 0.1],
  ['hostile GGUF files', 0.1],
  ['hostile adapters', 0.2],
  ['adapters swapped under load', 0.1],
] as const

describe.runIf(process.platform === 'linux')('an injected failure', () => {
  it.for(quick)('%s', async ([wanted, scale], { skip }) => {
    const { unavailable, run } = scenarios.find(({ name }) => name === wanted)!
    const why = unavailable?.()
    skip(why !== undefined, why)
    const { problems, injected, answered } = await run(scale)
    expect(problems).toEqual([])
    expect(injected).toBeGreaterThan(0)
    expect(answered).toBeGreaterThan(0)
  })
})
