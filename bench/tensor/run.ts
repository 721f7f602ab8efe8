/**
 * What a small operator costs, against Python's torch on the same library: fresh processes in turns, one thread each.
 *
 *     npm run bench tensor -- [--rounds 5]
 *
 * Writes bench/reports/<date>-tensor-ops.json and .md. The table compares processor time, which other work on the
 * machine disturbs least; the wall clock's figures stand in the JSON.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from '@hadal/base'
import { libraryInfo } from '@hadal/tensor'

type Turn = Record<string, { wall: number; cpu: number }>

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const python = ['python3', '/usr/bin/python3'].find(
  (it) => spawnSync(it, ['-c', 'import torch']).status === 0,
)
if (python === undefined) throw new Error('no python3 here imports torch: apt-get install python3-torch')

// The garbage collector's helper threads count as well: processor time is of the whole process.
const env = { ...process.env, OMP_NUM_THREADS: '1', NODE_OPTIONS: '' }
const turn = (program: string, script: string): Turn =>
  JSON.parse(execFileSync(program, [here(script)], { encoding: 'utf8', env })) as Turn

const rounds: { load: number; hadal: Turn; python: Turn }[] = []
for (let round = 0; round < Number(flags.rounds); round++) {
  const load = loadavg()[0]!
  rounds.push({ load, hadal: turn(process.execPath, 'ops.mjs'), python: turn(python, 'ops.py') })
  console.error(`round ${round + 1} of ${flags.rounds}`)
}

const names = Object.keys(rounds[0]!.hadal)
const ask = 'import torch, platform; print(torch.__version__, "on Python", platform.python_version())'
const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  processors: availableParallelism(),
  node: process.version,
  libtorch: libraryInfo().version,
  python: execFileSync(python, ['-c', ask], { encoding: 'utf8' }).trim(),
}
const rows = names.map((name) => {
  const ours = median(rounds.map(({ hadal }) => hadal[name]!.cpu))
  const theirs = median(rounds.map(({ python }) => python[name]!.cpu))
  return `| ${name} | ${ours.toFixed(2)} | ${theirs.toFixed(2)} | ${(ours / theirs).toFixed(2)} |`
})
const date = new Date().toISOString().slice(0, 10)
const page = `# Small operators, ${date}

\`npm run bench tensor -- --rounds ${flags.rounds}\`

- ${machine.cpu}, ${machine.processors} processors, Node ${machine.node} with libtorch ${machine.libtorch}, PyTorch ${machine.python}
- 4 x 4 tensors; tensors are freed by a scope around every 100 calls here, one by one in Python
- one thread each, fresh processes in turns; load average before each: ${rounds.map(({ load }) => load.toFixed(1)).join(', ')}
- medians over the rounds of microseconds of processor time for a call, garbage collection and frees included

| call | Hadal | Python | Hadal / Python |
|---|---|---|---|
${rows.join('\n')}
`
const reports = here('../reports/')
mkdirSync(reports, { recursive: true })
writeFileSync(`${reports}${date}-tensor-ops.md`, page)
writeFileSync(`${reports}${date}-tensor-ops.json`, `${JSON.stringify({ date, machine, rounds }, null, 1)}\n`)
console.log(page)
