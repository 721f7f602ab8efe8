/** Closed loops of more and more clients, whose prompts have nothing in common. */

import { type LoadPlan, runLoad } from 'hadal'
import { contextFor, type Scenario, type ScenarioFlags } from '../scenario.ts'

export function throughput(flags: ScenarioFlags): Scenario {
  const concurrencies = (flags.concurrency ?? '1,8,16,32').split(',').map(Number)
  const promptTokens = lengthsOf(flags['prompt-tokens'] ?? '64')
  const outputTokens = lengthsOf(flags['output-tokens'] ?? '64')
  const sequences = Math.max(...concurrencies)
  const isDrawn = promptTokens.drawn.kind !== 'fixed' || outputTokens.drawn.kind !== 'fixed'
  return {
    ...(isDrawn && { suffix: '-drawn-lengths' }),
    says: `closed loops of ${concurrencies.join(', ')} clients, 4 requests for each client, 8 at least: ${promptTokens.says} prompt tokens, ${outputTokens.says} new ones, greedy, streamed`,
    setup: { sequences, context: contextFor(promptTokens.most + outputTokens.most) },
    columns: [
      { key: 'tokensPerSecond', title: 'tokens/s', better: 'more' },
      { key: 'ttftP50', title: 'TTFT p50 ms' },
      { key: 'ttftP99', title: 'TTFT p99 ms' },
      { key: 'itlP50', title: 'ITL p50 ms' },
      { key: 'itlP99', title: 'ITL p99 ms' },
    ],
    async measure({ url }) {
      const { levels } = await runLoad({
        ...plainLoad(url),
        loads: concurrencies.map((concurrency) => ({ kind: 'closed', concurrency })),
        promptTokens: promptTokens.drawn,
        outputTokens: outputTokens.drawn,
        warmUpRequests: sequences,
      })
      return levels.map((level, at) => {
        if (level.failed > 0) throw new Error(JSON.stringify(level.errors))
        return {
          load: `${concurrencies[at]} ${concurrencies[at] === 1 ? 'client' : 'clients'}`,
          figures: {
            tokensPerSecond: level.outputTokensPerSecond,
            ttftP50: level.ttftMillis?.p50 ?? 0,
            ttftP99: level.ttftMillis?.p99 ?? 0,
            itlP50: level.itlMillis?.p50 ?? 0,
            itlP99: level.itlMillis?.p99 ?? 0,
          },
        }
      })
    },
  }
}

interface Lengths {
  readonly drawn: LoadPlan['promptTokens']
  readonly most: number
  readonly says: string
}

/** `64`, or `16-112`: all of these as often. Requests of one length keep in step with each other, as real ones do not. */
function lengthsOf(given: string): Lengths {
  const [least = Number.NaN, most = least] = given.split('-').map(Number)
  if (!(least >= 1 && most >= least)) throw new Error(`"${given}" is no length such as 64 or 16-112`)
  return least === most
    ? { drawn: { kind: 'fixed', tokens: least }, most, says: String(least) }
    : { drawn: { kind: 'uniform', least, most }, most, says: `${least} to ${most}` }
}

/** Greedy completions of full length. */
export const plainLoad = (
  url: string,
): Pick<LoadPlan, 'target' | 'sharedPrefixTokens' | 'warmUpRequests' | 'seed'> => ({
  target: {
    url,
    model: 'bench',
    endpoint: 'completions',
    extraBody: { ignore_eos: true },
    timeoutMillis: 600_000,
  },
  sharedPrefixTokens: 0,
  warmUpRequests: 0,
  seed: 1,
})
