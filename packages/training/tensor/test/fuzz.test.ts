/**
 * Every public function with random, invalid arguments, in child processes, so that a crash is seen and named. A few
 * rounds here; for a night of it: HADAL_FUZZ_ROUNDS=1000 HADAL_FUZZ_SEED=1 npx vitest run --project contract fuzz
 */

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { schemasOf, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'

const rounds = Number(process.env.HADAL_FUZZ_ROUNDS ?? 3)
const seed = Number(process.env.HADAL_FUZZ_SEED ?? 1)
const secondsWithoutNews = 600

/** Runs the calls; gives what it said last, how it ended, and what it printed of errors without a code. */
function callAll(names: readonly string[]): Promise<{ last: string; ending: string; uncoded: string }> {
  const program = fileURLToPath(new URL('fuzz-calls.ts', import.meta.url))
  const node = [process.execPath, '--no-warnings', '--import', 'tsx', program]
  // Huge tensors must fail to be allocated rather than fill the machine.
  const script = 'ulimit -d 3000000; ulimit -c 0; exec "$@"'
  const args = [...node, String(seed), String(rounds), names.join(',')]
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', script, 'fuzz', ...args])
    let said = ''
    let uncoded = ''
    const giveUp = (): NodeJS.Timeout => setTimeout(() => child.kill('SIGKILL'), secondsWithoutNews * 1000)
    let timer = giveUp()
    child.stdout.on('data', (text) => {
      clearTimeout(timer)
      timer = giveUp()
      said = (said + text).slice(-200)
    })
    child.stderr.on('data', (text) => {
      uncoded = (uncoded + text).slice(-2000)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ last: said.trim().split('\n').at(-1)!, ending: signal ?? `exit ${code}`, uncoded })
    })
  })
}

it(`survives ${rounds} rounds of nonsense in every public function`, { timeout: 3_600_000 }, async () => {
  let names = Object.entries(torch)
    .filter(([, value]) => typeof value === 'function' && schemasOf(value as () => unknown).length > 0)
    .map(([name]) => name)
  expect(names.length).toBeGreaterThan(900)
  const crashes: string[] = []
  while (names.length > 0) {
    const { last, ending, uncoded } = await callAll(names)
    expect(uncoded).toBe('')
    if (last.startsWith('end')) break
    crashes.push(`${last}: ${ending}`)
    names = names.slice(names.indexOf(last.split(' ')[0]!) + 1)
  }
  expect(crashes).toEqual([])
})
