/**
 * What a recording costs while it goes on: the bundled nano model under a closed loop, with recordings of some seconds one after another
 * (`POST /hadal/profile`, each answered and thrown away), and without. The two take turns in fresh processes.
 *
 *     npm run bench serving-profile -- [--rounds 5] [--clients 16] [--requests 256] [--tokens 64] [--seconds 10]
 *
 * Results go to bench/reports/<date>-serving-profile.json and .md.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, runLoad } from 'hadal'
import { engineOf, processorMicros } from '../processes.ts'
import { markdownTable, writeReport } from '../report-files.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    clients: { type: 'string', default: '16' },
    requests: { type: 'string', default: '256' },
    tokens: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '10' },
  },
})
const number = (name: keyof typeof flags): number => Number(flags[name])

interface Round {
  readonly records: boolean
  readonly tokensPerSecond: number
  /** Of the server's own process, not of the engine's. */
  readonly cpuMicrosPerToken: number
  readonly engineMicrosPerToken: number
  readonly recordings: number
  /** Of a recording, on average. */
  readonly answerBytes: number
  readonly loadAverage: number
}

const rounds: Round[] = []
for (let round = 1; round <= number('rounds'); round += 1)
  for (const records of round % 2 === 1 ? [false, true] : [true, false]) {
    const measured = await turn(records)
    rounds.push(measured)
    const { tokensPerSecond, cpuMicrosPerToken, loadAverage } = measured
    console.log(
      `round ${round}, ${records ? 'recorded' : 'not recorded'}: ${tokensPerSecond.toFixed(0)} tokens/s, ${cpuMicrosPerToken.toFixed(1)} us of the server a token (load average ${loadAverage.toFixed(1)})`,
    )
  }

writeReport('serving-profile', 'serving-profile', { flags, rounds }, ({ date, command, machine }) => {
  const row = (name: string, records: boolean): string[] => {
    const own = rounds.filter((round) => round.records === records)
    const shown = (read: (round: Round) => number, digits: number): string =>
      `${median(own.map(read)).toFixed(digits)} (${own.map((round) => read(round).toFixed(digits)).join(', ')})`
    return [
      name,
      shown((each) => each.tokensPerSecond, 0),
      shown((each) => each.cpuMicrosPerToken, 1),
      shown((each) => each.engineMicrosPerToken, 0),
      records ? shown((each) => each.answerBytes / 1024, 0) : '',
    ]
  }
  return `# What recording a server costs, ${date}

\`${command}\`

- ${machine}
- nano, one engine thread; ${flags.clients} clients, ${flags.requests} requests of 64 tokens for ${flags.tokens} each; recordings of ${flags.seconds} s one after another
- load average before each turn: ${rounds.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')}

Medians, and each round:

${markdownTable(
  ['', 'tokens/s', 'processor time of the server a token, us', 'of the engine, us', 'answer, KiB'],
  [row('not recorded', false), row('recorded', true)],
)}
`
})

async function turn(records: boolean): Promise<Round> {
  const loadAverage = loadavg()[0]!
  const program = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@hadal/source', '--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const line = async (): Promise<string> => (await lines.next()).value ?? ''
    const url = await line()
    const load = (requests: number) =>
      runLoad({
        target: {
          url,
          model: 'nano-q8_0',
          endpoint: 'completions',
          timeoutMillis: 300_000,
          extraBody: { ignore_eos: true },
        },
        loads: [{ kind: 'closed', concurrency: number('clients') }],
        promptTokens: { kind: 'fixed', tokens: 64 },
        outputTokens: { kind: 'fixed', tokens: number('tokens') },
        sharedPrefixTokens: 0,
        requests,
        warmUpRequests: number('clients'),
        seed: 1,
      })
    await load(number('clients'))
    // The first answer loads what writes it.
    if (records) await record(url, 0.1, new AbortController().signal)
    const engine = engineOf(child.pid!)!
    const [before, engineBefore] = [await cpuMicros(child, line), processorMicros(engine)]
    const stop = new AbortController()
    const recording = records ? recordAgain(url, stop.signal) : undefined
    const { levels } = await load(number('requests'))
    stop.abort()
    const [after, engineAfter] = [await cpuMicros(child, line), processorMicros(engine)]
    const { outputTokens, outputTokensPerSecond } = levels[0]!
    const answers = (await recording) ?? []
    return {
      records,
      tokensPerSecond: outputTokensPerSecond,
      cpuMicrosPerToken: (after - before) / outputTokens,
      engineMicrosPerToken: (engineAfter - engineBefore) / outputTokens,
      recordings: answers.length,
      answerBytes: answers.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, answers.length),
      loadAverage,
    }
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

/** Until it is stopped; the sizes of the answers. */
async function recordAgain(url: string, signal: AbortSignal): Promise<number[]> {
  const sizes: number[] = []
  while (!signal.aborted) {
    const bytes = await record(url, number('seconds'), signal)
    if (bytes !== undefined) sizes.push(bytes)
  }
  return sizes
}

/** The size of the answer; undefined where it was stopped. */
async function record(url: string, seconds: number, signal: AbortSignal): Promise<number | undefined> {
  const body = JSON.stringify({ seconds })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/hadal/profile`, { method: 'POST', headers, body, signal }).catch(
    () => undefined,
  )
  if (answer?.ok === false) throw new Error(`the server answers ${answer.status}`)
  const bytes = await answer?.arrayBuffer().catch(() => undefined)
  return bytes?.byteLength
}

async function cpuMicros(child: ChildProcess, line: () => Promise<string>): Promise<number> {
  child.kill('SIGUSR2')
  return Number(await line())
}
