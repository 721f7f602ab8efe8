import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemClock } from '@hadal/base'
import {
  defaultCacheDir,
  listCachedModels,
  type ModelProgress,
  type ResolveModelOptions,
  resolveModel,
} from '@hadal/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeTinyModel } from '../tiny-model.ts'
import { type FakeHub, fakeModel, sha256, startFakeHub } from './fake-hub.ts'

const content = fakeModel(300_000)
let hub: FakeHub
let cacheDir: string
let events: ModelProgress[]

beforeEach(async () => {
  hub = await startFakeHub({ 'README.md': Buffer.from('#'), 'm-Q8_0.gguf': content })
  cacheDir = mkdtempSync(join(tmpdir(), 'hadal-models-'))
  events = []
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  rmSync(cacheDir, { recursive: true, force: true })
})

/** Skips the waits between attempts; other waits are real. */
const impatient = { ...systemClock, sleep: async () => {} }
const resolve = (ref = 'hf:owner/repo:Q8_0', options: ResolveModelOptions & { token?: string } = {}) =>
  resolveModel(ref, {
    cacheDir,
    env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: options.token },
    clock: impatient,
    onProgress: (event) => events.push(event),
    ...options,
  })
const typesOfEvents = () => events.map((event) => event.type).filter((type) => type !== 'received')
const leftOver = () =>
  readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(part|etag|lock)$/.test(name),
  )

describe('a path', () => {
  it('is taken as it is', async () => {
    const path = join(cacheDir, 'a.gguf')
    writeFileSync(path, content)
    expect(await resolve(path)).toEqual({ kind: 'gguf', path, files: [path], reason: 'given path' })
  })

  it('to a folder is the model in it', async () => {
    writeFileSync(join(cacheDir, 'a.gguf'), content)
    expect((await resolve(cacheDir)).path).toBe(join(cacheDir, 'a.gguf'))
    writeFileSync(join(cacheDir, 'b.gguf'), content)
    await expect(resolve(cacheDir)).rejects.toMatchObject({
      code: 'model_ambiguous',
      help: expect.stringContaining(join(cacheDir, 'b.gguf')),
    })
  })

  it('to one part stands for all parts', async () => {
    const parts = ['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf'].map((name) => join(cacheDir, name))
    writeFileSync(parts[1]!, content)
    await expect(resolve(parts[1])).rejects.toMatchObject({ code: 'model_shard_missing' })
    writeFileSync(parts[0]!, content)
    expect(await resolve(parts[1])).toMatchObject({ path: parts[0], files: parts })
  })

  it('that leads nowhere is answered with what was meant', async () => {
    writeFileSync(join(cacheDir, 'nano-q8.gguf'), content)
    await expect(resolve(join(cacheDir, 'nano.gguf'))).rejects.toMatchObject({
      code: 'model_file_not_found',
      help: expect.stringContaining('nano-q8.gguf'),
    })
    await expect(resolve('Qwen/Qwen3-0.6B-GGUF:Q8_0')).rejects.toMatchObject({
      help: 'Did you mean hf:Qwen/Qwen3-0.6B-GGUF:Q8_0?',
    })
    await expect(resolve(join(cacheDir, 'empty', 'x.gguf'))).rejects.toMatchObject({
      code: 'model_file_not_found',
      help: expect.stringContaining('Check the path'),
    })
    mkdirSync(join(cacheDir, 'empty'))
    await expect(resolve(join(cacheDir, 'empty'))).rejects.toMatchObject({ code: 'model_file_not_found' })
  })

  it.each([
    ['version https://git-lfs', 'Git LFS'],
    ['', 'empty'],
    ['<html>', 'web page'],
    ['PK\u0003\u0004', 'PK'],
  ])('to a file that begins with %j is refused', async (start, found) => {
    const path = join(cacheDir, 'a.gguf')
    writeFileSync(path, start)
    await expect(resolve(path)).rejects.toMatchObject({
      code: 'model_not_gguf',
      message: expect.stringContaining(found),
    })
  })
})

describe('regression: an unreadable path is not an internal error', () => {
  const unreadable = { code: 'model_unreadable', message: expect.stringContaining('cannot read') }

  it('where the part of a model is a folder', async () => {
    const parts = ['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf'].map((name) => join(cacheDir, name))
    writeFileSync(parts[0]!, content)
    mkdirSync(parts[1]!)
    await expect(resolve(parts[0])).rejects.toMatchObject(unreadable)
  })

  it('where a link leads to itself', async () => {
    const path = join(cacheDir, 'a.gguf')
    symlinkSync(path, path)
    await expect(resolve(path)).rejects.toMatchObject(unreadable)
  })

  it.runIf(process.getuid?.() !== 0)('when the file is not readable for this user', async () => {
    const path = join(cacheDir, 'a.gguf')
    writeFileSync(path, content, { mode: 0o000 })
    await expect(resolve(path)).rejects.toMatchObject(unreadable)
  })
})

describe('a model on the hub', () => {
  it('is downloaded, checked, and afterwards found without the network', async () => {
    const first = await resolve()
    expect(first.reason).toBe('downloaded')
    expect(sha256(readFileSync(first.path))).toBe(sha256(content))
    expect(typesOfEvents()).toEqual(['listing', 'started', 'finished'])
    expect(events.at(-1)).toMatchObject({ sha256: sha256(content), checked: true })
    expect(leftOver()).toEqual([])

    const requested = hub.requests.length
    const second = await resolve('hf:owner/repo:Q8_0', { offline: true })
    expect(second).toMatchObject({ path: first.path, reason: expect.stringContaining('in the cache since') })
    expect(hub.requests.length).toBe(requested)
    expect(await listCachedModels(cacheDir)).toMatchObject([
      { ref: 'hf:owner/repo:Q8_0', files: [{ path: first.path, bytes: 300_000, sha256: sha256(content) }] },
    ])
  })

  it('may be split; the first part is what to load', async () => {
    hub.files.set('big/b-Q4_0-00001-of-00002.gguf', fakeModel(1000, 2))
    hub.files.set('big/b-Q4_0-00002-of-00002.gguf', fakeModel(2000, 3))
    hub.behaviour.pageSize = 1
    const { path, files } = await resolve('hf:owner/repo:Q4_0')
    expect(path).toMatch(/b-Q4_0-00001-of-00002\.gguf$/)
    expect(files.map((file) => readFileSync(file).length)).toEqual([1000, 2000])
    expect(new Set(files.map(dirname)).size).toBe(1)
    // They arrive concurrently, in any order.
    const started = events.flatMap((event) => (event.type === 'started' ? [event] : []))
    expect(started.toSorted((a, b) => a.fileNumber - b.fileNumber)).toMatchObject([
      { fileNumber: 1, fileCount: 2, totalBytes: 1000 },
      { fileNumber: 2, fileCount: 2, totalBytes: 2000 },
    ])
  })

  it('left open is the usual quantization, and that is said', async () => {
    hub.files.set('m-Q4_K_M.gguf', fakeModel(1000, 4))
    expect((await resolve('hf:owner/repo')).path).toMatch(/m-Q4_K_M\.gguf$/)
    expect(events).toContainEqual({ type: 'chosen', file: 'm-Q4_K_M.gguf', among: 2 })
  })

  it('is downloaded again only when it changed', async () => {
    const old = await resolve()
    const before = hub.requests.length
    expect(await resolve(undefined, { refresh: true })).toEqual({ ...old, reason: 'up to date' })
    expect(hub.requests.length).toBe(before + 1)
    hub.files.set('m-Q8_0.gguf', fakeModel(5000, 9))
    const fresh = await resolve(undefined, { refresh: true })
    expect(readFileSync(fresh.path).length).toBe(5000)
    expect(sha256(readFileSync(old.path))).toBe(sha256(content))
  })

  it('that vanished from the cache is downloaded again', async () => {
    const { path } = await resolve()
    rmSync(path)
    expect((await resolve()).reason).toBe('downloaded')
  })

  it('not in the cache needs the network', async () => {
    await expect(resolve(undefined, { offline: true })).rejects.toMatchObject({
      code: 'model_not_cached',
      help: expect.stringContaining('hadal models pull hf:owner/repo:Q8_0'),
    })
    expect(hub.requests).toEqual([])
  })

  it('is fetched with the token, which other hosts never see', async () => {
    hub.behaviour.needsToken = true
    await using other = await startFakeHub({ 'm-Q8_0.gguf': content })
    hub.behaviour.redirectTo = other.endpoint.replace('127.0.0.1', 'localhost')
    await resolve(undefined, { token: 'secret' })
    expect(other.requests).toHaveLength(1)
    expect(other.requests[0]!.headers.authorization).toBeUndefined()
  })

  it.each([
    [{ listStatus: 404 }, undefined, 'hub_repo_not_found', 'needs HF_TOKEN'],
    [{ needsToken: true }, undefined, 'hub_repo_not_found', 'needs HF_TOKEN'],
    [{ listStatus: 404 }, 'x', 'hub_repo_not_found', 'HF_TOKEN has read access'],
    [{ needsToken: true }, 'wrong', 'hub_access_denied', 'renew the token'],
    [{ listStatus: 403 }, undefined, 'hub_access_denied', 'Set HF_TOKEN'],
    [{ fileStatus: 403 }, 'x', 'hub_access_denied', 'accept its terms'],
    [{ fileStatus: 404 }, undefined, 'hub_repo_not_found', 'revision'],
    [{ failures: 99 }, undefined, 'hub_failed', 'Try again later'],
    [{ listStatus: 418 }, undefined, 'hub_failed', 'Try again later'],
    [{ listBody: '<html>' }, undefined, 'hub_failed', 'mirror'],
  ])('%j with token %s: %s', async (behaviour, token, code, help) => {
    Object.assign(hub.behaviour, behaviour)
    await expect(resolve(undefined, { ...(token !== undefined && { token }) })).rejects.toMatchObject({
      code,
      help: expect.stringContaining(help),
    })
  })

  it('gets over a hub that is busy for a moment', async () => {
    Object.assign(hub.behaviour, { failures: 2, failStatus: 429 })
    expect((await resolve()).reason).toBe('downloaded')
    expect(typesOfEvents().filter((type) => type === 'retrying')).toHaveLength(2)
  })

  it('cannot be had where the hub cannot be reached', async () => {
    const { endpoint } = hub
    await hub[Symbol.asyncDispose]()
    await expect(resolve(undefined, { env: { HF_ENDPOINT: endpoint } })).rejects.toMatchObject({
      code: 'hub_unreachable',
      message: `cannot reach ${endpoint}: the connection was refused`,
    })
  })
})

describe('a download', () => {
  it('survives connections that are cut, as long as each brings something', async () => {
    hub.behaviour.cutAfterBytes = 70_000
    expect(sha256(readFileSync((await resolve()).path))).toBe(sha256(content))
    const ranges = hub.requests.slice(1).map((request) => request.headers.range)
    expect(ranges[0]).toBeUndefined()
    expect(ranges.length).toBeGreaterThan(4)
    expect(events.some((event) => event.type === 'retrying' && /cut|closed/.test(event.reason))).toBe(true)
  })

  it('gives up when attempts bring nothing more, and goes on from there the next time', async () => {
    Object.assign(hub.behaviour, { cutAfterBytes: 200_000, ignoreRange: true })
    await expect(resolve()).rejects.toMatchObject({ code: 'download_failed' })
    expect(leftOver()).toContainEqual(expect.stringMatching(/\.part$/))
    hub.behaviour.cutAfterBytes = 1e9
    hub.behaviour.ignoreRange = false
    events = []
    expect(sha256(readFileSync((await resolve()).path))).toBe(sha256(content))
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'started', resumedBytes: expect.any(Number) }),
    )
    const started = events.find((event) => event.type === 'started')
    expect(started?.resumedBytes).toBeGreaterThan(0)
  })

  it('starts over when the server ignores the range request', async () => {
    hub.behaviour.cutAfterBytes = 100_000
    await expect(
      resolve(undefined, { clock: { ...impatient, sleep: () => Promise.reject(new Error('stop')) } }),
    ).rejects.toThrow('stop')
    Object.assign(hub.behaviour, { cutAfterBytes: 1e9, ignoreRange: true })
    expect(sha256(readFileSync((await resolve()).path))).toBe(sha256(content))
  })

  it('starts over where the server sends another part', async () => {
    Object.assign(hub.behaviour, { cutAfterBytes: 100_000, wrongRangeStart: 7 })
    await expect(resolve()).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringMatching(/another part|cut/),
    })
  })

  it('gives up on a connection that sends nothing', async () => {
    hub.behaviour.stallAfterBytes = 100
    await expect(resolve(undefined, { stallMillis: 500 })).rejects.toMatchObject({
      code: 'download_failed',
      message: expect.stringContaining('nothing arrived'),
    })
  })

  it('waits as long as a busy server says', async () => {
    const waits: number[] = []
    const clock = { ...systemClock, sleep: async (millis: number) => void waits.push(millis) }
    Object.assign(hub.behaviour, { failures: 2, failStatus: 429, retryAfter: '7' })
    await resolve(`${hub.endpoint}/owner/repo/resolve/main/m-Q8_0.gguf`, { clock })
    expect(waits).toEqual([7000, 7000])
  })

  it('of something else than announced is refused and not kept', async () => {
    hub.behaviour.listedSha256 = '0'.repeat(64)
    await expect(resolve()).rejects.toMatchObject({
      code: 'checksum_mismatch',
      message: expect.stringContaining(sha256(content)),
    })
    const part = leftOver().find((name) => name.endsWith('.part'))!
    expect(readFileSync(join(cacheDir, part)).length).toBe(0)
    expect(await listCachedModels(cacheDir)).toEqual([])
  })

  it('begins again by itself when what an earlier run left is spoilt', async () => {
    hub.behaviour.cutAfterBytes = 100_000
    const stop = { ...impatient, sleep: () => Promise.reject(new Error('stop')) }
    await expect(resolve(undefined, { clock: stop })).rejects.toThrow('stop')
    const part = join(cacheDir, leftOver().find((name) => name.endsWith('.part'))!)
    writeFileSync(part, Buffer.concat([readFileSync(part).subarray(0, 50), Buffer.from('spoilt')]))
    delete hub.behaviour.cutAfterBytes
    expect(sha256(readFileSync((await resolve()).path))).toBe(sha256(content))
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'retrying', reason: expect.stringContaining('SHA-256') }),
    )
  })

  it('that was complete but not renamed is not repeated', async () => {
    const { path } = await resolve()
    const { ref } = (await listCachedModels(cacheDir))[0]!
    writeFileSync(`${path}.part`, content)
    rmSync(path)
    const before = hub.requests.length
    await resolve(ref)
    expect(hub.requests.length).toBe(before + 1)
  })

  it.each([{ lengthLie: 100 }, { listedSizeLie: 100 }, { listedSizeLie: -100 }])(
    'whose size is a lie is refused: %j',
    async (behaviour) => {
      Object.assign(hub.behaviour, behaviour)
      await expect(resolve()).rejects.toMatchObject({ code: 'download_size_mismatch' })
    },
  )

  it('that does not fit on the disk is refused before it starts', async () => {
    hub.behaviour.listedSizeLie = 2 ** 60
    hub.behaviour.lengthLie = 2 ** 60
    await expect(resolve()).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/free and .* are needed; .* are missing/),
    })
  })

  it('into a folder that cannot be written to says so', async () => {
    const file = join(cacheDir, 'file')
    writeFileSync(file, '')
    await expect(resolve(undefined, { cacheDir: file })).rejects.toMatchObject({ code: 'cache_not_writable' })
  })

  it('stops when aborted, and keeps what it has', async () => {
    const controller = new AbortController()
    hub.behaviour.stallAfterBytes = 1000
    const onProgress = (event: ModelProgress): void => {
      if (event.type === 'received' && event.receivedBytes > 0) controller.abort(new Error('enough'))
    }
    await expect(resolve(undefined, { signal: controller.signal, onProgress })).rejects.toThrow('enough')
    expect(leftOver()).toEqual([expect.stringMatching(/\.part$/), expect.stringMatching(/\.etag$/)])
  })
})

describe('a URL', () => {
  const url = (fragment = '') => `${hub.endpoint}/owner/repo/resolve/main/m-Q8_0.gguf${fragment}`

  it('is downloaded, with or without a checksum', async () => {
    expect(sha256(readFileSync((await resolve(url())).path))).toBe(sha256(content))
    expect(events.at(-1)).toMatchObject({ type: 'finished', checked: false })
    await resolve(url(`#sha256=${sha256(content)}`))
    expect(events.at(-1)).toMatchObject({ type: 'finished', checked: true })
    await expect(resolve(url(`#sha256=${'0'.repeat(64)}`))).rejects.toMatchObject({
      code: 'checksum_mismatch',
    })
  })

  it.each([
    ['"v1"', '"v1"', true],
    ['"v1"', '"v2"', false],
    [null, null, false],
    ['W/"v1"', 'W/"v1"', false],
  ])('goes on from version %s with version %s: %s', async (before, after, goesOn) => {
    Object.assign(hub.behaviour, { cutAfterBytes: 100_000, etag: before })
    const stop = { ...impatient, sleep: () => Promise.reject(new Error('stop')) }
    await expect(resolve(url(), { clock: stop })).rejects.toThrow('stop')
    Object.assign(hub.behaviour, { cutAfterBytes: 1e9, etag: after })
    events = []
    expect(sha256(readFileSync((await resolve(url())).path))).toBe(sha256(content))
    const started = events.find((event) => event.type === 'started')
    expect(started!.resumedBytes > 0).toBe(goesOn)
  })

  describe('regression: a file of unknown length', () => {
    const model = (): Buffer => {
      const path = join(cacheDir, 'tiny.gguf')
      writeTinyModel(path)
      return readFileSync(path)
    }

    it('is taken when all of its tensors are there', async () => {
      hub.files.set('m-Q8_0.gguf', model())
      hub.behaviour.lengthless = model().length
      expect(sha256(readFileSync((await resolve(url())).path))).toBe(sha256(model()))
      expect(events.find((event) => event.type === 'started')?.totalBytes).toBeUndefined()
    })

    it.each([0.1, 0.5, 0.999])('is not kept when it was cut off at %f', async (part) => {
      hub.files.set('m-Q8_0.gguf', model())
      hub.behaviour.lengthless = Math.floor(model().length * part)
      await expect(resolve(url())).rejects.toMatchObject({
        code: 'download_incomplete',
        message: expect.stringContaining('are not a complete model'),
      })
      expect(await listCachedModels(cacheDir)).toEqual([])
      delete hub.behaviour.lengthless
      expect(sha256(readFileSync((await resolve(url())).path))).toBe(sha256(model()))
    })

    it('is left to its checksum where it has one', async () => {
      hub.behaviour.lengthless = content.length
      const { path } = await resolve(url(`#sha256=${sha256(content)}`))
      expect(sha256(readFileSync(path))).toBe(sha256(content))
    })
  })

  it('to a web page is refused before the rest is fetched', async () => {
    hub.files.set('page.gguf', Buffer.from(`<!doctype html>${' '.repeat(100_000)}`))
    await expect(resolve(`${hub.endpoint}/owner/repo/resolve/main/page.gguf`)).rejects.toMatchObject({
      code: 'model_not_gguf',
      message: expect.stringContaining('web page'),
    })
  })

  it.each([
    [404, 'Check the URL'],
    [403, 'expired'],
  ])('answered with %d is refused', async (status, help) => {
    hub.behaviour.fileStatus = status
    await expect(resolve(url())).rejects.toMatchObject({
      code: 'download_refused',
      help: expect.stringContaining(help),
    })
  })

  it('that names no model is refused', async () => {
    await expect(resolve('http://example.com/m.gguf')).rejects.toMatchObject({ code: 'model_ref_invalid' })
  })
})

describe('two at once', () => {
  it('download once', async () => {
    const clock = systemClock
    const [a, b] = await Promise.all([resolve(undefined, { clock }), resolve(undefined, { clock })])
    expect(a.path).toBe(b.path)
    expect([a.reason, b.reason].filter((reason) => reason === 'downloaded')).toHaveLength(1)
    expect(events).toContainEqual({ type: 'waiting', pid: process.pid })
    expect(hub.requests.filter((request) => request.url.includes('/resolve/'))).toHaveLength(1)
  })

  it('regression: a lock whose owner died is taken over', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    const { path } = await resolve()
    writeFileSync(`${dirname(path)}.lock`, JSON.stringify({ pid: child.pid, host: hostname(), token: 'x' }))
    rmSync(path)
    expect((await resolve()).reason).toBe('downloaded')
    expect(existsSync(`${dirname(path)}.lock`)).toBe(false)
  })

  it('stop waiting when aborted', async () => {
    const { path } = await resolve()
    writeFileSync(
      `${dirname(path)}.lock`,
      JSON.stringify({ pid: process.ppid, host: hostname(), token: 'x' }),
    )
    rmSync(path)
    const stop = new AbortController()
    const onProgress = (event: ModelProgress): void => {
      events.push(event)
      if (event.type === 'waiting') setTimeout(() => stop.abort(new Error('enough')))
    }
    const waiting = resolve(undefined, { signal: stop.signal, clock: systemClock, onProgress })
    await expect(waiting).rejects.toThrow('enough')
    expect(events.at(-1)).toEqual({ type: 'waiting', pid: process.ppid })
  })
})

it('the cache is where the XDG rules want it', () => {
  expect(defaultCacheDir({ XDG_CACHE_HOME: '/x' })).toBe('/x/hadal')
  expect(defaultCacheDir({})).toMatch(/\.cache.hadal$/)
})
