/** Whether time grows as the text does: each kind of hostile text at growing sizes. */

import { loadavg } from 'node:os'
import { createGuard } from '@hadal/guard'
import { markdownTable, writeReport } from '../../report-files.ts'
import { hostileTexts } from '../hostile-texts.ts'
import { percentilesOf } from '../percentiles.ts'

const sizes = [12_500, 25_000, 50_000, 100_000, 200_000, 400_000]
const rounds = 5

export async function scaling(): Promise<void> {
  using guard = createGuard()
  await guard.warm()
  const measured: Record<string, number[][]> = {}
  const load = loadavg()[0]!
  for (const [kind, make] of Object.entries(hostileTexts)) {
    measured[kind] = []
    for (const size of sizes) {
      const text = make(size)
      const millis: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const began = performance.now()
        await guard.screen(text, { explain: true })
        millis.push(performance.now() - began)
      }
      measured[kind].push(millis)
    }
  }
  writeReport('guard-scaling', 'guard', { sizes, rounds, load, millis: measured }, (facts) => {
    const rows = Object.entries(measured).map(([kind, bySize]) => {
      const medians = bySize.map((millis) => percentilesOf(millis).p50)
      return [kind, ...medians.map((median) => median.toFixed(1)), exponentOf(medians).toFixed(2)]
    })
    return `# Whether the guard's time grows as the text does

${facts.date}, \`${facts.command}\`. ${facts.machine}; load of the machine ${load.toFixed(1)}.

All default layers, medians of ${rounds} rounds, ms, by characters. The exponent is the slope of the logarithms over the sizes: 1 is linear, below 1 is bounded work.

${markdownTable(['text', ...sizes.map((size) => size.toLocaleString('en')), 'exponent'], rows)}
`
  })
}

/** Least squares of log time over log size. */
function exponentOf(millis: readonly number[]): number {
  const points = millis.map((value, at) => [Math.log(sizes[at]!), Math.log(Math.max(value, 0.001))] as const)
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const both = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return both / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}
