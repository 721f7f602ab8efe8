/** Model files that were truncated or changed: each request ends with a response or an error that has a code, and others are served. */

import { execFile } from 'node:child_process'
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { seededRandom } from '@hadal/base'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { hadalBin, root } from '../../../packages/apps/cli/test/hadal-process.ts'
import { writeTinyClip } from '../../../packages/apps/cli/test/tiny-clip.ts'
import { writeAdapter } from '../../../packages/serving/engine/test/tiny-adapter.ts'
import { writeTinyModel } from '../../../packages/serving/engine/test/tiny-model.ts'
import { onnxFile, tensors } from '../onnx-request.ts'
import { chat, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { serveModels, TemporaryFolder, works } from '../serving.ts'

const nano = join(root, 'models/nano/nano-q8_0.gguf')

/** Unchanged for the seed 0. Of the others, one in three is truncated; bytes of the rest change, mostly in the header. */
function damage(path: string, seed: number): void {
  if (seed === 0) return
  const random = seededRandom(seed)
  const bytes = readFileSync(path)
  if (seed % 3 === 0) {
    truncateSync(path, Math.floor(random() * bytes.length))
    return
  }
  const header = seed % 3 === 1 ? Math.min(bytes.length, 4096) : bytes.length
  for (let change = 0; change < 1 + random() * 16; change += 1)
    bytes[Math.floor(random() * header)] = random() < 0.3 ? 255 : Math.floor(random() * 256)
  writeFileSync(path, bytes)
}

interface Hostile {
  readonly model: Readonly<Record<string, unknown>>
  readonly path?: string
  readonly body?: unknown
}

function hostileModels(
  name: string,
  inject: string,
  count: number,
  make: (folder: TemporaryFolder, seed: number) => Hostile,
): Scenario {
  return {
    name: `hostile ${name}`,
    inject,
    run: async (scale) => {
      using folder = new TemporaryFolder()
      const files = Array.from({ length: Math.max(3, Math.round(count * scale)) }, (_, seed) =>
        make(folder, seed),
      )
      const models = files.map(({ model }, index) => ({ id: `m${index}`, idleUnloadMillis: 1000, ...model }))
      await using serving = await serveModels(folder, [
        { id: 'nano', model: 'nano', pinned: true },
        ...models,
      ])
      const requests = new Requests(serving.url)
      const problems: string[] = []
      let survived = 0
      for (const [index, { path, body }] of files.entries()) {
        const [{ outcome, text }, neighbour] = await Promise.all([
          requests.send(body ?? chat(`m${index}`, 4), {
            path: path?.replace('MODEL', `m${index}`) ?? '/v1/chat/completions',
            timeoutMillis: 60_000,
          }),
          requests.send(chat('nano', 30, true)),
        ])
        if (index === 0 && outcome !== 'answered') problems.push(`the unchanged file: ${outcome}`)
        if (outcome.startsWith('lost')) problems.push(`file ${index}: ${outcome}: ${text.slice(0, 200)}`)
        if (neighbour.outcome === 'answered' && !serving.hadal.hasEnded) survived += 1
      }
      if (!(await works(serving.url))) problems.push('the gateway does not serve any more')
      return await requests.account(files.length, survived, { problems, note: 'the first file is unchanged' })
    },
  }
}

const templates: readonly string[] = [
  '{% for m in messages %}{{ m.content }}{% endfor %}',
  "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x | replace('a', 'aa') %}{% endfor %}{{ ns.x }}",
  '{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}',
  "{{ 'x' * 1000000000 }}",
  '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
  "{{ ''.__class__.__mro__ }}",
  '{{ messages[5].content.x.y }}',
  `{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`,
  '{% if %}',
  "{{ raise_exception('no') }}",
  '{{ range(1000000000) | list | length }}',
  "{{ 'a'.center(1000000000) }}",
  '{{ [1] | tojson(indent=1000000000) }}',
]

const clip = { path: '/v1/embeddings' }
const embedding = (seed: number) => ({ model: `m${seed}`, input: ['a red square'] })
const clipWith =
  (file: string) =>
  (folder: TemporaryFolder, seed: number): Hostile => {
    const original = join(folder.path, 'clip')
    if (seed === 0) writeTinyClip(original)
    const path = join(folder.path, `clip-${seed}`)
    cpSync(original, path, { recursive: true })
    damage(join(path, file), seed)
    return { model: { model: path }, ...clip, body: embedding(seed) }
  }
const copyOf = (folder: TemporaryFolder, seed: number, file: string, extension: string): string => {
  const path = join(folder.path, `copy-${seed}.${extension}`)
  cpSync(file, path)
  damage(path, seed)
  return path
}

const adapterFiles: Scenario = {
  name: 'hostile adapters',
  inject: 'LoRA adapters, truncated or changed, loaded through the API while requests run',
  run: async (scale) => {
    using folder = new TemporaryFolder()
    await using serving = await serveModels(folder, [{ id: 'nano', model: 'nano' }], ['--adapter-changes'])
    const requests = new Requests(serving.url)
    const count = Math.max(3, Math.round(30 * scale))
    let survived = 0
    for (let seed = 0; seed < count; seed += 1) {
      const path = join(folder.path, `adapter-${seed}`)
      writeAdapter(path, nano, { seed: seed + 1 })
      damage(path, seed)
      const name = `a${seed}`
      const neighbour = requests.send(chat('nano', 20, true))
      const { status } = await requests.send(
        { lora_name: name, lora_path: path },
        { path: '/v1/load_lora_adapter' },
      )
      if (status === 200) {
        await requests.send(chat(name, 4))
        await requests.send({ lora_name: name }, { path: '/v1/unload_lora_adapter' })
      }
      if ((await neighbour).outcome === 'answered') survived += 1
    }
    return await requests.account(count, (await works(serving.url)) ? survived : 0)
  },
}

const execute = promisify(execFile)

const parquet: Scenario = {
  name: 'hostile Parquet files',
  inject: 'Parquet files, truncated or changed, read by `hadal data preview`',
  run: async (scale) => {
    using folder = new TemporaryFolder()
    writeTinyClip(join(folder.path, 'clip'))
    const text = Array.from({ length: 200 }, (_, index) => `row ${index % 7}`)
    const count = Math.max(3, Math.round(20 * scale))
    let answered = 0
    const refused: Record<string, number> = {}
    const lost: Record<string, number> = {}
    for (let seed = 0; seed < count; seed += 1) {
      const codec = seed % 2 === 0 ? 'SNAPPY' : 'UNCOMPRESSED'
      const path = folder.file(
        `${seed}.parquet`,
        new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'text', data: text }], codec })),
      )
      damage(path, seed)
      const args = [
        'data',
        'preview',
        path,
        '--tokenizer',
        join(folder.path, 'clip'),
        '--length',
        '8',
        '--skip-bad',
      ]
      await execute(process.execPath, [hadalBin, ...args], { timeout: 60_000 }).then(
        () => {
          answered += 1
        },
        ({ stderr, signal, code }: { stderr: string; signal?: string; code?: number }) => {
          const error = /error\[(\w+)\]/.exec(stderr)?.[1]
          if (error !== undefined && error !== 'internal') refused[error] = (refused[error] ?? 0) + 1
          else lost[`${signal ?? code}: ${stderr.slice(0, 200)}`] = 1
        },
      )
    }
    const survived = count - Object.keys(lost).length
    if (answered === 0) lost['the unchanged file was refused'] = 1
    return {
      ...{ injected: count, survived, requests: count, answered, refused, lost, duplicated: 0 },
      problems: Object.keys(lost),
      note: 'requests are commands',
    }
  },
}

export const modelFiles: readonly Scenario[] = [
  hostileModels(
    'GGUF files',
    'models, truncated or changed, that requests load next to another model',
    40,
    (folder, seed) => ({
      model: { model: copyOf(folder, seed, nano, 'gguf') },
    }),
  ),
  hostileModels(
    'chat templates in GGUF files',
    'templates that loop, recurse, multiply strings or are invalid',
    templates.length,
    (folder, seed) => {
      const path = join(folder.path, `template-${seed}.gguf`)
      writeTinyModel(path, { chatTemplate: templates[seed % templates.length]! })
      return { model: { model: path } }
    },
  ),
  hostileModels(
    'ONNX models',
    'models, truncated or changed, served by their own process',
    15,
    (folder, seed) => ({
      model: { model: copyOf(folder, seed, onnxFile('simple'), 'onnx') },
      path: '/v2/models/MODEL/infer',
      body: tensors,
    }),
  ),
  hostileModels(
    'safetensors',
    'weights of CLIP folders, truncated or changed',
    12,
    clipWith('model.safetensors'),
  ),
  hostileModels(
    'tokenizer.json',
    'tokenizers of CLIP folders, truncated or changed',
    12,
    clipWith('tokenizer.json'),
  ),
  adapterFiles,
  parquet,
]
