/**
 * Soak: many thousand requests, readers that leave early or read slowly, and the engine process killed every so often. Says
 * what became of every request, and what was left behind. Ends with 1 when anything was wrong.
 *
 *     npm run bench soak -- [--requests 100000] [--clients 24] [--kill-seconds 20] [--seed 1] [--hadal-flags '...']
 *
 * `hadal serve` with the bundled model. Results go to bench/reports/<date>-soak.json and .md.
 */

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { markdownTable, writeReport } from '../report-files.ts'
import { hadal } from '../serving/contenders.ts'
import { soak } from './soak.ts'

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '24' },
    'kill-seconds': { type: 'string', default: '20' },
    'max-tokens': { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    'hadal-flags': { type: 'string', default: '' },
  },
})
const plan = {
  requests: Number(flags.requests),
  clients: Number(flags.clients),
  killMillis: Number(flags['kill-seconds']) * 1000,
  maxTokens: Number(flags['max-tokens']),
  seed: Number(flags.seed),
}
const serveFlags = `--max-queue 12 --log-level error ${flags['hadal-flags']}`.trim()

const loadAverage = loadavg()[0]!
const report = await turn()
const { outcomes, faults, kills, seconds, memory, descriptors } = report
writeReport('soak', 'soak', { plan, serveFlags, loadAverage, ...report }, ({ date, command, machine }) => {
  const early = memory[Math.floor(memory.length / 4)]!
  const late = memory.findLast(({ engineMiB }) => engineMiB > 0) ?? memory.at(-1)!
  const most = (read: (sample: typeof early) => number): string => Math.max(...memory.map(read)).toFixed(0)
  return `# Soak, ${date}

\`${command}\`

- ${machine}
- \`hadal serve --max-batch-size 8 ${serveFlags}\`, the bundled model, greedy answers of ${plan.maxTokens} tokens
- ${plan.requests} requests of ${plan.clients} clients in ${seconds.toFixed(0)} s; a fifth asks for a whole answer, a seventh leaves in the middle, a tenth before the answer, a tenth reads slowly; the engine process killed ${kills} times
- load average before: ${loadAverage.toFixed(1)}

${markdownTable(
  ['outcome', 'requests'],
  Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => [outcome, count]),
)}

${markdownTable(
  ['', 'before, or at a quarter', 'after', 'most'],
  [
    ['open descriptors of the server', ...descriptors, ''],
    [
      'memory of the server, MiB',
      early.serverMiB.toFixed(0),
      late.serverMiB.toFixed(0),
      most((each) => each.serverMiB),
    ],
    [
      'memory of the engine, MiB',
      early.engineMiB.toFixed(0),
      late.engineMiB.toFixed(0),
      most((each) => each.engineMiB),
    ],
  ],
)}

${
  faults.length === 0
    ? 'Nothing was wrong.'
    : `${faults.length} faults:\n\n${faults
        .slice(0, 20)
        .map((fault) => `- ${fault}`)
        .join('\n')}`
}
`
})
process.exitCode = faults.length === 0 ? 0 : 1

async function turn() {
  const contender = hadal(serveFlags)
  await using server = await contender.start({ model: 'nano', threads: 1, sequences: 8, context: 128 })
  let said = 0
  return await soak(server, plan, (done) => {
    if (done < said + plan.requests / 20) return
    said = done
    console.log(`${done} of ${plan.requests}`)
  })
}
