/** `hadal models list | pull | inspect`: the models and checkpoints on this machine. */

import { dirname } from 'node:path'
import { formatBytes, formatCount } from '@hadal/base'
import {
  type CachedFile,
  isTowersFolder,
  listCachedModels,
  parseModelRef,
  type ResolvedModel,
  resolveModel,
} from '@hadal/engine'
import { describeGguf } from '@hadal/formats'
import type { CheckpointDescription } from '@hadal/models'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, signalExitCode, watchStopSignals } from '@hadal/output'
import { findBundledModel, listBundledModels } from '@hadal/service'
import { modelProgressLines } from '../model-progress-lines.ts'

export interface ModelFlags {
  readonly cacheDir?: string
  readonly json?: boolean
  readonly offline?: boolean
  readonly verify?: boolean
}

/** The variable that `hadal serve` reads, too. */
const cacheFolder = (flags: ModelFlags, { env }: Terminal): string | undefined =>
  flags.cacheDir ?? (env.HADAL_CACHE_DIR || undefined)

/** The variable that `hadal serve` reads, too. */
const isOffline = (flags: ModelFlags, { env }: Terminal): boolean =>
  flags.offline ?? /^(?:true|1)$/i.test(env.HADAL_OFFLINE ?? '')

export async function listModels(flags: ModelFlags, terminal: Terminal): Promise<number> {
  const cached = await listCachedModels(cacheFolder(flags, terminal))
  const models = [
    ...listBundledModels().map(({ name, path }) => ({
      ...{ ref: name, kind: 'gguf' as const, since: 'bundled' },
      ...measure([path]),
    })),
    ...(await Promise.all(
      cached.map(async ({ ref, kind, files, downloadedAt }) => ({
        ...{ ref, kind, since: downloadedAt.slice(0, 10) },
        ...(kind === 'gguf' ? measure(files.map((file) => file.path)) : await measureCheckpoint(files)),
      })),
    )),
  ]
  if (flags.json) terminal.print(JSON.stringify(models, null, 2))
  else {
    const { dim, bold } = terminal.style
    const rows = models.map((model) => [
      bold(model.ref),
      model.kind,
      model.parameters === undefined ? '-' : formatCount(model.parameters),
      model.quantization ?? '-',
      formatBytes(model.bytes),
      model.since === 'bundled' ? say`bundled` : model.since,
    ])
    const heads = [say`model`, say`kind`, say`parameters`, say`type`, say`size`, say`since`].map(dim)
    terminal.print(formatTable([heads, ...rows], ['left', 'left', 'right', 'left', 'right', 'left']))
    terminal.print(
      dim(
        say`\nServe a gguf with hadal serve --model <model>. Download more with hadal models pull hf:owner/repo:quant,\nor hf:owner/repo:safetensors for a checkpoint to train or a CLIP model to serve.`,
      ),
    )
  }
  return exitCodes.success
}

interface Measured {
  readonly bytes: number
  readonly parameters: number | undefined
  readonly quantization: string | undefined
}

async function measureCheckpoint(files: readonly CachedFile[]): Promise<Measured> {
  const { parameters, types, issues } = await describeFolder(dirname(files[0]!.path))
  return {
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    parameters: parameters || undefined,
    quantization: types.join(', ') || (issues.length > 0 ? 'unreadable' : undefined),
  }
}

interface Described extends Pick<CheckpointDescription, 'types' | 'faults'> {
  readonly parameters: number
}

async function describeFolder(folder: string): Promise<Described> {
  if (await isTowersFolder(folder)) {
    const { describeClip } = await import('./models-clip.ts')
    const clip = describeClip(folder)
    return { ...clip, parameters: clip.parameters.total }
  }
  const { describeCheckpoint } = await import('@hadal/models')
  return describeCheckpoint(folder)
}

/** All parts together; the first part's header has the metadata. */
function measure(paths: readonly string[]): Measured {
  try {
    const parts = paths.map((path) => describeGguf(path))
    return {
      bytes: parts.reduce((sum, part) => sum + part.fileBytes, 0),
      parameters: parts.reduce((sum, part) => sum + part.parameterCount, 0),
      quantization: parts[0]?.quantization,
    }
  } catch {
    return { bytes: 0, parameters: undefined, quantization: 'unreadable' }
  }
}

export async function pullModel(ref: string, flags: ModelFlags, terminal: Terminal): Promise<number> {
  using stop = watchStopSignals()
  try {
    const { kind, path, reason } = await resolveModel(ref, {
      cacheDir: cacheFolder(flags, terminal),
      env: terminal.env,
      checkpoints: true,
      offline: isOffline(flags, terminal),
      refresh: true,
      verify: flags.verify,
      onProgress: modelProgressLines(terminal),
      signal: stop.first,
    })
    terminal.note(`${ref}: ${reason}`)
    if (kind !== 'gguf') terminal.note(await lineOf(path))
    terminal.print(path)
    return exitCodes.success
  } catch (error) {
    if (!stop.first.aborted) throw error
    terminal.note(say`stopped; run the same command again to resume`)
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
}

async function lineOf(folder: string): Promise<string> {
  if (await isTowersFolder(folder)) return (await import('./models-clip.ts')).clipLine(folder)
  return (await import('@hadal/models')).checkpointLine(folder)
}

async function findHere(
  ref: string,
  flags: ModelFlags,
  terminal: Terminal,
): Promise<Pick<ResolvedModel, 'kind' | 'path'>> {
  const bundled = findBundledModel(ref)
  if (bundled !== undefined) return { kind: 'gguf', path: bundled.path }
  const cacheDir = cacheFolder(flags, terminal)
  const isPath = parseModelRef(ref).kind === 'path'
  return resolveModel(ref, { cacheDir, env: terminal.env, checkpoints: true, towers: isPath, offline: true })
}

export async function inspectModel(ref: string, flags: ModelFlags, terminal: Terminal): Promise<number> {
  const { kind, path } = await findHere(ref, flags, terminal)
  if (kind !== 'gguf' && (await isTowersFolder(path))) {
    const { inspectClip } = await import('./models-clip.ts')
    return inspectClip(path, flags.json ?? false, terminal)
  }
  if (kind !== 'gguf') {
    const { inspectCheckpoint } = await import('@hadal/models')
    return inspectCheckpoint(path, flags.json ?? false, terminal)
  }
  const model = describeGguf(path)
  const parametersByType = Object.fromEntries(model.parametersByType)
  if (flags.json) {
    terminal.print(JSON.stringify({ ...model, parametersByType }, null, 2))
    return exitCodes.success
  }
  const { dim } = terminal.style
  const types = Object.entries(parametersByType).map(([type, count]) => `${type} ${formatCount(count)}`)
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    [say`name`, model.name],
    [say`file`, say`${model.path} (${formatBytes(model.fileBytes)}, GGUF version ${model.version})`],
    [say`architecture`, model.architecture],
    [say`parameters`, `${formatCount(model.parameterCount)} (${types.join(', ')})`],
    [say`context`, model.contextLength],
    [say`layers`, model.blockCount],
    [say`width`, model.embeddingLength],
    [say`vocabulary`, model.vocabSize],
    [say`tokenizer`, model.tokenizer],
    [
      say`chat template`,
      model.chatTemplate === undefined ? say`none` : say`${model.chatTemplate.length} characters`,
    ],
  ]
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : [[dim(name), String(value)]]))
  terminal.print(formatTable(rows, ['left', 'left']))
  return exitCodes.success
}
