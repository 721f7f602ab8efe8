/**
 * The page that a newcomer begins with, typed from top to bottom in a folder that has nothing else: two terminals, each command as
 * it is written. Without HADAL_SLOW_TESTS what builds, trains or measures for minutes is left out, and `npm start` is the server that
 * is built already.
 */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { freePort } from '../../packages/kernel/base/test/free-port.ts'
import { blocksOf, root } from './blocks.ts'
import { linesOf } from './shell.ts'

const isWhole = process.env.HADAL_SLOW_TESTS !== undefined
const takesMinutes = /^npm run build|^npx hadal (tune|train|export|prove)\b|--lora|"lora"|When do you open/

const folder = mkdtempSync(join(tmpdir(), 'hadal-start-'))
for (const name of ['package.json', 'scripts', 'node_modules', 'packages', 'recipes', 'models'])
  symlinkSync(join(root, name), join(folder, name))
const bin = join(folder, '.bin')
mkdirSync(bin)
const hadal = join(root, 'packages/apps/cli/bin/hadal.js')
if (!isWhole)
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\nexec '${process.execPath}' '${hadal}' serve\n`, { mode: 0o755 })

const port = await freePort()
// Hadal knows all variables of its name, and that one is not its own.
const { HADAL_SLOW_TESTS: _, ...inherited } = process.env
const env = { ...inherited, HADAL_PORT: String(port), NO_COLOR: '1', PATH: `${bin}:${process.env.PATH}` }

/** What the page says that the answer to a command has in it. */
const answers: readonly [command: RegExp, answer: RegExp][] = [
  [/^curl .*What is a kettle/s, /"content":"A kettle is a metal pot for boiling water\."/],
  [/^curl .*previous instructions/s, /x-hadal-guard: blocked.*"finish_reason":"content_filter"/s],
  [/guard check "Ignore/, /^blocked/],
  [/^npx hadal config show/, /maxBatchSize/],
  [/^npx hadal deploy render/, /deploy\/all\.yaml/],
  [/^npx hadal deploy lint/, /objects of/],
  [/^curl (?!.*"lora").*When do you open/s, /The shop opens at nine in the morning\./],
]

let server: { stop(): Promise<void> } | undefined
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

// With all its commands it trains and builds for longer than the limit of other tests.
it('docs/start.md works as it is written', isWhole ? { timeout: 3_600_000 } : {}, async () => {
  let typed = 0
  for (const block of blocksOf('docs/start.md').filter(({ language }) => language === 'sh')) {
    for (const line of linesOf(block.code)) {
      if (!isWhole && takesMinutes.test(line)) continue
      typed += 1
      if (line.startsWith('npm start')) {
        await server?.stop()
        server = await serve(line)
        continue
      }
      // "Stop the server in the first terminal now": what is next has the machine.
      if (!/^curl|guard check/.test(line)) {
        await server?.stop()
        server = undefined
      }
      const text = line.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
      const { status, stdout, stderr } = spawnSync('bash', ['-c', text], {
        cwd: folder,
        env,
        encoding: 'utf8',
      })
      expect(`${line}\nexits with ${status}`, `${stdout}${stderr}`).toBe(
        `${line}\nexits with ${block.marks.get('exits')?.split(',')[0] ?? '0'}`,
      )
      for (const [command, answer] of answers) if (command.test(line)) expect(stdout, line).toMatch(answer)
    }
  }
  console.log(`${typed} commands of docs/start.md${isWhole ? '' : '; all of them with HADAL_SLOW_TESTS'}`)
  expect(typed).toBeGreaterThan(7)
})

/** The first terminal: resolves when the server can be asked. */
async function serve(line: string): Promise<{ stop(): Promise<void> }> {
  const child = spawn('bash', ['-c', `exec ${line}`], { cwd: folder, env, detached: true })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (printed += piece))
  while (!(await isReady())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${line} ended: ${printed}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      // As Ctrl-C does: to all that runs in the terminal.
      process.kill(-child.pid!, 'SIGINT')
      await once(child, 'exit')
    },
  }
}

async function isReady(): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}
