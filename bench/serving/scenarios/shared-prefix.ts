/** Many clients at once with the same long beginning, which no cache has seen before they come. */

import { type LoadPlan, runLoad } from 'hadal'
import { contextFor, type Scenario, type ScenarioFlags } from '../scenario.ts'
import { plainLoad } from './throughput.ts'

export function sharedPrefix(flags: ScenarioFlags): Scenario {
  const clients = Number(flags.concurrency ?? 32)
  const prefixTokens = Number(flags['prefix-tokens'] ?? 512)
  const promptTokens = Number(flags['prompt-tokens'] ?? 32)
  const outputTokens = Number(flags['output-tokens'] ?? 32)
  return {
    says: `${clients} requests at the same time with one beginning of ${prefixTokens} tokens, ${promptTokens} of their own, ${outputTokens} new ones, greedy, streamed; before them as many with another beginning, unmeasured`,
    setup: { sequences: clients, context: contextFor(prefixTokens + promptTokens + outputTokens) },
    columns: [
      { key: 'requestsPerSecond', title: 'requests/s', better: 'more' },
      { key: 'lastFirstTokenMillis', title: 'last first token ms', better: 'less' },
      { key: 'ttftP50', title: 'TTFT p50 ms' },
      { key: 'itlP99', title: 'ITL p99 ms' },
      { key: 'cachedTokens', title: 'prompt tokens from the cache' },
    ],
    async measure({ url }) {
      const plan: LoadPlan = {
        ...plainLoad(url),
        loads: [{ kind: 'closed', concurrency: clients }],
        requests: clients,
        sharedPrefixTokens: prefixTokens,
        promptTokens: { kind: 'fixed', tokens: promptTokens },
        outputTokens: { kind: 'fixed', tokens: outputTokens },
      }
      // The seed chooses the beginning.
      await runLoad({ ...plan, seed: 2 })
      const [level] = (await runLoad(plan)).levels
      if (level === undefined || level.failed > 0) throw new Error(JSON.stringify(level?.errors))
      return [
        {
          load: `${clients} clients`,
          figures: {
            requestsPerSecond: level.requestsPerSecond,
            lastFirstTokenMillis: level.ttftMillis?.max ?? 0,
            ttftP50: level.ttftMillis?.p50 ?? 0,
            itlP99: level.itlMillis?.p99 ?? 0,
            cachedTokens: level.cachedTokens,
          },
        },
      ]
    },
  }
}
