/** The service's local models: files and integrity. Reads only headers, and compares every tensor with the file's length. */

import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import type { LocalEntry, Service } from '@hadal/config'
import { isTowersFolder, resolveModel } from '@hadal/engine'
import { describeGguf, openGguf, openSafetensors, readOnnx } from '@hadal/formats'
import type { Terminal } from '@hadal/output'
import { findBundledModel } from '@hadal/service'
import { fileSystemAnswers } from '../file-system-answers.ts'
import type { LoadedService } from './service-settings.ts'

/** An ONNX file is read whole. */
const largestOnnx = 512 * 2 ** 20

export async function probeModels(
  { settings }: LoadedService,
  terminal: Terminal,
): Promise<object | undefined> {
  if (settings === undefined) return undefined
  const service = settings.values
  const entries: readonly Partial<LocalEntry>[] =
    service.models.length === 0
      ? [{ model: service.model }]
      : service.models.filter((entry) => 'model' in entry)
  const models = await Promise.all(
    entries.flatMap((entry) => {
      const own = { ...service, ...entry }
      const isAtStart = service.models.length === 0 || (entry.loadAtStart ?? entry.pinned ?? false)
      const refs = [
        [own.model, isAtStart],
        ...(own.draftModel === undefined ? [] : [[own.draftModel, isAtStart]]),
        ...own.adapters.map(({ path }) => [path, isAtStart]),
      ] as [string, boolean][]
      return refs.map(async ([ref, isLoadedAtStart]) => ({
        ref,
        isLoadedAtStart,
        offline: service.offline,
        ...(await lookAt(ref, own, terminal)),
      }))
    }),
  )
  return { models, isRemote: entries.length === 0 }
}

async function lookAt(ref: string, service: Service, terminal: Terminal): Promise<object> {
  try {
    const isPath = !/^(hf|https?|file):/i.test(ref)
    if (isPath && !(await fileSystemAnswers(resolve(terminal.folder, ref))))
      return { state: 'unknown', detail: 'its file system does not respond' }
    const found = await find(ref, service, terminal)
    return { path: found[0], ...(await describe(found, service)) }
  } catch (thrown) {
    const detail = messageOf(thrown).split('\n')[0]
    if (!isHadalError(thrown)) return { state: 'unknown', detail }
    return { state: stateOf(thrown.code), detail, help: thrown.help }
  }
}

const stateOf = (code: string): string => {
  if (code === 'model_not_cached') return 'not-downloaded'
  return /not_found|missing$|ref_invalid|ambiguous|not_servable/.test(code) ? 'missing' : 'broken'
}

/** Its files, or the folder of a model with encoders. Uses no network. */
async function find(
  ref: string,
  { cacheDir }: Service,
  { env, folder }: Terminal,
): Promise<readonly string[]> {
  const bundled = findBundledModel(ref)
  if (bundled !== undefined) return [bundled.path]
  const isRemote = /^(hf|https?|file):/i.test(ref)
  const place = isRemote ? ref : resolve(folder, ref)
  if (/\.onnx$/i.test(place)) {
    // A missing one is reported as for other models.
    const isFile = await stat(place).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isFile) return [place]
  }
  const { kind, path, files } = await resolveModel(place, { cacheDir, env, offline: true, towers: true })
  return kind === 'towers' ? [path] : files
}

async function describe(files: readonly string[], service: Service): Promise<object> {
  const [first = ''] = files
  const bytes = (await Promise.all(files.map(async (file) => (await stat(file)).size))).reduce(
    (sum, size) => sum + size,
    0,
  )
  if (/\.onnx$/i.test(first)) {
    if (bytes > largestOnnx)
      return { state: 'unknown', kind: 'ONNX', bytes, detail: 'an ONNX file of this size was not read' }
    const { graph } = readOnnx(first)
    return { state: 'whole', kind: 'ONNX', bytes, tensors: graph.initializers.length }
  }
  if (await isTowersFolder(first)) {
    using weights = openSafetensors(first)
    const size = [...weights.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    return { state: 'whole', kind: 'safetensors', bytes: size, tensors: weights.tensors.size }
  }
  const parts = files.map((file) => describeGguf(file))
  return {
    state: 'whole',
    kind: `GGUF ${parts[0]?.quantization ?? ''}`.trim(),
    bytes,
    parameters: parts.reduce((sum, part) => sum + part.parameterCount, 0),
    kvBytes: service.kvCacheBytes ?? cellBytes(first, service.contextLength),
  }
}

/**
 * KV cache bytes of one sequence of this length in 16 bits, from the file's metadata; undefined if no length was chosen: an engine
 * then uses what is available.
 */
function cellBytes(path: string, contextLength: number | undefined): number | undefined {
  if (contextLength === undefined) return undefined
  using file = openGguf(path)
  const architecture = file.get('general.architecture')
  const number = (key: string): number | undefined => {
    const value = file.get(`${architecture}.${key}`)
    return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined
  }
  const heads = number('attention.head_count')
  const [layers, width] = [number('block_count'), number('embedding_length')]
  if (layers === undefined || width === undefined || heads === undefined || heads === 0) return undefined
  const own = number('attention.head_count_kv') ?? heads
  const [key, value] = [
    number('attention.key_length') ?? width / heads,
    number('attention.value_length') ?? width / heads,
  ]
  return layers * own * (key + value) * contextLength * 2
}
