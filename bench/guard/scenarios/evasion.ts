/** How many questions it takes to get an attack past the guard, by what a caller sees, and what a budget makes of it. */

import { randomUUID } from 'node:crypto'
import {
  type BudgetLimits,
  budgetLimits,
  createGuard,
  type Guard,
  type PolicyAsWritten,
  resolvePolicy,
  type Verdict,
} from '@hadal/guard'
import {
  type Ask,
  builtInSeeds,
  type Evasion,
  highestOf,
  type Lockout,
  replayLockout,
  runEvasion,
  singleLayers,
  type Target,
  type Trace,
} from '@hadal/guard-training'
import { markdownTable, writeReport } from '../../report-files.ts'

const smoothing = { copies: 7, dropped: 0.1 }
const runs = 3

interface Way {
  readonly name: string
  readonly policy: PolicyAsWritten
  /** What a caller gets to see of a verdict beside whether it was stopped. */
  readonly leak?: (score: number) => number
  /** Other noise for each question. */
  readonly isFresh?: boolean
}

const ways: readonly Way[] = [
  { name: 'the score', policy: 'default', leak: (score) => score },
  {
    name: 'the score, in tenths',
    policy: 'default',
    leak: (score) => Math.round(score * 10) / 10,
  },
  { name: 'the label, smoothed with fresh noise', policy: { smoothing, secret: 'a' }, isFresh: true },
  { name: 'the label, smoothed by HMAC of the text', policy: { smoothing, secret: 'a secret that stays' } },
  { name: 'the label, at 5 % of benign texts', policy: { falsePositiveRate: 0.05 } },
  { name: 'the label (as it comes)', policy: 'default' },
]

export async function evasion(queries: number): Promise<void> {
  const measured: ({ way: string; seed: number } & Attacked)[] = []
  for (const way of ways) {
    using guard = createGuard({ policy: way.policy })
    for (let seed = 1; seed <= runs; seed += 1)
      measured.push({ way: way.name, seed, ...(await attack(guard, way, queries, seed)) })
    console.error(`${way.name}: done`)
  }
  using guard = createGuard()
  const layers: { layer: string; seed: number; evasion: Evasion }[] = []
  for (const target of singleLayers(guard.stepsFor('user'), 'user', false))
    for (let seed = 1; seed <= runs; seed += 1)
      layers.push({
        layer: target.name,
        seed,
        evasion: await runEvasion(builtInSeeds, target, { budget: queries, seed }),
      })

  writeReport('guard-evasion', 'guard', { queries, runs, measured, layers }, (facts) => {
    const rows = ways.map(({ name }) =>
      summaryRow(
        name,
        measured.filter(({ way }) => way === name).map(({ evasion }) => evasion),
      ),
    )
    const layerNames = [...new Set(layers.map(({ layer }) => layer))]
    const layerRows = layerNames.map((name) =>
      summaryRow(
        `${name} alone`,
        layers.filter(({ layer }) => layer === name).map(({ evasion }) => evasion),
      ),
    )
    const label = measured.filter(({ way }) => way === ways.at(-1)!.name)
    const before = label.reduce((sum, { lockout }) => sum + lockout.beforeLockout.count, 0)
    const tried = label.reduce((sum, { lockout }) => sum + lockout.beforeLockout.of, 0)
    const time = (millis: number | undefined): string =>
      millis === undefined ? '-' : `${(millis / 1000).toFixed(0)} s`
    const strict = limits()
    const operators = operatorRows(label.map(({ evasion }) => evasion))
    return `# How many questions it takes to get past the guard

${facts.date}, \`${facts.command}\`. ${facts.machine}.

${builtInSeeds.length} attacks that the guard was not trained on, ${runs} runs with other seeds, up to ${queries} queries per attack. The attacker disguises (synonyms, typing errors, look-alike letters, spacing, encodings, fillers, frames, dilution, other languages), keeps every word of the attack, and learns which disguises help.

${markdownTable(['what a caller sees', 'stopped as they are', 'got past in 1', 'in 10', 'in 50', `in ${queries}`, 'median questions'], rows)}

Each layer as if it stood alone, by the label:

${markdownTable(['layer', 'stopped as they are', 'got past in 1', 'in 10', 'in 50', `in ${queries}`, 'median questions'], layerRows)}

With the budget of the preset \`strict\` (${strict.blocked} blocked questions, then ${strict.lockoutMillis / 60_000} minutes of silence), a question a second: ${before} of ${tried} attacks get through before the first lockout; those that get through at all take ${time(label[0]!.lockout.medianMillisWithout)} without it and ${time(label[0]!.lockout.medianMillis)} with it (medians of the first run).

What got through, by disguise (all runs, by the label):

${markdownTable(['disguise', 'asked with', 'got through'], operators)}
`
  })
}

const limits = (): BudgetLimits => budgetLimits(resolvePolicy({ preset: 'strict' }))!

interface Attacked {
  readonly evasion: Evasion
  readonly lockout: Lockout
}

async function attack(guard: Guard, way: Way, queries: number, seed: number): Promise<Attacked> {
  const traces: Trace[] = []
  let verdicts: Verdict[] = []
  const steps = guard.stepsFor('user')
  const isThrough = ({ action }: Verdict): boolean => action !== 'block' && action !== 'reply'
  const ask: Ask = async (text) => {
    if (way.isFresh) guard.change({ ...(way.policy as object), secret: randomUUID() })
    const verdict = await guard.screen(text, { explain: way.leak !== undefined })
    verdicts.push(verdict)
    return { isStopped: !isThrough(verdict), ...(way.leak && { score: way.leak(highestOf(verdict, steps)) }) }
  }
  const target: Target = { name: 'guard', ask }
  const evasion = await runEvasion(builtInSeeds, target, {
    budget: queries,
    seed,
    onAttack: () => {
      const evaded = isThrough(verdicts.at(-1)!)
      if (!(evaded && verdicts.length === 1)) traces.push({ verdicts, evaded })
      verdicts = []
    },
  })
  return { evasion, lockout: replayLockout(traces, limits(), 1000) }
}

function summaryRow(name: string, evasions: readonly Evasion[]): string[] {
  const within = (queries: number): string => {
    const counts = evasions.map(({ curve }) => curve.findLast((point) => point.queries <= queries)!.evaded)
    const [hit, of] = [
      counts.reduce((sum, { count }) => sum + count, 0),
      counts.reduce((sum, share) => sum + share.of, 0),
    ]
    return of === 0 ? '-' : `${((hit / of) * 100).toFixed(0)} %`
  }
  const medians = evasions.flatMap(({ medianQueries }) => medianQueries ?? [])
  const stopped = evasions[0]!.attempts.length
  return [
    name,
    `${stopped} of ${stopped + evasions[0]!.missed}`,
    within(1),
    within(10),
    within(50),
    within(Number.POSITIVE_INFINITY),
    medians.length === 0 ? '-' : medians.join(', '),
  ]
}

function operatorRows(evasions: readonly Evasion[]): string[][] {
  const sums = new Map<string, { tried: number; passed: number }>()
  for (const { operators } of evasions)
    for (const [name, { tried, passed }] of Object.entries(operators)) {
      const sum = sums.get(name) ?? { tried: 0, passed: 0 }
      sums.set(name, { tried: sum.tried + tried, passed: sum.passed + passed })
    }
  return [...sums]
    .toSorted(([, a], [, b]) => b.passed / b.tried - a.passed / a.tried)
    .map(([name, { tried, passed }]) => [name, String(tried), `${((passed / tried) * 100).toFixed(0)} %`])
}
