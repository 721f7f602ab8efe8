/**
 * What somebody who looks at the live page costs: the bundled nano model under a closed loop, with one reader of the page's stream
 * (`GET /hadal/live?with=steps,requests`, read and thrown away) that asks for `/metrics` each two seconds, and with none. The two take
 * turns against one server, so that both meet the same machine.
 *
 *     npm run bench console-live -- [--rounds 6] [--clients 8] [--requests 128] [--tokens 64]
 *
 * Results go to bench/reports/<date>-console-live.json and .md.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, runLoad } from 'hadal'
import { engineOf, processorMicros } from '../processes.ts'
import { markdownTable, writeReport } from '../report-files.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    clients: { type: 'string', default: '8' },
    requests: { type: 'string', default: '128' },
    tokens: { type: 'string', default: '64' },
  },
})
const number = (name: keyof typeof flags): number => Number(flags[name])
const metricsMillis = 2000

interface Turn {
  readonly round: number
  readonly readers: number
  readonly tokensPerSecond: number
  readonly serverMicrosPerToken: number
  readonly engineMicrosPerToken: number
  /** That the reader got each second. */
  readonly bytesPerSecond: number
  readonly loadAverage: number
}

const program = fileURLToPath(new URL('../serving-profile/server.ts', import.meta.url))
const child = spawn(process.execPath, ['--conditions=@hadal/source', '--import', 'tsx', program], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const turns: Turn[] = []
try {
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const server = { url: line, pid: child.pid!, engine: engineOf(child.pid!)! }
  await load(server.url, 64)
  for (let round = 1; round <= number('rounds'); round += 1)
    for (const readers of round % 2 === 1 ? [0, 1] : [1, 0]) {
      const turn = await measure(server, round, readers)
      turns.push(turn)
      console.log(
        `round ${round}, ${readers} readers: ${turn.tokensPerSecond.toFixed(0)} tokens/s (load average ${turn.loadAverage.toFixed(1)})`,
      )
    }
} finally {
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

writeReport('console-live', 'console-live', { flags, turns }, ({ date, command, machine }) => {
  const of = (readers: number): Turn[] => turns.filter((turn) => turn.readers === readers)
  const shown = (readers: number, read: (turn: Turn) => number, digits: number): string =>
    `${median(of(readers).map(read)).toFixed(digits)} (${of(readers)
      .map((turn) => read(turn).toFixed(digits))
      .join(', ')})`
  const row = (name: string, readers: number): string[] => [
    name,
    shown(readers, ({ tokensPerSecond }) => tokensPerSecond, 0),
    shown(readers, ({ serverMicrosPerToken }) => serverMicrosPerToken, 1),
    shown(readers, ({ engineMicrosPerToken }) => engineMicrosPerToken, 0),
    shown(readers, ({ bytesPerSecond }) => bytesPerSecond / 1024, 0),
  ]
  const slower = of(0).map(({ round, tokensPerSecond }) => {
    const beside = of(1).find((turn) => turn.round === round)!
    return (1 - beside.tokensPerSecond / tokensPerSecond) * 100
  })
  const loads = turns.map(({ loadAverage }) => loadAverage.toFixed(1)).join(', ')
  return `# What a reader of the live page costs, ${date}

\`${command}\`

- ${machine}
- nano, one engine thread; ${flags.clients} clients, each turn ${flags.requests} requests of 64 tokens for ${flags.tokens} each; steps of such a small model take a fraction of a millisecond, so that what each costs beside weighs most here
- one server for all turns; the reader is in the process that makes the load, and takes processor time of the same machine
- load average before each turn: ${loads}

Medians, and each turn:

${markdownTable(
  ['readers', 'tokens/s', 'processor time of the server a token, us', 'of the engine, us', 'read, KiB/s'],
  [row('none', 0), row('one', 1)],
)}

Fewer tokens a second with a reader, by round: ${slower.map((share) => `${share.toFixed(1)} %`).join(', ')}; median ${median(slower).toFixed(1)} %.
`
})

async function measure(
  { url, pid, engine }: { readonly url: string; readonly pid: number; readonly engine: number },
  round: number,
  readers: number,
): Promise<Turn> {
  const loadAverage = loadavg()[0]!
  const stop = new AbortController()
  const reading = readers === 0 ? undefined : read(url, stop.signal)
  // Its first answer is none of the load.
  await sleep(300)
  const [serverBefore, engineBefore, from] = [
    processorMicros(pid),
    processorMicros(engine),
    performance.now(),
  ]
  const { outputTokens, outputTokensPerSecond } = await load(url, number('requests'))
  const [serverAfter, engineAfter, to] = [processorMicros(pid), processorMicros(engine), performance.now()]
  stop.abort()
  const bytes = (await reading) ?? 0
  return {
    round,
    readers,
    tokensPerSecond: outputTokensPerSecond,
    serverMicrosPerToken: (serverAfter - serverBefore) / outputTokens,
    engineMicrosPerToken: (engineAfter - engineBefore) / outputTokens,
    bytesPerSecond: (bytes * 1000) / (to - from),
    loadAverage,
  }
}

async function load(
  url: string,
  requests: number,
): Promise<{ readonly outputTokens: number; readonly outputTokensPerSecond: number }> {
  const { levels } = await runLoad({
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
    sharedPrefixTokens: 32,
    requests,
    warmUpRequests: number('clients'),
    seed: 1,
  })
  return levels[0]!
}

/** As the page does, until it is stopped; the bytes that came. */
async function read(url: string, signal: AbortSignal): Promise<number> {
  let bytes = 0
  const metrics = async (): Promise<void> => {
    while (!signal.aborted) {
      bytes += (await (await fetch(`${url}/metrics`, { signal })).arrayBuffer()).byteLength
      await sleep(metricsMillis, undefined, { signal })
    }
  }
  const stream = async (): Promise<void> => {
    const headers = { accept: 'text/event-stream' }
    const answer = await fetch(`${url}/hadal/live?with=steps,requests`, { headers, signal })
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
    for await (const chunk of answer.body!) bytes += (chunk as Uint8Array).byteLength
  }
  await Promise.all(
    [metrics(), stream()].map((reading) =>
      reading.catch((error: unknown) => {
        if (!signal.aborted) throw error
      }),
    ),
  )
  return bytes
}
