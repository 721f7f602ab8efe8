/** `hadal models list | pull | inspect`: the models on this machine. */

import { formatBytes, formatCount } from '@hadal/base'
import { listCachedModels, resolveModel } from '@hadal/engine'
import { describeGguf } from '@hadal/formats'
import { findBundledModel, listBundledModels } from '../bundled-models.ts'
import { modelProgressLines } from '../model-progress-lines.ts'
import { exitCodes } from '../report-error.ts'
import { signalExitCode, watchStopSignals } from '../stop-signals.ts'
import { formatTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface ModelFlags {
  readonly cacheDir?: string
  readonly json?: boolean
}

/** The variable that `hadal serve` reads, too. */
const cacheFolder = (flags: ModelFlags, { env }: Terminal): string | undefined =>
  flags.cacheDir ?? (env.HADAL_CACHE_DIR || undefined)

export async function listModels(flags: ModelFlags, terminal: Terminal): Promise<number> {
  const cached = await listCachedModels(cacheFolder(flags, terminal))
  const models = [
    ...listBundledModels().map(({ name, path }) => ({ ref: name, files: [{ path }], since: 'bundled' })),
    ...cached.map(({ ref, files, downloadedAt }) => ({ ref, files, since: downloadedAt.slice(0, 10) })),
  ].map(({ ref, files, since }) => ({ ref, since, ...measure(files.map((file) => file.path)) }))
  if (flags.json) terminal.print(JSON.stringify(models, null, 2))
  else {
    const { dim, bold } = terminal.style
    const rows = models.map((model) => [
      bold(model.ref),
      model.parameters === undefined ? '-' : formatCount(model.parameters),
      model.quantization ?? '-',
      formatBytes(model.bytes),
      model.since,
    ])
    const heads = ['model', 'parameters', 'type', 'size', 'since'].map(dim)
    terminal.print(formatTable([heads, ...rows], ['left', 'right', 'left', 'right', 'left']))
    terminal.print(
      dim('\nhadal serve --model <model> serves one; hadal models pull hf:owner/repo:quant gets another.'),
    )
  }
  return exitCodes.success
}

/** Of all parts together; the first part's header says what it is. */
function measure(paths: readonly string[]): {
  bytes: number
  parameters: number | undefined
  quantization: string | undefined
} {
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
    const { path, reason } = await resolveModel(ref, {
      cacheDir: cacheFolder(flags, terminal),
      env: terminal.env,
      refresh: true,
      onProgress: modelProgressLines(terminal),
      signal: stop.first,
    })
    terminal.note(`${ref}: ${reason}`)
    terminal.print(path)
    return exitCodes.success
  } catch (error) {
    if (!stop.first.aborted) throw error
    terminal.note('stopped; the same command goes on where this one was')
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
}

export async function inspectModel(ref: string, flags: ModelFlags, terminal: Terminal): Promise<number> {
  const path =
    findBundledModel(ref)?.path ??
    (await resolveModel(ref, { cacheDir: cacheFolder(flags, terminal), env: terminal.env, offline: true }))
      .path
  const model = describeGguf(path)
  const parametersByType = Object.fromEntries(model.parametersByType)
  if (flags.json) {
    terminal.print(JSON.stringify({ ...model, parametersByType }, null, 2))
    return exitCodes.success
  }
  const { dim } = terminal.style
  const types = Object.entries(parametersByType).map(([type, count]) => `${type} ${formatCount(count)}`)
  const facts: readonly (readonly [string, string | number | undefined])[] = [
    ['name', model.name],
    ['file', `${model.path} (${formatBytes(model.fileBytes)}, GGUF version ${model.version})`],
    ['architecture', model.architecture],
    ['parameters', `${formatCount(model.parameterCount)} (${types.join(', ')})`],
    ['context', model.contextLength],
    ['layers', model.blockCount],
    ['width', model.embeddingLength],
    ['vocabulary', model.vocabSize],
    ['tokenizer', model.tokenizer],
    ['chat template', model.chatTemplate === undefined ? 'none' : `${model.chatTemplate.length} characters`],
  ]
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : [[dim(name), String(value)]]))
  terminal.print(formatTable(rows, ['left', 'left']))
  return exitCodes.success
}
