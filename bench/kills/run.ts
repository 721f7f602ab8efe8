/**
 * Kills a training run with SIGKILL at random instants, while it starts, trains and writes checkpoints, and starts it again until it is
 * finished: that no checkpoint is ever lost, and that it ends as one that nobody disturbed. Ends with 1 when anything was wrong.
 *
 *     npm run bench kills -- [--kills 100] [--steps 40] [--seed 1]
 *
 * Results go to bench/reports/<date>-kills.json and .md.
 */

import { parseArgs } from 'node:util'
import { markdownTable, writeReport } from '../report-files.ts'
import { killRuns } from './kills.ts'

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    steps: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
})
const plan = { kills: Number(flags.kills), steps: Number(flags.steps), seed: Number(flags.seed) }
const report = await killRuns(plan, (done) => {
  if (done % 10 === 0) console.log(`${done} of ${plan.kills} kills`)
})
const { kills, runs, checkpoints, stepsAgain, seconds, faults } = report
writeReport('kills', 'kills', { plan, ...report }, ({ date, command, machine }) => {
  return `# Runs that are killed, ${date}

\`${command}\`

- ${machine}
- a decoder of 0.3M parameters, AdamW and an average, ${plan.steps} steps of two passes, a checkpoint every two steps of 5 or 10 MB
- SIGKILL at random instants; after each, all checkpoints are read whole, and the newest is held against the last one announced; each finished run is held against an undisturbed one: bytes of checkpoints, metrics, names of files

${markdownTable(
  ['killed while', 'times'],
  [
    ['starting, or resuming', kills.starting],
    ['a checkpoint was being written', kills.writing],
    ['training, or anything else', kills.training],
  ],
)}

Finished in spite of that: ${runs} of ${runs} runs, in ${seconds.toFixed(0)} s, with ${checkpoints} checkpoints; ${stepsAgain} steps were done again.

${faults.length === 0 ? 'Nothing was wrong.' : `${faults.length} faults:\n\n${faults.map((fault) => `- ${fault}`).join('\n')}`}
`
})
process.exitCode = faults.length === 0 ? 0 : 1
