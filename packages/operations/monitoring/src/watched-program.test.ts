import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processStart } from '@hadal/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WatchedProgram } from './watched-program.ts'

let folder: string
const news: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-watched-'))
  news.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A program of a few lines; it says that it is ready with a file. */
const program = (source: string): WatchedProgram =>
  new WatchedProgram({
    name: 'Prometheus',
    path: process.execPath,
    args: ['-e', source],
    log: join(folder, 'log'),
    env: { READY: join(folder, 'ready') },
    setpriv: undefined,
    isReady: async () => existsSync(join(folder, 'ready')),
    onNews: (text) => news.push(text),
    onStart: () => {},
    readyMillis: 300_000,
    stopMillis: 300,
  })
const runs = `require('fs').writeFileSync(process.env.READY, ''); setInterval(() => {}, 1000)`
const never = new AbortController().signal

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('a program that is watched', () => {
  it('runs until it is disposed', async () => {
    const watched = program(runs)
    await watched.start(never)
    const { pid } = watched.mark!
    expect(processStart(pid)).toBe(watched.mark!.start)
    await watched[Symbol.asyncDispose]()
    expect(processStart(pid)).toBeUndefined()
    expect(news).toEqual([])
  })

  it('is killed where it does not listen', async () => {
    const watched = program(`process.on('SIGTERM', () => {}); ${runs}`)
    await watched.start(never)
    const { pid } = watched.mark!
    await watched[Symbol.asyncDispose]()
    expect(processStart(pid)).toBeUndefined()
  })

  it('is restarted when it is killed, and this is reported', async () => {
    await using watched = program(runs)
    await watched.start(never)
    const { pid } = watched.mark!
    process.kill(pid, 'SIGKILL')
    await until(() => news.length === 2)
    expect(news).toEqual(['Prometheus exited (SIGKILL); restarting it', 'Prometheus is running again'])
    expect(watched.mark!.pid).not.toBe(pid)
  })

  it('is given up when it ends again and again', async () => {
    await using watched = program(
      `const { READY } = process.env; const fs = require('fs'); fs.writeFileSync(READY, ''); setInterval(() => fs.existsSync(READY + '-seen') && process.exit(7), 10)`,
    )
    await watched.start(never)
    writeFileSync(join(folder, 'ready-seen'), '')
    await expect(watched.failed).rejects.toMatchObject({
      code: 'monitor_program_ended',
      message: expect.stringContaining('Prometheus exited (exit code 7)'),
    })
  })

  it('says why it did not start, with what it said itself', async () => {
    await using watched = program(
      `console.error('level=error err="no space left on device"'); process.exit(1)`,
    )
    await expect(watched.start(never)).rejects.toMatchObject({
      code: 'monitor_program_ended',
      message: 'Prometheus exited (exit code 1)\n  level=error err="no space left on device"',
      help: expect.stringContaining('disk is full'),
    })
    expect(watched.hasDiskFilled()).toBe(true)
    expect(watched.hasDiskFilled()).toBe(false)
  })

  it('says that it is not ready in time', async () => {
    const watched = new WatchedProgram({
      name: 'Prometheus',
      path: process.execPath,
      args: ['-e', 'setInterval(() => {}, 1000)'],
      log: join(folder, 'log'),
      env: {},
      setpriv: undefined,
      readyMillis: 200,
      isReady: async () => false,
      onNews: () => {},
      onStart: () => {},
    })
    await expect(watched.start(never)).rejects.toMatchObject({
      code: 'monitor_not_ready',
      message: 'Prometheus is not ready after 0.2 s',
      help: expect.stringContaining(join(folder, 'log')),
    })
    await watched[Symbol.asyncDispose]()
  })

  it('stops waiting for startup when aborted', async () => {
    await using watched = program('setInterval(() => {}, 1000)')
    const stop = new AbortController()
    setTimeout(() => stop.abort('SIGINT'), 50)
    await expect(watched.start(stop.signal)).rejects.toBe('SIGINT')
  })

  it('keeps the log of the run before', async () => {
    writeFileSync(join(folder, 'log'), 'earlier\n')
    await using watched = program(runs)
    await watched.start(never)
    expect(readFileSync(join(folder, 'log.previous'), 'utf8')).toBe('earlier\n')
  })

  it('says that a program cannot be run', async () => {
    const watched = new WatchedProgram({
      name: 'Prometheus',
      path: '/nowhere/prometheus',
      args: [],
      log: join(folder, 'log'),
      env: {},
      setpriv: undefined,
      isReady: async () => false,
      onNews: () => {},
      onStart: () => {},
    })
    await expect(watched.start(never)).rejects.toMatchObject({
      code: 'monitor_program_ended',
      message: expect.stringContaining('ENOENT'),
    })
    await watched[Symbol.asyncDispose]()
  })
})
