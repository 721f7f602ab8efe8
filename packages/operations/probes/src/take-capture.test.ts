import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Source } from '@hadal/doctor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askServer } from './ask-server.ts'
import { takeCapture } from './take-capture.ts'

const onLinux = it.runIf(process.platform === 'linux')
const onPosix = it.skipIf(process.platform === 'win32')

const folder = mkdtempSync(join(tmpdir(), 'hadal-capture-'))
afterAll(() => rmSync(folder, { recursive: true }))
const means = { env: process.env, probes: {} }

const command = (name: string, words: readonly string[], limitMillis = 10_000): Source => ({
  name,
  about: '',
  read: { kind: 'command', command: words, limitMillis },
})
const readOne = async (source: Source, more = {}) =>
  (await takeCapture([source], { ...means, ...more })).readings[source.name]

describe.skipIf(process.platform === 'win32')('a command', () => {
  it('is heard in plain English, and no input reaches it', async () => {
    expect(await readOne(command('c', ['sh', '-c', 'cat; echo "$LC_ALL"']))).toEqual({ text: 'C\n' })
  })

  it('that ignores SIGTERM and leaves a child with its pipes is killed with all of its group', async () => {
    const mark = join(folder, 'pids')
    const script = `trap '' TERM HUP; sleep 600 & echo before; echo $! > ${mark}; sleep 600`
    const reading = await readOne(command('c', ['sh', '-c', script], 3_000))
    expect(reading).toMatchObject({ failed: 'timed-out', text: 'before\n' })
    const pid = execFileSync('cat', [mark], { encoding: 'utf8' }).trim()
    await expect.poll(() => isGone(Number(pid))).toBe(true)
  })

  onLinux('that ends and leaves a child with its pipes in another group is not waited for', async () => {
    expect(await readOne(command('c', ['sh', '-c', 'setsid sleep 3 & echo done']))).toEqual({
      text: 'done\n',
    })
  })

  it('with too much output is truncated', async () => {
    const reading = await readOne(command('c', ['sh', '-c', 'head -c 6000000 /dev/zero']))
    expect(reading).toMatchObject({ isCut: true })
    expect((reading as { text: string }).text).toHaveLength(4 * 2 ** 20)
  })

  it('that never stops saying more is ended as soon as no more is kept', async () => {
    expect(await readOne(command('c', ['yes'], 600_000), { limitMillis: 600_000 })).toMatchObject({
      isCut: true,
    })
  })

  it('that is not there, fails or may not be run says so', async () => {
    const file = join(folder, 'no-program')
    writeFileSync(file, 'x', { mode: 0o644 })
    expect(await readOne(command('c', ['hadal-no-such-program']))).toMatchObject({ failed: 'absent' })
    expect(await readOne(command('c', [file]))).toMatchObject({ failed: 'refused' })
    expect(await readOne(command('c', ['sh', '-c', 'echo out; echo why >&2; exit 9']))).toEqual({
      failed: 'exited',
      detail: 'exit code 9',
      text: 'out\nwhy\n',
    })
  })

  it('goes by what another source said', async () => {
    const first = command('first', ['echo', 'word'])
    const second: Source = {
      name: 'second',
      about: '',
      read: {
        kind: 'command',
        command: ['echo', 'unadapted'],
        limitMillis: 10_000,
        adapt: { after: 'first', command: (text) => ['echo', `heard ${text.trim()}`] },
      },
    }
    expect((await takeCapture([second, first], means)).readings.second).toEqual({ text: 'heard word\n' })
    expect((await takeCapture([second], means)).readings.second).toEqual({ text: 'unadapted\n' })
  })
})

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A zombie is gone, too.
    return / Z /.test(execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' }))
  } catch {
    return true
  }
}

onPosix('whoever is asked to stop leaves what was not read by then, and no process', async () => {
  const mark = join(folder, 'stopped-pid')
  const stop = new AbortController()
  const taken = takeCapture([command('c', ['sh', '-c', `echo $$ > ${mark}; sleep 600`], 60_000)], {
    ...means,
    limitMillis: 60_000,
    signal: stop.signal,
  })
  await expect.poll(() => existsSync(mark) && readFileSync(mark, 'utf8')).toMatch(/\d/)
  stop.abort()
  expect((await taken).readings.c).toMatchObject({ failed: 'timed-out' })
  await expect.poll(() => isGone(Number(readFileSync(mark, 'utf8')))).toBe(true)
})

describe('a file', () => {
  const file = (path: string, maxBytes?: number): Source => ({
    name: 'f',
    about: '',
    read: { kind: 'file', path, ...(maxBytes !== undefined && { maxBytes }) },
  })

  it('is read to its limit', async () => {
    const path = join(folder, 'long')
    writeFileSync(path, 'abcdef')
    expect(await readOne(file(path))).toEqual({ text: 'abcdef' })
    expect(await readOne(file(path, 4))).toEqual({ text: 'abcd', isCut: true })
    if (process.platform === 'linux')
      expect(await readOne(file('/proc/self/status'))).toMatchObject({
        text: expect.stringContaining('Name:'),
      })
  })

  onPosix('that is none, a pipe nobody writes to, or a folder, keeps nobody waiting', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(await readOne(file(join(folder, 'absent')))).toMatchObject({ failed: 'absent' })
    expect(await readOne(file(pipe))).toMatchObject({ failed: 'unreadable' })
    expect(await readOne(file(folder))).toMatchObject({ failed: 'unreadable' })
  })
})

describe('a server', () => {
  let server: Server
  let times = 0
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/hangs') return void response.write('some')
      if (request.url === '/sick') return void response.writeHead(503).end('no')
      response.end(`${request.url} ${request.headers.authorization} ${++times}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const source = (path: string, name = 's', limitMillis = 10_000): Source => ({
    name,
    about: '',
    read: { kind: 'server', path, limitMillis },
  })
  const asking = (url: string) => ({
    server: (path: string, limitMillis: number, signal: AbortSignal) =>
      askServer(path, limitMillis, { base: new URL(url), key: 'k', ca: undefined, signal }),
    laterMillis: 1,
  })
  const here = () => asking(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`)

  it('is queried below its base URL, with the key, and again later', async () => {
    const capture = await takeCapture([source('/m', 'm'), source('/m', 'm-later')], { ...means, ...here() })
    expect(capture.readings.m?.text).toBe('/base/m Bearer k 1')
    expect(capture.readings['m-later']?.text).toBe('/base/m Bearer k 2')
  })

  it('that cannot be asked at all, as with a key that is none, is a reason like others', async () => {
    for (const more of [
      { key: 'two\nlines', ca: undefined },
      { key: undefined, ca: 'no certificate' },
    ]) {
      const base = new URL(more.ca === undefined ? 'http://127.0.0.1:1' : 'https://127.0.0.1:1')
      // What is left behind after it would end the process.
      expect(await askServer('/', 10, { base, ...more })).toMatchObject({ failed: expect.any(String) })
    }
  })

  it('is not asked any more when the time of all is over', async () => {
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { server: ask } = asking(root)
    expect(await ask('/hangs', 600_000, AbortSignal.abort())).toMatchObject({ failed: 'timed-out' })
  })

  it('is not asked where none was named', async () => {
    expect(await readOne(source('/m'))).toBeUndefined()
  })

  it('that is sick gives its body; that hangs, is not there or speaks no HTTP, a reason', async () => {
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await readOne(source('/sick'), asking(root))).toEqual({
      failed: 'exited',
      detail: 'HTTP 503',
      text: 'no',
    })
    expect(await readOne(source('/hangs', 's', 2_000), asking(root))).toMatchObject({
      failed: 'timed-out',
      text: 'some',
    })
    const odd = createTcpServer((socket) => socket.resume().end('what?\n'))
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
    const { port } = odd.address() as AddressInfo
    expect(await readOne(source('/'), asking(`http://127.0.0.1:${port}`))).toMatchObject({
      failed: 'unreadable',
    })
    await new Promise((resolve) => odd.close(resolve))
    expect(await readOne(source('/'), asking(`http://127.0.0.1:${port}`))).toMatchObject({ failed: 'absent' })
  })
})

describe('a probe', () => {
  const probe: Source = { name: 'p', about: '', read: { kind: 'probe' } }

  it('gives JSON, or a reason', async () => {
    expect(await readOne(probe, { probes: { p: async () => ({ a: 1 }) } })).toEqual({ text: '{"a":1}' })
    expect(await readOne(probe, { probes: { p: async () => undefined } })).toMatchObject({ failed: 'absent' })
    const failing = async () => {
      throw new Error('why')
    }
    expect(await readOne(probe, { probes: { p: failing } })).toEqual({ failed: 'unreadable', detail: 'why' })
  })

  it('that never ends is left behind when the time of all is over', async () => {
    const untilStopped = (signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
    expect(await readOne(probe, { probes: { p: untilStopped }, limitMillis: 50 })).toMatchObject({
      failed: 'timed-out',
    })
  })
})
