/**
 * Two gateways over one PostgreSQL under load; again and again the database is killed with -9, then a gateway, too. Says whether
 * everything was counted once, how far the limits were overshot and how long it took to be let in. Ends with 1 when anything
 * was wrong.
 *
 *     npm run bench accounts -- [--rounds 10] [--part-seconds 10] [--workers 8]
 *
 * Needs PostgreSQL (Debian: apt-get install postgresql). Results go to bench/reports/<date>-accounts.json and .md.
 */

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { limits, rehearse } from '../../packages/serving/accounts/test/rehearsal.ts'
import { markdownTable, writeReport } from '../report-files.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    'part-seconds': { type: 'string', default: '10' },
    workers: { type: 'string', default: '8' },
  },
})
const plan = {
  rounds: Number(flags.rounds),
  partMillis: Number(flags['part-seconds']) * 1000,
  workers: Number(flags.workers),
}
const loadAverage = loadavg()[0]!
const report = await rehearse(plan)
const { faults, settled, counted, refused } = report
writeReport(
  'accounts',
  'accounts',
  { plan, limits, loadAverage, ...report },
  ({ date, command, machine }) => {
    const whole = (count: number): string => Math.round(count).toLocaleString('en-US')
    return `# Keys, limits and usage of two gateways, ${date}

\`${command}\`

- ${machine}; load average before: ${loadAverage.toFixed(1)}
- ${plan.rounds} times: ${flags['part-seconds']} s of load, PostgreSQL killed with -9, as long again without it, one gateway killed with -9, both started again
- ${plan.workers} requests at a time of each of four keys in each gateway, each 2 to 22 ms; ${whole(report.admittedAway)} were let in while the database was away

${markdownTable(
  ['', 'seen', 'promised'],
  [
    ['requests that were settled', whole(settled), ''],
    ['of them counted, each once', whole(counted), whole(settled)],
    [
      'requests beyond the limit, in the worst span',
      whole(report.requestsOver),
      whole(report.requestsOverAllowed),
    ],
    ['tokens beyond the limit, in the worst span', whole(report.tokensOver), whole(report.tokensOverAllowed)],
    ['most at work at a time', report.maxAtWork, limits.concurrent + 1],
    ['tokens of the budget', whole(report.budgetUsed), whole(report.budgetAllowed)],
    ['to be let in, P50, ms', report.admitMillisP50, ''],
    ['to be let in, P99, ms', report.admitMillisP99, ''],
  ],
)}

${markdownTable(
  ['refused with', 'times'],
  Object.entries(refused).map(([code, count]) => [code, whole(count)]),
)}

${
  faults.length === 0
    ? 'Nothing was wrong.'
    : faults
        .slice(0, 20)
        .map((fault) => `- ${fault}`)
        .join('\n')
}
`
  },
)
process.exitCode = faults.length === 0 ? 0 : 1
