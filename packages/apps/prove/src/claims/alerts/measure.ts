/** Behaviour of the rendered rules on synthetic and real series. */

import { seededRandom } from '@hadal/batching'
import type { ClaimContext } from '../../claim.ts'
import { runProgram } from '../../run-program.ts'
import { firingTimes } from './ask-promtool.ts'
import type { Raw } from './judge.ts'
import { liveBacklog, liveLatency } from './live-cases.ts'
import { backlogCases, type Case, latencyCases, minutes } from './made-cases.ts'
import { type RenderedRules, renderedRules } from './rules.ts'

export async function measure(context: ClaimContext): Promise<Raw> {
  const { mode, seed, folder, signal, note } = context
  const rules = renderedRules()
  const { latencyMillis, maxBacklog, scrapeMillis } = rules.promised
  const promtool = await promtoolVersion(signal)
  if (promtool === undefined) return { seed, latencyMillis, maxBacklog, cases: [] }
  const random = seededRandom(seed)
  const rounds = mode === 'full' ? 5 : 1
  const cases = [
    ...latencyCases(rules, random, rounds),
    ...backlogCases(rules, random, rounds),
    ...(await liveCases(context, rules)),
  ]
  note(`${cases.length} cases, judged by promtool ${promtool}`)
  const plan = { rules: rules.text, scrapeMillis, minutes, folder, signal }
  const times = await firingTimes(cases, plan)
  return {
    ...{ seed, latencyMillis, maxBacklog, promtool },
    cases: cases.map(({ series: _, ...rest }, at) => ({ ...rest, firesAtSeconds: times[at]! })),
  }
}

async function liveCases({ signal, note }: ClaimContext, rules: RenderedRules): Promise<readonly Case[]> {
  note('real servers: a quick one, a slow one, few and many who wait')
  return [
    await liveLatency('a quick server', 4, rules, signal),
    await liveLatency('a slow server', 40, rules, signal),
    await liveBacklog('5 clients of a busy server', 5, rules, signal),
    await liveBacklog('20 clients of a busy server', 20, rules, signal),
  ]
}

async function promtoolVersion(signal: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await runProgram(['promtool', '--version'], { signal })
    return /version (\d[\w.]*)/.exec(stdout + stderr)?.[1] ?? 'of an unknown version'
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}
