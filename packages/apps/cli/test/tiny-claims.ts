/** Claims that take no time: one that holds, and each way of going wrong. Imports nothing, for it is loaded in every process. */

const about = { page: 'batching.md', needs: [] as string[], quickSeconds: 1, fullMinutes: 1 }
const judgement = { verdict: 'reproduced', conditions: 'none', reason: 'It holds.', plots: [] }

interface Context {
  readonly seed: number
  readonly folder: string
  readonly hadal: readonly string[]
  note(text: string): void
  bundledModel(name: string): string
  readonly signal: AbortSignal
}

const claim = (id: string, measure: (context: Context) => unknown, given: object = {}) => ({
  ...about,
  id,
  title: `Title of ${id}`,
  claimed: 'more',
  measure: async (context: Context) => measure(context),
  judge: (raw: { seed: number }) => ({ ...judgement, measured: `seed ${raw.seed}` }),
  ...given,
})

export const claims: readonly ReturnType<typeof claim>[] = [
  claim(
    'holds',
    ({ seed, folder, hadal, note, bundledModel }) => {
      note('measuring')
      return { seed, folder, hadal, model: bundledModel('nano'), tiny: process.env.TINY }
    },
    { env: { TINY: 'set' } },
  ),
  claim('throws', () => {
    throw new Error('there is no <such> thing')
  }),
  claim('kills-itself', () => {
    console.log('famous last words')
    process.kill(process.pid, 'SIGKILL')
    return new Promise(() => {})
  }),
  claim('needs-gpu', () => 1, { needs: ['gpu'] }),
  claim('fails-to-judge', () => 1, {
    judge: () => {
      throw new Error('no rounds')
    },
  }),
  claim('waits', ({ note, signal }) => {
    note('waiting')
    // Something has to keep the process.
    const waiting = setInterval(() => {}, 1000)
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        clearInterval(waiting)
        reject(new Error('it was stopped'))
      }),
    )
  }),
  claim('hangs', () => {
    for (;;);
  }),
]
