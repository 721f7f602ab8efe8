import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programEntry } from '@hadal/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockRunFolder } from './run-lock.ts'

let folder: string
let warnings: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-lock-'))
  warnings = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = (): string => join(folder, 'train.lock')
const lock = (): Disposable => lockRunFolder(folder, (message) => warnings.push(message))
const leave = (holder: object): void =>
  writeFileSync(path(), JSON.stringify({ host: hostname(), since: '2020-01-01T00:00:00.000Z', ...holder }))
const heldBy = (pid: number, host = hostname()): object =>
  expect.objectContaining({
    code: 'train_run_locked',
    message: expect.stringMatching(`^process ${pid} on ${host} has been training in ${folder} since 20`),
    help: expect.stringContaining(path()),
  })
/** Locks `folder`, reports it, and runs `then`. */
const locking = (then: string, before = ''): [string, string[]] => {
  const { path, execArgv } = programEntry(import.meta.url, './run-lock')
  const { href } = pathToFileURL(path)
  const program = `import { lockRunFolder } from ${JSON.stringify(href)}
    ${before} lockRunFolder(${JSON.stringify(folder)}, () => {}); console.log('locked'); ${then}`
  return [process.execPath, [...execArgv, '--input-type=module', '--eval', program]]
}

describe('the lock of a run folder', () => {
  it('is held by one at a time, and free when released', () => {
    const first = lock()
    expect(() => lock()).toThrow(heldBy(process.pid))
    first[Symbol.dispose]()
    expect(readdirSync(folder)).toEqual([])
    lock()[Symbol.dispose]()
    expect(warnings).toEqual([])
    expect(process.listeners('exit').some(({ name }) => name === 'release')).toBe(false)
  })

  it('makes the folder', () => {
    lockRunFolder(join(folder, 'a/b'), () => {})[Symbol.dispose]()
    expect(readdirSync(join(folder, 'a/b'))).toEqual([])
  })

  it('of another process stands until that is killed, and is taken over with a warning', async () => {
    const child = spawn(...locking('setInterval(() => {}, 1000)'), { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout!, 'data')
    expect(() => lock()).toThrow(heldBy(child.pid!))
    child.kill('SIGKILL')
    await once(child, 'close')
    lock()[Symbol.dispose]()
    expect(warnings).toEqual([`removed the stale lock ${path()} of process ${child.pid}, which has exited`])
  })

  it('goes to one of those that come at once, over a dead one or none', async () => {
    for (const before of ['{"pid":', undefined]) {
      if (before !== undefined) writeFileSync(path(), before)
      const at = Date.now() + 2_000
      const contest = `while (Date.now() < ${at});`
      const children = Array.from({ length: 4 }, () => {
        const [node, args] = locking('setInterval(() => {}, 1000)', contest)
        return spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      })
      const outcomes = await Promise.all(
        children.map(async ({ stdout, stderr }) => {
          const [said] = await Promise.race([once(stdout, 'data'), once(stderr, 'data')])
          return String(said)
        }),
      )
      for (const child of children) child.kill('SIGKILL')
      expect(outcomes.filter((said) => said === 'locked\n')).toHaveLength(1)
      rmSync(path(), { force: true })
    }
  })

  it('goes when its process exits, wherever that is', () => {
    const { stdout } = spawnSync(...locking('process.exit(0)'), { encoding: 'utf8' })
    expect(stdout).toBe('locked\n')
    expect(readdirSync(folder)).toEqual([])
  })

  it.runIf(existsSync('/proc/self/stat'))('is not that of a later process with the same number', () => {
    leave({ pid: process.pid, began: '1' })
    lock()[Symbol.dispose]()
    expect(warnings).toHaveLength(1)
  })

  it('of another machine is not taken over', () => {
    leave({ pid: 1, host: 'elsewhere' })
    expect(() => lock()).toThrow(heldBy(1, 'elsewhere'))
  })

  it('that was never written to the end is taken over with a warning', () => {
    writeFileSync(path(), '{"pid":')
    lock()[Symbol.dispose]()
    expect(warnings).toEqual([`removed the stale lock ${path()} of a crash`])
  })

  it('that another process has taken since is left alone', () => {
    const own = lock()
    leave({ pid: 1 })
    const theirs = readFileSync(path(), 'utf8')
    own[Symbol.dispose]()
    expect(readFileSync(path(), 'utf8')).toBe(theirs)
    expect(readdirSync(folder)).toEqual(['train.lock'])
  })
})
