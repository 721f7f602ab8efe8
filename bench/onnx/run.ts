/**
 * `hadal serve` of ONNX models under load: rows of one, as bytes, of 1, 8 and 32 clients, each with its next one as soon as it has its
 * answer; with the dynamic batcher and with runs of one row, and, beside them, a script of fastify and onnxruntime-node without
 * batches and in one process. Every turn has a server of its own. The processor time of all its processes counts beside the clock:
 * it is steadier on a machine with other work. Triton is not installed here. Linux only; from source, needs no build.
 *
 *     npm run bench onnx -- [--rounds 3] [--seconds 2] [--threads 1] [--clients 1,8,32]
 *
 * Results go to bench/reports/<date>-onnx-serving.json and .md.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, quantileOfSorted } from '@hadal/base'
import { seededRandom } from '@hadal/batching'
import { childrenOf } from '../processes.ts'
import { markdownTable, writeReport } from '../report-files.ts'
import { type BenchModel, makeModels } from './make-models.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1' },
    clients: { type: 'string', default: '1,8,32' },
  },
})
const [rounds, seconds] = [Number(flags.rounds), Number(flags.seconds)]
const levels = flags.clients.split(',').map(Number)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const contenders = ['a script', 'one at a time', 'batches of 16 at most'] as const
type Contender = (typeof contenders)[number]

interface Turn {
  readonly contender: Contender
  readonly model: string
  readonly clients: number
  readonly round: number
  readonly perSecond: number
  readonly cpuMillisEach: number
  /** Undefined of the script, which runs each by itself. */
  readonly rowsPerRun: number | undefined
  readonly p50Millis: number
  readonly p99Millis: number
  readonly loadAverage: number
}

interface Server extends AsyncDisposable {
  readonly pid: number
  readonly url: string
  /** Path, headers and body that ask for one row. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodies: readonly Buffer[]
}

mkdirSync(here('.cache'), { recursive: true })
const models = makeModels(here('.cache'))
const turns: Turn[] = []
for (let round = 1; round <= rounds; round += 1)
  for (const model of models)
    for (const contender of rotated(contenders, round)) {
      await using server = await start(contender, model)
      await load(server, model, 4, 0.5)
      for (const clients of levels) {
        const loadAverage = loadavg()[0]!
        const turn = {
          contender,
          model: model.name,
          clients,
          round,
          ...(await load(server, model, clients, seconds)),
          loadAverage,
        }
        turns.push(turn)
        console.log(
          `round ${round}, ${model.name}, ${contender}, ${clients} clients: ${turn.perSecond.toFixed(0)}/s, ${turn.cpuMillisEach.toFixed(2)} ms of the processor each, ${turn.rowsPerRun?.toFixed(1) ?? '1'} a run, P99 ${turn.p99Millis.toFixed(0)} ms`,
        )
      }
    }
report()

async function start(contender: Contender, model: BenchModel): Promise<Server> {
  const fromSource = ['--conditions=@hadal/source', '--import', import.meta.resolve('tsx')]
  const random = seededRandom(5)
  const rows = Array.from({ length: 16 }, () =>
    Float32Array.from({ length: model.dims.reduce((product, dim) => product * dim, 1) }, () => random()),
  )
  if (contender === 'a script') {
    const args = [here('plain-server.ts'), model.path, flags.threads, model.dims.join('x')]
    const { child, url } = await spawned([...fromSource, ...args], /(http:\/\/127\.0\.0\.1:\d+)/)
    const headers = { 'content-type': 'application/octet-stream' }
    return running(
      child,
      url,
      '/infer',
      headers,
      rows.map(({ buffer }) => Buffer.from(buffer)),
    )
  }
  const batch = contender === 'one at a time' ? '1' : '16'
  const settings = [
    '--max-batch-size',
    batch,
    '--threads',
    flags.threads,
    '--max-queue',
    '1000',
    '--log-level',
    'warn',
  ]
  const args = ['serve', '--model', model.path, '--port', '0', ...settings]
  const program = here('../../packages/apps/cli/test/hadal-program.ts')
  const { child, url } = await spawned([...fromSource, program, ...args], /(http:\/\/127\.0\.0\.1:\d+)\/v1\b/)
  const json = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'x',
          shape: [1, ...model.dims],
          datatype: 'FP32',
          parameters: { binary_data_size: rows[0]!.byteLength },
        },
      ],
      parameters: { binary_data_output: true },
    }),
  )
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.length),
  }
  const bodies = rows.map(({ buffer }) => Buffer.concat([json, Buffer.from(buffer)]))
  return running(child, url, `/v2/models/${model.name}/infer`, headers, bodies)
}

async function spawned(
  args: readonly string[],
  address: RegExp,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      said += text
      const found = address.exec(said)
      if (found !== null) resolve(found[1]!)
    })
    child.on('exit', () => reject(new Error(`the server ended: ${said}`)))
  })
  return { child, url }
}

function running(
  child: ChildProcess,
  url: string,
  path: string,
  headers: Server['headers'],
  bodies: Server['bodies'],
): Server {
  return {
    pid: child.pid!,
    url,
    path,
    headers,
    bodies,
    async [Symbol.asyncDispose]() {
      child.removeAllListeners('exit')
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

type Measured = Omit<Turn, 'contender' | 'model' | 'clients' | 'round' | 'loadAverage'>

/** So many clients, each with its next row as soon as it has its answer. */
async function load(
  server: Server,
  model: BenchModel,
  clients: number,
  forSeconds: number,
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const before = await figures(server, model)
  const begin = performance.now()
  const millis: number[] = []
  let next = 0
  const client = async (): Promise<void> => {
    while (performance.now() - begin < forSeconds * 1000) {
      const asked = performance.now()
      await post(server, agent, server.bodies[next++ % server.bodies.length]!)
      millis.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const elapsed = (performance.now() - begin) / 1000
  const after = await figures(server, model)
  agent.destroy()
  const sorted = millis.sort((a, b) => a - b)
  const at = (share: number): number => quantileOfSorted(sorted, share)
  const runs = after.runs - before.runs
  return {
    perSecond: millis.length / elapsed,
    cpuMillisEach: (after.cpuMillis - before.cpuMillis) / millis.length,
    rowsPerRun: runs > 0 ? (after.rows - before.rows) / runs : undefined,
    p50Millis: at(0.5),
    p99Millis: at(0.99),
  }
}

function post({ url, path, headers }: Server, agent: Agent, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(
      url + path,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
        response.resume().on('end', resolve)
      },
    )
    asking.on('error', reject)
    asking.end(body)
  })
}

async function figures(
  { pid, url, path }: Server,
  model: BenchModel,
): Promise<{ cpuMillis: number; rows: number; runs: number }> {
  // The kernel counts in hundredths of a second.
  const cpuMillis = [pid, ...childrenOf(pid)].reduce((sum, each) => {
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) * 10
  }, 0)
  if (path === '/infer') return { cpuMillis, rows: 0, runs: 0 }
  const { model_stats: stats } = (await (await fetch(`${url}/v2/models/${model.name}/stats`)).json()) as {
    model_stats: { inference_count: number; execution_count: number }[]
  }
  return { cpuMillis, rows: stats[0]!.inference_count, runs: stats[0]!.execution_count }
}

function rotated<T>(list: readonly T[], by: number): T[] {
  return list.map((_, at) => list[(at + by) % list.length]!)
}

function report(): void {
  const rows = (model: string): string[][] =>
    levels.flatMap((clients) =>
      contenders.map((contender) => {
        const mine = turns.filter(
          (turn) => turn.model === model && turn.clients === clients && turn.contender === contender,
        )
        const of = (key: 'perSecond' | 'cpuMillisEach' | 'p50Millis' | 'p99Millis', digits: number): string =>
          median(mine.map((turn) => turn[key])).toFixed(digits)
        const each = (key: 'perSecond' | 'cpuMillisEach', digits: number): string =>
          mine.map((turn) => turn[key].toFixed(digits)).join(', ')
        const perRun = mine[0]!.rowsPerRun === undefined ? 1 : median(mine.map((turn) => turn.rowsPerRun!))
        return [
          String(clients),
          contender,
          of('perSecond', 0),
          each('perSecond', 0),
          of('cpuMillisEach', 2),
          each('cpuMillisEach', 2),
          perRun.toFixed(1),
          of('p50Millis', 1),
          of('p99Millis', 1),
        ]
      }),
    )
  const heads = [
    'clients',
    '',
    'a second',
    'each round',
    'processor ms each',
    'each round',
    'rows a run',
    'P50 ms',
    'P99 ms',
  ]
  const loads = turns.map(({ loadAverage }) => loadAverage)
  writeReport(
    'onnx-serving',
    'onnx',
    { seconds, threads: flags.threads, turns },
    ({ date, command, machine }) =>
      [
        `# Serving ONNX models, ${date.slice(0, 10)}`,
        '',
        `\`${command}\``,
        '',
        `- ${machine}`,
        `- fp32, random weights, ${flags.threads} thread(s) of onnxruntime; each request one row as bytes; ${seconds} s each`,
        '- processor time is that of all processes of the server; the load generator has another, on the same two cores',
        `- the clock also sees whatever else the machine does: load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
        `- medians of ${rounds} rounds in alternation, each turn with a fresh server`,
        '- a script: fastify and onnxruntime-node in one process (`plain-server.ts`); the others are `hadal serve`, with the model in a process of its own',
        '- tritonserver is not installed here: not compared',
        '',
        ...models.flatMap(({ name, what }) => [
          `## ${name}: ${what}`,
          '',
          markdownTable(heads, rows(name)),
          '',
        ]),
      ].join('\n'),
  )
}
