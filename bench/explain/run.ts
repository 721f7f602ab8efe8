/**
 * How long `hadal doctor explain` takes over long logs: whether time grows with the length and with nothing else. Each figure is of a
 * process of its own, processor time beside the clock's, for other processes want the cores as well.
 *
 *     npm run bench explain -- [--rounds 3] [--megabytes 12,25,50,100]
 *
 * Results go to bench/reports/<date>-explain.json and .md.
 */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from 'hadal'
import { markdownTable, type ReportFacts, writeReport } from '../report-files.ts'
import type { LogKind } from './made-log.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    megabytes: { type: 'string', default: '12,25,50,100' },
  },
})
const sizes = flags.megabytes.split(',').map(Number)
const kinds: readonly LogKind[] = ['calm', 'json', 'failures']
const program = fileURLToPath(new URL('explain-once.ts', import.meta.url))

interface Round {
  readonly kind: LogKind
  readonly megabytes: number
  readonly cause: string
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMiB: number
}

const rounds: Round[] = []
for (let round = 0; round < Number(flags.rounds); round += 1)
  for (const kind of kinds)
    for (const megabytes of sizes) {
      const args = ['--conditions=@hadal/source', '--import', 'tsx', program, kind, String(megabytes)]
      const said = execFileSync(process.execPath, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      rounds.push({ kind, megabytes, ...JSON.parse(said) })
    }

const of = (kind: LogKind, megabytes: number, figure: (round: Round) => number): number =>
  median(rounds.filter((each) => each.kind === kind && each.megabytes === megabytes).map(figure))

const page = ({ date, command, machine }: ReportFacts): string => `# Long logs explained, ${date}

\`${command}\` on ${machine}

Medians of ${flags.rounds} rounds, each in a process of its own, with the whole catalogue. \`calm\`: lines of a server; \`json\`: the same as JSON; \`failures\`: every line is one or
belongs to one. The last line of each is an OOM. The text is in memory already; peak memory includes making it.

${markdownTable(
  ['log', 'MB', 'processor, s', 'clock, s', 'MB a second of processor', 'peak, MiB'],
  kinds.flatMap((kind) =>
    sizes.map((megabytes) => {
      const cpu = of(kind, megabytes, ({ cpuSeconds }) => cpuSeconds)
      return [
        kind,
        String(megabytes),
        cpu.toFixed(1),
        of(kind, megabytes, ({ wallSeconds }) => wallSeconds).toFixed(1),
        (megabytes / cpu).toFixed(0),
        of(kind, megabytes, ({ peakMiB }) => peakMiB).toFixed(0),
      ]
    }),
  ),
)}
`

writeReport('explain', 'explain', { rounds }, page)
