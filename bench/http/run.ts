/**
 * What the HTTP layer can carry: streams of chat completions over an engine that costs nothing, the server in one process,
 * those who read in another. The server's processor time counts, too: it is steadier than the clock on a machine with
 * other work. A last turn runs under the profiler, and says where the time goes.
 *
 *     npm run bench http -- [--rounds 3] [--streams 64] [--tokens 256] [--requests 32] [--path /v1/completions]
 *
 * Results go to bench/reports/<date>-http.json and .md.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from 'hadal'
import { markdownTable, writeReport } from '../report-files.ts'
import { countStreams, type StreamCount } from './load.ts'
import { type ProfileShare, type ProfileSummary, summarizeProfile } from './profile.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    streams: { type: 'string', default: '64' },
    tokens: { type: 'string', default: '256' },
    requests: { type: 'string', default: '32' },
    path: { type: 'string', default: '/v1/chat/completions' },
    'no-profile': { type: 'boolean', default: false },
  },
})
const [streams, tokens, requests] = [flags.streams, flags.tokens, flags.requests].map(Number) as [
  number,
  number,
  number,
]

interface Round extends StreamCount {
  readonly tokensPerSecond: number
  /** Of the server's processor time, all threads. */
  readonly cpuMicrosPerToken: number
  /** Of it in the kernel: sockets, mostly. */
  readonly systemMicrosPerToken: number
  readonly rssMiB: number
  readonly loadAverage: number
}

const rounds: Round[] = []
for (let round = 1; round <= Number(flags.rounds); round += 1) {
  const measured = await turn([])
  rounds.push(measured)
  console.log(
    `round ${round}: ${measured.tokensPerSecond.toFixed(0)} tokens/s, ${measured.cpuMicrosPerToken.toFixed(1)} us of the processor each, ${measured.systemMicrosPerToken.toFixed(1)} of them in the kernel (load average ${measured.loadAverage.toFixed(1)})`,
  )
}
const profile = flags['no-profile'] ? undefined : await profiledTurn()
writeReport('http', 'http', { streams, tokens, requests, rounds, profile }, ({ date, command, machine }) => {
  const of = (read: (round: Round) => number): string => median(rounds.map(read)).toFixed(1)
  return `# HTTP layer, ${date}

\`${command}\`

- ${machine}
- ${streams} streams of \`${flags.path}\`, ${requests} requests each, one after another, ${tokens} tokens an answer, an event for each token; server and readers in a process each
- load average before each round: ${rounds.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}

${markdownTable(
  ['', 'median', 'each round'],
  [
    [
      'tokens/s',
      of((each) => each.tokensPerSecond),
      rounds.map((each) => each.tokensPerSecond.toFixed(0)).join(', '),
    ],
    [
      'processor time of a token in the server, us',
      of((each) => each.cpuMicrosPerToken),
      rounds.map((each) => each.cpuMicrosPerToken.toFixed(1)).join(', '),
    ],
    [
      'of it in the kernel, us',
      of((each) => each.systemMicrosPerToken),
      rounds.map((each) => each.systemMicrosPerToken.toFixed(1)).join(', '),
    ],
    [
      'memory of the server, MiB',
      of((each) => each.rssMiB),
      rounds.map((each) => each.rssMiB.toFixed(0)).join(', '),
    ],
  ],
)}
${profile === undefined ? '' : profilePage(profile)}`
})

function profilePage({ byOwner, byFunction }: ProfileSummary): string {
  const row = ({ name, share }: ProfileShare): string[] => [name, `${(share * 100).toFixed(1)} %`]
  return `
Where the server's time goes (a round of its own under \`node --cpu-prof\`, time of a function without what it calls):

${markdownTable(['owner', 'share'], byOwner.filter(({ share }) => share > 0.005).map(row))}

${markdownTable(['function', 'share'], byFunction.slice(0, 25).map(row))}
`
}

async function profiledTurn(): Promise<ProfileSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-http-'))
  try {
    await turn(['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder])
    return summarizeProfile(join(folder, readdirSync(folder)[0]!))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function turn(nodeFlags: readonly string[]): Promise<Round> {
  const loadAverage = loadavg()[0]!
  const child = spawn(
    process.execPath,
    [...nodeFlags, fileURLToPath(new URL('server.mjs', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const line = async (): Promise<string> => (await lines.next()).value ?? ''
    const url = await line()
    const body = { messages: [{ role: 'user', content: 'Hello!' }], max_tokens: tokens, stream: true }
    const load = {
      url,
      path: flags.path,
      streams,
      body: flags.path.includes('chat') ? body : { ...body, prompt: 'Hello!' },
    }
    await countStreams({ ...load, requestsOfEach: 4 })
    const before = await usage(child, line)
    const count = await countStreams({ ...load, requestsOfEach: requests })
    const after = await usage(child, line)
    const said = count.requests * tokens
    if (count.events < said) throw new Error(`${count.events} events for ${said} tokens`)
    return {
      ...count,
      tokensPerSecond: said / count.seconds,
      cpuMicrosPerToken: (after.user + after.system - before.user - before.system) / said,
      systemMicrosPerToken: (after.system - before.system) / said,
      rssMiB: after.rss / 1024 ** 2,
      loadAverage,
    }
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

/** Microseconds and bytes, which the server tells when it is asked by a signal. */
async function usage(
  child: ChildProcess,
  line: () => Promise<string>,
): Promise<{ user: number; system: number; rss: number }> {
  child.kill('SIGUSR2')
  return JSON.parse(await line())
}
