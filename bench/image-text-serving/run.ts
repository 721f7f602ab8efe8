/**
 * `hadal serve` of a CLIP folder under load: images, and captions, of 1, 8 and 32 clients, each with its next one as soon as it has
 * its vector, with the dynamic batcher and with passes of one. The model has random weights and half the width and depth of
 * ViT-B/32; every turn has a server of its own. The processor time of the model's process counts beside the clock: it is
 * steadier on a machine with other work. No other server of CLIP for Node is installed here; the peer is the same image tower in
 * plain PyTorch, in a loop, where /usr/bin/python3 has it. Linux only.
 *
 *     npm run bench image-text-serving -- [--rounds 2] [--seconds 3] [--threads 1]
 *
 * Results go to bench/reports/<date>-image-text-serving.json and .md.
 */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { quantileOfSorted } from '@hadal/base'
import { seededRandom } from '@hadal/batching'
import { encodeWebp } from '@hadal/images'
import { parseMetricsText } from '@hadal/protocol'
import { median } from 'hadal'
import { childrenOf } from '../processes.ts'
import { markdownTable, writeReport } from '../report-files.ts'
import { captions, image, makeClip } from './make-clip.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '1' },
  },
})
const [rounds, seconds, threads] = [flags.rounds, flags.seconds, flags.threads].map(Number) as [
  number,
  number,
  number,
]
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = here('.cache/random-clip')
const bin = here('../../packages/apps/cli/bin/hadal.js')
const levels = [1, 8, 32] as const
const contenders = { 'one at a time': '1', 'batches of 16 at most': '16' } as const
type Contender = keyof typeof contenders
type Kind = 'image' | 'text'

interface Turn {
  readonly contender: Contender
  readonly kind: Kind
  readonly clients: number
  readonly round: number
  readonly perSecond: number
  readonly cpuMillisEach: number
  readonly inputsPerPass: number
  readonly p50Millis: number
  readonly p99Millis: number
  readonly loadAverage: number
}

interface Server extends AsyncDisposable {
  readonly url: string
  /** Of the process with the model. */
  readonly towers: number
}

mkdirSync(here('.cache'), { recursive: true })
makeClip(folder)
const inputs: Readonly<Record<Kind, readonly unknown[]>> = { image: await photos(), text: captions }
const turns: Turn[] = []
for (let round = 1; round <= rounds; round += 1)
  for (const contender of rotated(Object.keys(contenders) as Contender[], round)) {
    await using server = await start(contenders[contender])
    await load(server, 'image', 4, 0.5)
    await load(server, 'text', 4, 0.5)
    for (const kind of ['image', 'text'] as const)
      for (const clients of levels) {
        const loadAverage = loadavg()[0]!
        const measured = await load(server, kind, clients, seconds)
        const turn = { contender, kind, clients, round, ...measured, loadAverage }
        turns.push(turn)
        console.log(
          `round ${round}, ${contender}, ${kind}, ${clients} clients: ${turn.perSecond.toFixed(1)}/s, ${turn.cpuMillisEach.toFixed(2)} ms of the processor each, ${turn.inputsPerPass.toFixed(1)} a pass, P99 ${turn.p99Millis.toFixed(0)} ms`,
        )
      }
  }
const peers = [1, 16].map((batch) => ({ batch, ...peer(batch) }))
report()

/** Pictures of 320 x 240 with noise in them, as a client sends them. */
async function photos(): Promise<object[]> {
  const random = seededRandom(4)
  const [width, height] = [320, 240]
  const draw = (): Uint8Array => {
    const base = [random(), random(), random()].map((value) => value * 200)
    return Uint8Array.from({ length: 3 * width * height }, (_, at) => base[at % 3]! + random() * 55)
  }
  const files = await Promise.all(
    Array.from({ length: 32 }, () => encodeWebp({ data: draw(), width, height }, 75)),
  )
  return files.map((file) => ({ image: `data:image/webp;base64,${Buffer.from(file).toString('base64')}` }))
}

async function start(maxBatchSize: string): Promise<Server> {
  const settings = [
    '--max-batch-size',
    maxBatchSize,
    '--threads',
    String(threads),
    '--max-queue',
    '1000',
    '--log-level',
    'warn',
  ]
  const child = spawn(process.execPath, [bin, 'serve', '--model', folder, '--port', '0', ...settings], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      said += text
      const found = /(http:\/\/127\.0\.0\.1:\d+)\/v1\b/.exec(said)
      if (found !== null) resolve(found[1]!)
    })
    child.on('exit', () => reject(new Error(`the server ended: ${said}`)))
  })
  const towers = childrenOf(child.pid!).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('towers'),
  )!
  return {
    url,
    towers,
    async [Symbol.asyncDispose]() {
      child.removeAllListeners('exit')
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

type Measured = Omit<Turn, 'contender' | 'kind' | 'clients' | 'round' | 'loadAverage'>

/** So many clients, each with its next input as soon as it has its vector. */
async function load(server: Server, kind: Kind, clients: number, forSeconds: number): Promise<Measured> {
  const before = await figures(server, kind)
  const begin = performance.now()
  const millis: number[] = []
  let next = 0
  const client = async (): Promise<void> => {
    while (performance.now() - begin < forSeconds * 1000) {
      const asked = performance.now()
      const input = inputs[kind][next++ % inputs[kind].length]
      const response = await fetch(`${server.url}/v1/embeddings`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ input, encoding_format: 'base64' }),
      })
      if (response.status !== 200) throw new Error(await response.text())
      await response.arrayBuffer()
      millis.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const elapsed = (performance.now() - begin) / 1000
  const after = await figures(server, kind)
  const sorted = millis.sort((a, b) => a - b)
  const at = (share: number): number => quantileOfSorted(sorted, share)
  return {
    perSecond: millis.length / elapsed,
    cpuMillisEach: (after.cpuMillis - before.cpuMillis) / millis.length,
    inputsPerPass: (after.inputs - before.inputs) / (after.passes - before.passes),
    p50Millis: at(0.5),
    p99Millis: at(0.99),
  }
}

async function figures(
  { url, towers }: Server,
  kind: Kind,
): Promise<{ cpuMillis: number; inputs: number; passes: number }> {
  const { samples } = parseMetricsText(await (await fetch(`${url}/metrics`)).text())
  const of = (part: string): number =>
    samples.find(({ name, labels }) => name === `hadal_clip_batch_inputs_${part}` && labels.encoder === kind)
      ?.value ?? 0
  // The kernel counts in hundredths of a second.
  const fields = readFileSync(`/proc/${towers}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return { cpuMillis: (Number(fields[11]) + Number(fields[12])) * 10, inputs: of('sum'), passes: of('count') }
}

/** Undefined where Python has no PyTorch. */
function peer(batch: number): { readonly cpuMillisEach: number; readonly perSecond: number } | undefined {
  const { hidden_size, num_hidden_layers, num_attention_heads, intermediate_size } = image
  const shape = [hidden_size, num_hidden_layers, num_attention_heads, intermediate_size]
  const args = [here('peer.py'), ...shape, seconds, threads, batch].map(String)
  const { status, stdout } = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' })
  if (status !== 0) return undefined
  const [cpuMillisEach, perSecond] = stdout.trim().split(' ').map(Number) as [number, number]
  return { cpuMillisEach, perSecond }
}

function rotated<T>(list: readonly T[], by: number): T[] {
  return list.map((_, at) => list[(at + by) % list.length]!)
}

function report(): void {
  const rows = (kind: Kind): string[][] =>
    levels.flatMap((clients) =>
      (Object.keys(contenders) as Contender[]).map((contender) => {
        const mine = turns.filter(
          (turn) => turn.kind === kind && turn.clients === clients && turn.contender === contender,
        )
        const of = (key: keyof Measured, digits: number): string =>
          median(mine.map((turn) => turn[key])).toFixed(digits)
        const each = (key: keyof Measured, digits: number): string =>
          mine.map((turn) => turn[key].toFixed(digits)).join(', ')
        return [
          String(clients),
          contender,
          of('perSecond', 1),
          each('perSecond', 1),
          of('cpuMillisEach', 2),
          each('cpuMillisEach', 2),
          of('inputsPerPass', 1),
          of('p50Millis', 0),
          of('p99Millis', 0),
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
    'a pass',
    'P50 ms',
    'P99 ms',
  ]
  const loads = turns.map(({ loadAverage }) => loadAverage)
  const lines = peers.map(({ batch, cpuMillisEach, perSecond }) =>
    cpuMillisEach === undefined
      ? `- in plain PyTorch: not measured, /usr/bin/python3 has none`
      : `- the image tower in plain PyTorch, ${batch} at a time, without HTTP and decoding: ${cpuMillisEach.toFixed(2)} ms of the processor an image, ${perSecond!.toFixed(1)} a second`,
  )
  writeReport(
    'image-text-serving',
    'image-text-serving',
    { seconds, threads, turns, peers },
    ({ date, command, machine }) =>
      [
        `# Serving images and captions, ${date.slice(0, 10)}`,
        '',
        `\`${command}\``,
        '',
        `- ${machine}`,
        `- CLIP of random weights, half the width and depth of ViT-B/32 (image tower ${image.num_hidden_layers} layers of ${image.hidden_size}), fp32, ${threads} thread(s) of libtorch; WebP of 320 x 240; ${seconds} s each`,
        `- processor time is that of the model's process, decoding included; the clock also sees whatever else the machine does: load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`,
        `- medians of ${rounds} rounds in alternation, each turn with a fresh server`,
        '- no other server of CLIP for Node is installed here to compare with',
        ...lines,
        '',
        '## Images',
        '',
        markdownTable(heads, rows('image')),
        '',
        '## Captions of 3 to 11 words',
        '',
        markdownTable(heads, rows('text')),
        '',
      ].join('\n'),
  )
}
