/**
 * Counts the source files that run while a server streams one chat, with and without the guard, and while a trainer computes
 * steps: how much of the code a reader meets on these paths. Counts files, not time.
 *
 *   npm run bench depth
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const hook = new URL('./coverage.mjs', import.meta.url).href
const settleMillis = 1000
/** A thread that has ended takes nothing. */
const longestMillis = 10_000

// Below the repository, so that the run finds its packages.
const scratch = mkdtempSync(join(root, 'node_modules/.depth-'))
// A bundle is one file to V8. It is not used where the modules are newer.
const bundled = ['apps/cli', 'serving/engine'].map((name) =>
  join(root, 'packages', name, 'dist/.tsbuildinfo'),
)
const times = bundled.map((path) => statSync(path))
try {
  for (const path of bundled) utimesSync(path, new Date(), new Date())
  report('a streamed chat', await chat([]))
  report('a streamed chat without the guard', await chat(['--guard', 'off']))
  report('a training step', await trainingStep())
} finally {
  for (const [at, path] of bundled.entries()) utimesSync(path, times[at]!.atime, times[at]!.mtime)
  rmSync(scratch, { recursive: true, force: true })
}

async function chat(flags: readonly string[]): Promise<readonly string[]> {
  return await observed(['serve', '--port', '0', ...flags], async (child, between) => {
    const url = await printed(child, /http:\/\/127\.0\.0\.1:\d+|http:\/\/localhost:\d+/)
    const ask = async (): Promise<void> => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          messages: [{ role: 'user', content: 'Hello' }],
          max_tokens: 16,
          stream: true,
        }),
      })
      if (!response.ok) throw new Error(await response.text())
      await response.text()
    }
    for (let once = 0; once < 3; once += 1) await ask()
    await between(ask)
  })
}

async function trainingStep(): Promise<readonly string[]> {
  const recipe = join(scratch, 'run.ts')
  writeFileSync(
    recipe,
    `import { chatTokens, packStream, trainBpe } from '@hadal/nn'
import { defineRun } from '@hadal/train'
const sums = Array.from({ length: 400 }, (_, i) => \`\${i % 20} plus \${(i * 7) % 20} is \${(i % 20) + ((i * 7) % 20)}.\`)
const tokenizer = trainBpe(sums, { vocabSize: 320, specialTokens: Object.values(chatTokens) })
const train = packStream(sums.map((text) => tokenizer.encode(text)), 32, tokenizer.special(chatTokens.endOfText))
export default defineRun({
  name: 'depth', folder: ${JSON.stringify(join(scratch, 'run'))},
  model: { vocab_size: tokenizer.vocabSize, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4,
    num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 1000, tie_word_embeddings: true },
  data: { train, valid: train }, batch: { windows: 8, accumulate: 1 },
  schedule: { peak: 0.01, warmupSteps: 10, totalSteps: 1_000_000, floorFraction: 0.1 },
  evaluate: { everySteps: 1_000_000 }, checkpoint: { everySteps: 1_000_000, keep: 1 },
})
`,
  )
  return await observed(['train', recipe], async (child, between) => {
    await printed(child, /step \d+/)
    await between(() => sleep(2000))
  })
}

type Between = (act: () => Promise<void>) => Promise<void>

/** The source files that ran a function, in any process of the command, while `act` ran. */
async function observed(
  args: readonly string[],
  drive: (child: ChildProcess, between: Between) => Promise<void>,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(scratch, 'takes-'))
  const child = spawn(
    process.execPath,
    ['--import', hook, join(root, 'packages/apps/cli/bin/hadal.js'), ...args],
    {
      cwd: scratch,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEPTH_FOLDER: folder, NODE_OPTIONS: `--import ${hook}` },
    },
  )
  let files: readonly string[] = []
  const take = async (number: number): Promise<void> => {
    await sleep(settleMillis)
    writeFileSync(join(folder, `take-${number}`), '')
    for (let waited = 0; waited < longestMillis && missing(folder, number) > 0; waited += 100)
      await sleep(100)
  }
  try {
    await drive(child, async (act) => {
      await take(0)
      await act()
      await take(1)
      files = filesIn(folder)
    })
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await Promise.race([ended, sleep(20_000).then(() => child.kill('SIGKILL'))])
  }
  return files
}

/** Threads that have not taken their coverage yet. */
function missing(folder: string, take: number): number {
  const names = readdirSync(folder)
  return (
    names.filter((name) => name.startsWith('thread-')).length -
    names.filter((name) => name.startsWith(`${take}-`) && name.endsWith('.json')).length
  )
}

function filesIn(folder: string): readonly string[] {
  const takes = readdirSync(folder).filter((name) => /^1-.*\.json$/.test(name))
  const urls = takes.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as string[])
  const own = urls.map((url) => /\/packages\/(\w+\/[\w-]+)\/(?:dist|src)\/(.+)\.[jt]s$/.exec(url))
  return [...new Set(own.flatMap((match) => (match === null ? [] : [`${match[1]}/${match[2]}`])))].toSorted()
}

async function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = ''
  return await new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString('utf8')
      const found = pattern.exec(text)
      if (found !== null) resolve(found[0])
    }
    child.stdout!.on('data', read)
    child.stderr!.on('data', read)
    child.once('exit', (code) => reject(new Error(`the command ended with ${code}:\n${text}`)))
  })
}

function report(name: string, files: readonly string[]): void {
  const packages = new Map<string, number>()
  for (const file of files) {
    const owner = file.split('/').slice(0, 2).join('/')
    packages.set(owner, (packages.get(owner) ?? 0) + 1)
  }
  console.log(`${name}: ${files.length} files`)
  for (const [owner, count] of [...packages].toSorted(([, one], [, other]) => other - one))
    console.log(`  ${String(count).padStart(4)} ${owner}`)
  if (process.argv.includes('--files')) for (const file of files) console.log(`       ${file}`)
}
