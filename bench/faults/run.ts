/**
 * Injects failures into running processes and accounts for every request. Ends with 1 when a scenario has problems.
 *
 *     npm run faults -- [--only NAME]... [--scale 1] [--no-report]
 *
 * Results go to bench/reports/<date>-faults.json and .md, from which `npm run docs` makes the table of docs/reliability.md.
 */

import { parseArgs } from 'node:util'
import { messageOf } from '@hadal/base'
import { writeReport } from '../report-files.ts'
import { scenarios } from './scenarios/index.ts'
import { type ScenarioResult, scenarioTable } from './table.ts'

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    scale: { type: 'string', default: '1' },
    'no-report': { type: 'boolean', default: false },
  },
})
const wanted = scenarios.filter(
  ({ name }) => flags.only.length === 0 || flags.only.some((part) => name.includes(part)),
)
const results: ScenarioResult[] = []
for (const { name, inject, unavailable, run } of wanted) {
  const began = performance.now()
  const skipped = unavailable?.()
  const result: ScenarioResult = {
    name,
    inject,
    ...(skipped !== undefined
      ? { skipped }
      : await run(Number(flags.scale)).then(
          (outcome) => ({ outcome }),
          (thrown: unknown) => ({ failed: messageOf(thrown) }),
        )),
    seconds: Math.round((performance.now() - began) / 1000),
  }
  results.push(result)
  console.log(`${scenarioTable([result]).split('\n').at(-1)} ${result.seconds} s`)
  for (const problem of result.outcome?.problems ?? []) console.log(`    ${problem}`)
}
const failing = results.filter(
  ({ outcome, failed }) => failed !== undefined || (outcome?.problems.length ?? 0) > 0,
)
if (!flags['no-report'])
  writeReport('faults', 'faults', { results }, ({ date, command, machine }) => {
    const problems = results.flatMap(({ name, outcome, failed }) =>
      [...(outcome?.problems ?? []), ...(failed === undefined ? [] : [failed])].map(
        (what) => `- ${name}: ${what}`,
      ),
    )
    return `# Injected failures, ${date}

\`${command}\`

- ${machine}

${scenarioTable(results)}

${problems.length === 0 ? 'No problems.' : `Problems:\n\n${problems.join('\n')}`}
`
  })
process.exitCode = failing.length === 0 ? 0 : 1
