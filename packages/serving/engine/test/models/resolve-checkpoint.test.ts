import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { systemClock } from '@hadal/base'
import { listCachedModels, type ModelProgress, type ResolveModelOptions, resolveModel } from '@hadal/engine'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeHub, fakeModel, gitBlob, sha256, startFakeHub } from './fake-hub.ts'

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const small = {
  'config.json': json({ model_type: 'llama' }),
  'generation_config.json': json({}),
  'tokenizer.json': json({ model: {} }),
  'tokenizer_config.json': json({ eos_token: '</s>' }),
  'special_tokens_map.json': json({}),
  'chat_template.jinja': Buffer.from(''),
}
const unwanted = {
  'README.md': Buffer.from('#'),
  'original/consolidated.00.pth': Buffer.from('x'),
  'onnx/model.safetensors': Buffer.from('x'),
}
const single = { ...small, ...unwanted, 'model.safetensors': fakeModel(300_000) }
const names = [1, 2, 3, 4].map((number) => `model-0000${number}-of-00004.safetensors`)
const shards = Object.fromEntries(names.map((name, index) => [name, fakeModel(100_000 + index, index + 1)]))
const indexOf = (values: readonly unknown[]): Buffer =>
  json({ weight_map: Object.fromEntries(values.map((value, index) => [`w${index}`, value])) })
const sharded = {
  ...small,
  ...unwanted,
  ...shards,
  'consolidated.safetensors': fakeModel(1000, 9),
  'model.safetensors.index.json': indexOf([...names, ...names]),
}

let hub: FakeHub
let base: string
let cacheDir: string
let events: ModelProgress[]

beforeEach(async () => {
  hub = await startFakeHub(single)
  base = mkdtempSync(join(tmpdir(), 'hadal-checkpoints-'))
  cacheDir = join(base, 'cache')
  events = []
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  rmSync(base, { recursive: true })
})

/** Skips the waits between attempts; other waits are real. */
const impatient = { ...systemClock, sleep: async () => {} }
/** Gives up at the first interruption. */
const giveUp = { ...impatient, sleep: () => Promise.reject(new Error('stop')) }
const ref = 'hf:owner/repo:safetensors'
const resolve = (given = ref, options: ResolveModelOptions & { token?: string } = {}) =>
  resolveModel(given, {
    cacheDir,
    checkpoints: true,
    env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: options.token },
    clock: impatient,
    onProgress: (event) => events.push(event),
    ...options,
  })
function holds(files: Record<string, Buffer>): void {
  hub.files.clear()
  for (const [path, content] of Object.entries(files)) hub.files.set(path, content)
}
/** SHA-256 by name: short output when a comparison fails. */
const digests = (files: Record<string, Buffer>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]))
const filesIn = (folder: string): Record<string, string> =>
  digests(
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const)),
  )
const requestsFor = (name: string) => hub.requests.filter(({ url }) => url.endsWith(`/${name}`))
const started = (file: string) => events.filter((event) => event.type === 'started' && event.file === file)

describe('a checkpoint on the hub', () => {
  it('of one file of weights becomes a folder with what training needs', async () => {
    const found = await resolve()
    expect(found).toMatchObject({ kind: 'checkpoint', reason: 'downloaded' })
    expect(filesIn(found.path)).toEqual(
      digests({ ...small, 'model.safetensors': single['model.safetensors'] }),
    )
    expect(found.files[0]).toBe(join(found.path, 'config.json'))
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'planned', folder: found.path, fileCount: 7, presentBytes: 0 }),
    )
    const finished = events.filter((event) => event.type === 'finished')
    expect(finished).toHaveLength(7)
    expect(finished.every(({ checked }) => checked)).toBe(true)
  })

  it('of several is what its index names, three at once', async () => {
    holds(sharded)
    hub.behaviour.delayMillis = 30
    const { path } = await resolve()
    const index = sharded['model.safetensors.index.json']
    expect(filesIn(path)).toEqual(digests({ ...small, ...shards, 'model.safetensors.index.json': index }))
    expect(hub.maxAtOnce).toBe(3)
    for (const name of [...names, 'model.safetensors.index.json']) expect(requestsFor(name)).toHaveLength(1)
  })

  it('is taken for a repository without GGUF files, at any revision', async () => {
    const { kind, path } = await resolve('hf:owner/repo@refs/pr/1')
    expect(kind).toBe('checkpoint')
    expect(requestsFor('config.json')[0]!.url).toBe('/owner/repo/resolve/refs%2Fpr%2F1/config.json')
    hub.files.set('m-Q8_0.gguf', fakeModel(1000))
    expect((await resolve('hf:owner/repo')).kind).toBe('gguf')
    expect(await resolve()).toMatchObject({ kind: 'checkpoint', path })
  })

  it('is afterwards found without the network, and by those who list', async () => {
    const { path, files } = await resolve()
    const requested = hub.requests.length
    expect(await resolve(ref, { offline: true, refresh: true })).toMatchObject({ kind: 'checkpoint', path })
    expect(hub.requests.length).toBe(requested)
    expect(await listCachedModels(cacheDir)).toMatchObject([
      { ref, kind: 'checkpoint', files: files.map((file) => ({ path: file })) },
    ])
    await expect(resolve('hf:owner/other:safetensors', { offline: true })).rejects.toMatchObject({
      code: 'model_not_cached',
      help: expect.stringContaining('hadal models pull hf:owner/other:safetensors'),
    })
  })

  it('is downloaded again only after a change, to a new folder', async () => {
    const old = await resolve()
    hub.requests.length = 0
    expect(await resolve(ref, { refresh: true })).toEqual({ ...old, reason: 'up to date' })
    expect(hub.requests).toHaveLength(1)
    hub.files.set('tokenizer_config.json', json({ eos_token: '<|im_end|>' }))
    const fresh = await resolve(ref, { refresh: true })
    expect(fresh.path).not.toBe(old.path)
    expect(dirname(fresh.path)).toBe(dirname(old.path))
    expect(filesIn(old.path)).toMatchObject(digests(small))
  })

  it('of which a small file was changed here gets that one anew', async () => {
    const { path } = await resolve()
    writeFileSync(join(path, 'config.json'), json({ model_type: 'qwens' }))
    hub.requests.length = 0
    await resolve(ref, { refresh: true })
    expect(hub.requests.map(({ url }) => basename(url))).toEqual(['main?recursive=true', 'config.json'])
    expect(filesIn(path)).toMatchObject(digests(small))
  })

  it('of which weights were damaged here gets those anew where it is read once more', async () => {
    holds(sharded)
    const { path } = await resolve()
    const damaged = Buffer.from(shards[names[1]!]!)
    damaged[50_000]! ^= 1
    writeFileSync(join(path, names[1]!), damaged)
    hub.requests.length = 0
    expect((await resolve(ref, { refresh: true })).reason).toBe('up to date')
    const { reason } = await resolve(ref, { refresh: true, verify: true })
    expect(reason).toBe('downloaded')
    expect(hub.requests.map(({ url }) => basename(url)).slice(2)).toEqual([names[1]])
    expect(filesIn(path)).toMatchObject(digests(shards))
    expect(events).toContainEqual({ type: 'verifying', file: names[1], totalBytes: 100_001 })
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(resolve(ref, { refresh: true, verify: true, signal: controller.signal })).rejects.toThrow(
      'enough',
    )
  })

  it('is no model to serve', async () => {
    const served = { checkpoints: false }
    const refused = { code: 'checkpoint_not_servable', help: expect.stringContaining('export') }
    await expect(resolve(ref, served)).rejects.toMatchObject(refused)
    await expect(resolve('hf:owner/repo', served)).rejects.toMatchObject({ code: 'model_quant_not_found' })
    expect(requestsFor('model.safetensors')).toEqual([])
    const { path } = await resolve('hf:owner/repo')
    await expect(resolve('hf:owner/repo', served)).rejects.toMatchObject(refused)
    await expect(resolve(path, served)).rejects.toMatchObject(refused)
  })

  it('in a folder here is taken as it is', async () => {
    const folder = join(base, 'mine')
    mkdirSync(folder)
    await expect(resolve(folder)).rejects.toMatchObject({ code: 'model_file_not_found' })
    writeFileSync(join(folder, 'config.json'), '{}')
    expect(await resolve(folder)).toEqual({
      kind: 'checkpoint',
      path: folder,
      files: [join(folder, 'config.json')],
      reason: 'given path',
    })
  })

  it('two at once download once', async () => {
    const [a, b] = await Promise.all([
      resolve(ref, { clock: systemClock }),
      resolve(ref, { clock: systemClock }),
    ])
    expect(a.path).toBe(b.path)
    expect(requestsFor('model.safetensors')).toHaveLength(1)
  })
})

describe('what is no checkpoint', () => {
  const without = (...left: string[]): Record<string, Buffer> =>
    Object.fromEntries(Object.entries(single).filter(([name]) => !left.includes(name)))

  it('pickle is never downloaded', async () => {
    for (const name of ['pytorch_model.bin', 'pytorch_model-00001-of-00002.bin', 'consolidated.00.pth']) {
      holds({ ...without('model.safetensors'), [name]: fakeModel(1000) })
      await expect(resolve()).rejects.toMatchObject({
        code: 'checkpoint_is_pickle',
        message: expect.stringContaining(name),
        help: expect.stringContaining('@refs/pr/1:safetensors'),
      })
    }
    holds({ ...single, 'pytorch_model.bin': fakeModel(1000), 'training_args.bin': fakeModel(10) })
    await resolve()
    expect(hub.requests.filter(({ url }) => /\.(bin|pth)$/.test(url))).toEqual([])
  })

  it.each([
    [without('config.json'), 'config.json'],
    [without('model.safetensors'), 'model.safetensors or model.safetensors.index.json'],
    [{ 'adapter_model.safetensors': fakeModel(100), 'adapter_config.json': json({}) }, 'config.json'],
    [{ ...sharded, 'model.safetensors.index.json': indexOf(['gone.safetensors']) }, 'gone.safetensors'],
  ])('%# lacks a file', async (files, missing) => {
    holds(files)
    await expect(resolve()).rejects.toMatchObject({
      code: 'checkpoint_not_found',
      message: expect.stringContaining(`missing: ${missing}`),
    })
  })

  it.each([
    ['nonsense', 'is not JSON'],
    ['null', 'no weight_map'],
    ['{"weight_map": {}}', 'no weight_map'],
    ['{"weight_map": {"a": 1}}', 'names 1'],
    ['{"weight_map": {"a": "../x.safetensors"}}', 'no file name of a shard'],
    ['{"weight_map": {"a": "pytorch_model.bin"}}', 'no file name of a shard'],
  ])('an index that says %s is refused', async (text, why) => {
    holds({ ...sharded, 'model.safetensors.index.json': Buffer.from(text) })
    await expect(resolve()).rejects.toMatchObject({
      code: 'checkpoint_index_invalid',
      message: expect.stringContaining(why),
    })
    expect(requestsFor(names[0]!)).toEqual([])
  })

  it('an index of more than any model needs is not fetched', async () => {
    holds({ ...small, ...shards })
    const entry = { type: 'file', path: 'model.safetensors.index.json', size: 2 ** 40, oid: 'a'.repeat(40) }
    hub.behaviour.extraEntries = [entry]
    await expect(resolve()).rejects.toMatchObject({ code: 'checkpoint_index_invalid' })
  })
})

describe('the download of a checkpoint', () => {
  it('goes on at the byte where it was, in every file', async () => {
    holds(sharded)
    hub.behaviour.cutAfterBytes = 70_000
    await expect(resolve(ref, { clock: giveUp })).rejects.toThrow('stop')
    const parts = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.part'))
      .map((name) => join(cacheDir, name))
    const stopped = new Map(
      parts.map((path) => [basename(path, '.part'), readFileSync(path).length] as const),
    )
    expect(Math.max(...stopped.values())).toBeGreaterThan(0)
    delete hub.behaviour.cutAfterBytes
    hub.requests.length = 0
    const { path } = await resolve()
    for (const [name, bytes] of stopped) {
      const range = bytes > 0 ? `bytes=${bytes}-` : undefined
      expect(requestsFor(name)[0]!.headers.range).toBe(range)
    }
    expect(filesIn(path)).toMatchObject(digests(shards))
    expect(requestsFor('config.json')).toEqual([])
  })

  it('survives cuts, stalls, and a hub that is busy', async () => {
    holds(sharded)
    Object.assign(hub.behaviour, { cutAfterBytes: 70_000, failures: 2, failStatus: 429 })
    expect(filesIn((await resolve()).path)).toMatchObject(digests(shards))
  })

  it('waits as long as a busy hub says, for its list as for its files', async () => {
    const waits: number[] = []
    const clock = { ...systemClock, sleep: async (millis: number) => void waits.push(millis) }
    Object.assign(hub.behaviour, { failures: 2, failStatus: 429, retryAfter: '7' })
    await resolve(ref, { clock })
    expect(waits).toEqual([7000, 7000])
  })

  it.each(['model.safetensors', 'config.json'])(
    'fetches %s again, once, when it is damaged',
    async (name) => {
      hub.behaviour.spoilt = { [name]: 1 }
      expect(filesIn((await resolve()).path)).toMatchObject(digests(small))
      expect(requestsFor(name)).toHaveLength(2)
      expect(started(name)).toHaveLength(2)
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'retrying', file: name, reason: expect.stringContaining('SHA') }),
      )
    },
  )

  it.each([
    ['model.safetensors', `SHA-256`, sha256(single['model.safetensors'])],
    ['config.json', 'git SHA-1', gitBlob(small['config.json'])],
  ])('does not keep %s when it stays damaged', async (name, algorithm, digest) => {
    hub.behaviour.spoilt = { [name]: 99 }
    await expect(resolve()).rejects.toMatchObject({
      code: 'checksum_mismatch',
      message: expect.stringMatching(new RegExp(`${name} has ${algorithm} .*, expected ${digest}`)),
    })
    expect(requestsFor(name)).toHaveLength(2)
    expect(await listCachedModels(cacheDir)).toEqual([])
    const kept = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' })
    expect(kept.filter((path) => basename(path) === name)).toEqual([])
  })

  it('asks for no byte of a file that was replaced since it was listed', async () => {
    await using other = await startFakeHub(single)
    Object.assign(hub.behaviour, { redirectTo: other.endpoint, linkedSha256: sha256(Buffer.from('new')) })
    await expect(resolve()).rejects.toMatchObject({ code: 'checksum_mismatch' })
    expect(other.requests.filter(({ url }) => url.endsWith('model.safetensors'))).toEqual([])
    hub.behaviour.linkedSha256 = sha256(single['model.safetensors'])
    hub.files.delete('chat_template.jinja')
    for (const name of ['config.json', 'tokenizer.json']) hub.files.set(name, json({ new: name }))
    await expect(resolve()).rejects.toMatchObject({ code: expect.stringMatching(/checksum|size/) })
  })

  it('is refused before it starts where it does not fit, with how much is missing', async () => {
    const model = { oid: sha256(Buffer.from('')), size: 2 ** 60 }
    hub.files.delete('model.safetensors')
    hub.behaviour.extraEntries = [
      { type: 'file', path: 'model.safetensors', size: 134, oid: 'x', lfs: model },
    ]
    await expect(resolve()).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/free and .* are needed; .* are missing/),
    })
    expect(hub.requests).toHaveLength(1)
  })

  it.each([
    [401, undefined, 'hub_repo_not_found'],
    [401, 'x', 'hub_access_denied'],
    [403, undefined, 'hub_access_denied'],
    [404, undefined, 'hub_repo_not_found'],
    [410, undefined, 'hub_failed'],
  ])('answered with %d, with token %s: %s', async (fileStatus, token, code) => {
    hub.behaviour.fileStatus = fileStatus
    await expect(resolve(ref, { ...(token !== undefined && { token }) })).rejects.toMatchObject({ code })
  })

  it('takes the token to its host only, and names it nowhere', async () => {
    hub.behaviour.needsToken = true
    await using other = await startFakeHub(single)
    hub.behaviour.redirectTo = other.endpoint.replace('127.0.0.1', 'localhost')
    other.behaviour.cutAfterBytes = 200_000
    await resolve(ref, { token: 'secret' })
    expect(other.requests).toHaveLength(7)
    for (const { headers } of other.requests) expect(headers.authorization).toBeUndefined()
    for (const { headers } of hub.requests) expect(headers.authorization).toBe('Bearer secret')
    expect(JSON.stringify(events)).not.toContain('secret')
    const { path } = await resolve(ref, { token: 'secret' })
    for (const name of readdirSync(path))
      expect(readFileSync(join(path, name)).includes('secret')).toBe(false)
  })

  it('stops the others where one fails, and leaves nothing running', async () => {
    holds(sharded)
    hub.behaviour.stallAfterBytes = 100
    await expect(resolve(ref, { stallMillis: 60, clock: giveUp })).rejects.toThrow('stop')
    const requested = hub.requests.length
    await new Promise((done) => setTimeout(done, 150))
    expect(hub.requests.length).toBe(requested)
  })

  it('stops when aborted', async () => {
    const controller = new AbortController()
    hub.behaviour.stallAfterBytes = 1000
    const onProgress = (event: ModelProgress): void => {
      if (event.type === 'received' && event.receivedBytes === 1000) controller.abort(new Error('enough'))
    }
    await expect(resolve(ref, { signal: controller.signal, onProgress })).rejects.toThrow('enough')
  })
})

it('no path that a hub lists leads out of the folder, whatever it is', async () => {
  const name = fc.constantFrom('..', '.', '', 'config.json', 'model.safetensors', 'a', 'x'.repeat(5000))
  const slash = fc.constantFrom('/', '\\', '//', '\u0000', '%2f')
  const ending = fc.constantFrom('', '.gguf', '.safetensors', 'config.json')
  const path = fc.oneof(
    fc
      .tuple(fc.array(fc.tuple(name, slash), { maxLength: 4 }), name, ending)
      .map(([steps, last, end]) => `${steps.flat().join('')}${last}${end}`),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('/etc/x.gguf', 'C:\\x.gguf', '\\\\host\\x.safetensors', '../../../../x.gguf'),
  )
  const entry = fc.record({
    type: fc.constantFrom('file', 'directory'),
    path: fc.oneof(path, fc.anything()),
    size: fc.constantFrom(0, 3, -1, 0.5, '3', undefined),
    oid: fc.constantFrom('a'.repeat(40), undefined, 3),
    lfs: fc.constantFrom(undefined, null, 3, { oid: 'a'.repeat(64), size: 3 }),
  })
  const refs = fc.constantFrom(ref, 'hf:owner/repo', 'hf:owner/repo:Q8_0')
  hub.files.clear()
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), refs, async (entries, given) => {
      hub.behaviour.listBody = JSON.stringify(entries)
      const outcome = await resolve(given, { refresh: true }).catch((error: unknown) => error)
      // A name such as `...gguf` is one of a file in the folder.
      const path = (outcome as { path?: string }).path
      if (path === undefined)
        expect(outcome).toMatchObject({ code: expect.stringMatching(/^(?:model|checkpoint|hub|checksum)_/) })
      else expect(relative(base, path)).not.toMatch(/^\.\.(?:\/|$)|^\//)
      const top = [base, cacheDir].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
      expect(['cache', 'models']).toEqual(expect.arrayContaining(top))
    }),
    { numRuns: 200 },
  )
  expect(existsSync('/etc/x.gguf')).toBe(false)
})
