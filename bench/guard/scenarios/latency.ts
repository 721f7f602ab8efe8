/** How long a text waits: 50 words, through all default layers of one process, and 100 kB of the worst there is. */

import { loadavg } from 'node:os'
import { createGuard, type Verdict } from '@hadal/guard'
import { builtInSeeds } from '@hadal/guard-training'
import { markdownTable, writeReport } from '../../report-files.ts'
import { fiftyWords } from '../benign-words.ts'
import { hostileTexts } from '../hostile-texts.ts'
import { type Percentiles, percentilesOf } from '../percentiles.ts'

const hostileLength = 100_000
const hostileRounds = 7

export async function latency(rounds: number): Promise<void> {
  using guard = createGuard()
  await guard.warm()
  const kinds: Readonly<Record<string, (number: number) => string>> = {
    'benign, English': (number) => fiftyWords('en', number),
    'benign, Chinese': (number) => fiftyWords('zh', number),
    'attack inside 50 words': (number) => {
      const words = fiftyWords('en', number).split(' ')
      return [...words.slice(0, 20), builtInSeeds[number % 15]!, ...words.slice(30)].join(' ')
    },
    'base64 inside 50 words': (number) => {
      const words = fiftyWords('en', number).split(' ')
      const hidden = Buffer.from(builtInSeeds[number % 15]!).toString('base64')
      return [...words.slice(0, 25), hidden, ...words.slice(26)].join(' ')
    },
  }
  const loadBefore = loadavg()[0]!
  // Every text is another, so that nothing is remembered from the one before.
  for (let number = 0; number < 300; number += 1)
    for (const make of Object.values(kinds)) await guard.screen(make(number + 1_000_000))
  const whole: Record<string, number[]> = {}
  const steps: Record<string, number[]> = {}
  const cpu: Record<string, number> = {}
  for (let number = 0; number < rounds; number += 1)
    for (const [kind, make] of Object.entries(kinds)) {
      const text = make(number)
      const used = process.cpuUsage()
      const began = process.hrtime.bigint()
      await guard.screen(text)
      push(whole, kind, Number(process.hrtime.bigint() - began) / 1000)
      cpu[kind] = (cpu[kind] ?? 0) + cpuMicros(used) / rounds
      const explained = await guard.screen(text, { explain: true })
      for (const { check, micros } of explained.timings) push(steps, check, micros)
    }
  const hostile: { kind: string; millis: number[]; cpuMillis: number[]; slowest: string; action: string }[] =
    []
  for (const [kind, make] of Object.entries(hostileTexts)) {
    const text = make(hostileLength)
    const millis: number[] = []
    const cpuMillis: number[] = []
    let verdict: Verdict | undefined
    for (let round = 0; round < hostileRounds; round += 1) {
      const used = process.cpuUsage()
      const began = performance.now()
      verdict = await guard.screen(text, { explain: true })
      millis.push(performance.now() - began)
      cpuMillis.push(cpuMicros(used) / 1000)
    }
    const slowest = verdict!.timings.toSorted((a, b) => b.micros - a.micros)[0]!
    hostile.push({ kind, millis, cpuMillis, slowest: slowest.check, action: verdict!.action })
  }
  const loadAfter = loadavg()[0]!

  writeReport(
    'guard-latency',
    'guard',
    { rounds, loadBefore, loadAfter, whole, cpu, steps, hostile },
    (facts) => {
      const row = (name: string, values: readonly number[]): (string | number)[] => {
        const { p50, p99, most }: Percentiles = percentilesOf(values)
        return [name, p50.toFixed(0), p99.toFixed(0), most.toFixed(0)]
      }
      const all = Object.values(whole).flat()
      const hostileRows = hostile.map(({ kind, millis, cpuMillis, slowest, action }) => {
        const { p50, most } = percentilesOf(millis)
        return [
          kind,
          p50.toFixed(1),
          most.toFixed(1),
          percentilesOf(cpuMillis).p50.toFixed(1),
          slowest,
          action,
        ]
      })
      return `# How long a text waits for the guard

${facts.date}, \`${facts.command}\`. ${facts.machine}; load of the machine ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after (other work shares it).

50 words through all default layers in one process, ${rounds} different texts of each kind, µs:

${markdownTable(
  ['text', 'p50', 'p99', 'most', 'CPU, mean'],
  [
    ...Object.entries(whole).map(([kind, values]) => [...row(kind, values), cpu[kind]!.toFixed(0)]),
    [
      ...row('**all**', all),
      (Object.values(cpu).reduce((sum, each) => sum + each, 0) / Object.keys(cpu).length).toFixed(0),
    ],
  ],
)}

Of these, each check, asked also after one that blocks, µs:

${markdownTable(
  ['check', 'p50', 'p99', 'most'],
  Object.entries(steps).map(([check, values]) => row(check, values)),
)}

${hostileLength.toLocaleString('en')} characters made to be slow, all layers, also after one that blocks, ${hostileRounds} rounds each, ms:

${markdownTable(['text', 'p50', 'most', 'CPU, p50', 'slowest check', 'verdict'], hostileRows)}
`
    },
  )
}

/** Of the whole process, its collector of garbage among it: what other work on the machine takes none of. */
function cpuMicros(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

function push(lists: Record<string, number[]>, name: string, value: number): void {
  lists[name] ??= []
  lists[name].push(value)
}
