/**
 * Fuzzes every parser with coverage guidance (Jazzer.js, which drives libFuzzer), and reports inputs, CPU time per input and every
 * error without a code. Ends with 1 when there was one.
 *
 *     npm install --prefix /tmp/jazzer --ignore-scripts @jazzer.js/core@4.0.0
 *     npm run bench fuzz -- --jazzer /tmp/jazzer [--inputs 1000000] [--parser gguf] [--corpus FOLDER] [--seed 1]
 *
 * With `--corpus`, interesting inputs are kept there and used again. Results go to bench/reports/<date>-fuzz.json and .md.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { writeReport } from '../report-files.ts'
import type { FuzzRun } from './harness.ts'
import { type ParserRun, parserTable } from './table.ts'
import { targets } from './targets.ts'

const { values: flags } = parseArgs({
  options: {
    jazzer: { type: 'string', default: '' },
    inputs: { type: 'string', default: '1000000' },
    parser: { type: 'string', multiple: true, default: [] },
    corpus: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Of one input, in seconds; a longer one is a finding. */
    timeout: { type: 'string', default: '20' },
  },
})
const jazzer = join(flags.jazzer, 'node_modules/.bin/jazzer')
if (flags.jazzer === '' || !existsSync(jazzer)) {
  console.log(
    'Jazzer.js is not installed. Run: npm install --prefix /tmp/jazzer --ignore-scripts @jazzer.js/core@4.0.0\nThen pass: --jazzer /tmp/jazzer',
  )
  process.exit(2)
}
const names = flags.parser.length > 0 ? flags.parser : Object.keys(targets)
const inputsEach = Math.ceil(Number(flags.inputs) / names.length)
const work = mkdtempSync(join(tmpdir(), 'hadal-fuzz-run-'))
const corpora = flags.corpus ?? join(work, 'corpus')

/** A CommonJS bundle of our sources: what Jazzer.js can instrument. */
const bundle = join(work, 'bundle/harness.cjs')
await build({
  entryPoints: [join(import.meta.dirname, 'harness.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  conditions: ['@hadal/source'],
  external: ['koffi', 'sharp', 'better-sqlite3', 'onnxruntime-node', '*.node'],
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href" },
  define: { 'import.meta.url': 'moduleUrl', 'import.meta.dirname': '__dirname' },
  logLevel: 'error',
})

const runs: ParserRun[] = []
for (const [index, parser] of names.entries()) {
  const run = await fuzzParser(parser, index)
  runs.push(run)
  console.log(
    `${parser}: ${run.inputs} inputs, ${(run.cpuSeconds * 1000).toFixed(0)} ms CPU, slowest ${(run.slowestMicros / 1000).toFixed(1)} ms, ${run.findings.length} findings${run.ended === undefined ? '' : `, ended: ${run.ended}`}`,
  )
}

async function fuzzParser(parser: string, index: number): Promise<ParserRun> {
  const corpus = join(corpora, parser.replaceAll(/\W+/g, '-'))
  mkdirSync(corpus, { recursive: true })
  for (const [number, seed] of targets[parser]!.seeds().entries())
    writeFileSync(join(corpus, `seed-${number}`), seed)
  const output = join(work, `${index}.json`)
  const child = spawn(
    process.execPath,
    [
      ...[jazzer, bundle, corpus, '--sync', '--includes', 'harness.cjs', '--disableBugDetectors', '.*', '--'],
      ...[`-runs=${inputsEach}`, `-seed=${flags.seed}`, `-timeout=${flags.timeout}`, '-rss_limit_mb=4096'],
      ...['-max_len=4096', '-use_value_profile=1', `-artifact_prefix=${work}/${index}-`],
    ],
    {
      env: { ...process.env, FUZZ_PARSER: [parser, output, inputsEach].join('\n') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      log = (log + piece).slice(-20_000)
    })
  const [code] = (await once(child, 'close')) as [number | null]
  const run: FuzzRun = existsSync(output)
    ? JSON.parse(readFileSync(output, 'utf8'))
    : { inputs: 0, rejected: 0, cpuSeconds: 0, slowestMicros: 0, slowestInput: '', findings: [] }
  const artifact = readdirSync(work).find((name) => name.startsWith(`${index}-`))
  if (code === 0 && artifact === undefined) return { parser, ...run }
  const input = artifact === undefined ? '' : readFileSync(join(work, artifact)).toString('base64')
  const ended = /ERROR: libFuzzer: .*/.exec(log)?.[0] ?? `${code}: ${log.slice(-500)}`
  return { parser, ...run, ended, findings: [...run.findings, { error: ended, times: 1, input }] }
}

const total = runs.reduce((sum, { inputs }) => sum + inputs, 0)
const findings = runs.flatMap(({ parser, findings: found }) => found.map((each) => ({ parser, ...each })))
writeReport('fuzz', 'fuzz', { seed: flags.seed, total, runs }, ({ date, command, machine }) => {
  return `# Fuzzed parsers, ${date}

\`${command}\`

- ${machine}
- Jazzer.js 4.0.0 with libFuzzer's coverage guidance, inputs up to 4 KiB, seed ${flags.seed}; CPU time is that of the process, instrumentation included

${parserTable(runs)}

${total} inputs. ${findings.length === 0 ? 'Every error had a code.' : `Errors without a code:\n\n${findings.map(({ parser, error, times }) => `- ${parser}: ${error}, ${times} times`).join('\n')}`}
`
})
process.exitCode = findings.length === 0 ? 0 : 1
