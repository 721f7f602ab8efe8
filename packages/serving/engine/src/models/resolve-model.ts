/**
 * Resolves a model reference to local files: a path as it is; `hf:owner/repo:quant`, `hf:owner/repo:safetensors` and https URLs
 * through the cache, downloading what is missing. A cached model is used without network access.
 */

import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '@hadal/base'
import { acquireLock } from './download-lock.ts'
import { checkpointNotServable, modelNotCached } from './errors.ts'
import { fetchFiles } from './fetch-files.ts'
import { findAtUrl, findOnHub, type Remote } from './find-remote.ts'
import { hubFromEnvironment } from './hub.ts'
import { filesOfCheckpoint, localModel } from './local-model.ts'
import {
  type CachedFile,
  type CachedModel,
  defaultCacheDir,
  ModelCache,
  type ModelKind,
} from './model-cache.ts'
import type { ModelProgress, OnModelProgress } from './model-progress.ts'
import { type ModelRef, parseModelRef } from './model-ref.ts'
import { isTowersFolder } from './towers-folder.ts'
import type { DownloadContext } from './transfer.ts'

export interface ResolveModelOptions {
  /** `$XDG_CACHE_HOME/hadal` or `~/.cache/hadal` by default. */
  readonly cacheDir?: string | undefined
  readonly onProgress?: (event: ModelProgress) => void
  readonly signal?: AbortSignal | undefined
  /** Also accepts checkpoints for training: if one is named, and if a repository or folder has no GGUF file. */
  readonly checkpoints?: boolean | undefined
  /** Also accepts dual-encoder models (CLIP), which are served from their folder: a path, or such a checkpoint. */
  readonly towers?: boolean | undefined
  /** Reads cached files again, and downloads those that differ; use with `refresh`. */
  readonly verify?: boolean | undefined
  /** Uses local files only. */
  readonly offline?: boolean | undefined
  /** Checks for a newer version of a cached model. */
  readonly refresh?: boolean | undefined
  /** HF_TOKEN, HF_ENDPOINT and XDG_CACHE_HOME are read; `process.env` by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
  /** A connection that sends nothing for this long is aborted; 30 s by default. */
  readonly stallMillis?: number
}

export interface ResolvedModel {
  readonly kind: ModelKind | 'towers'
  /** What to load: the file or its first part; for a checkpoint or a dual-encoder model, its folder. */
  readonly path: string
  readonly files: readonly string[]
  /** How it was found: `given path`, `in the cache since ...`, `up to date`, `downloaded`. */
  readonly reason: string
}

/** Throws the errors of `./errors.ts`, or the signal's reason. Partial downloads are kept. */
export async function resolveModel(ref: string, options: ResolveModelOptions = {}): Promise<ResolvedModel> {
  const { checkpoints = false, offline = false, refresh = false } = options
  const parsed = parseModelRef(ref)
  if (options.towers) {
    const found = await withTowers(ref, parsed, options)
    if (found !== undefined) return found
  }
  if (parsed.kind === 'path') return onThisMachine(parsed.path, checkpoints)
  if (parsed.kind === 'hub' && parsed.format !== undefined && !checkpoints) throw checkpointNotServable(ref)
  const env = options.env ?? process.env
  const cache = new ModelCache(options.cacheDir ?? defaultCacheDir(env))
  const known = await cache.find(ref)
  if (known !== undefined && (offline || !refresh)) {
    if (known.kind === 'checkpoint' && !checkpoints) throw checkpointNotServable(ref)
    return fromCache(known)
  }
  if (offline) throw modelNotCached(ref)

  let isNew = false
  const onProgress: OnModelProgress = (event) => {
    isNew ||= event.type === 'finished'
    options.onProgress?.(event)
  }
  const { fetch = globalThis.fetch, clock = systemClock, signal, verify = false } = options
  const { stallMillis = 30_000 } = options
  const context: DownloadContext = { fetch, clock, onProgress, signal, stallMillis, verify }
  const remote =
    parsed.kind === 'hub'
      ? await findOnHub(ref, parsed, { hub: hubFromEnvironment(env), cache, context, checkpoints })
      : findAtUrl(parsed, cache)

  await cache.makeFolder(remote.folder)
  const wait = (pid: number): void => onProgress({ type: 'waiting', pid })
  await using _lock = await acquireLock(`${remote.folder}.lock`, clock, wait, signal)
  const meanwhile = await cache.find(ref)
  if (meanwhile !== undefined && meanwhile.downloadedAt !== known?.downloadedAt) return fromCache(meanwhile)
  const { kind } = remote
  const files = await fetchRemote(remote, context)
  await cache.remember({ ref, kind, files, downloadedAt: new Date(clock.wallClock()).toISOString() })
  return resolved(kind, files, isNew ? 'downloaded' : 'up to date')
}

/** Undefined if it is not a dual encoder, as far as known before resolving it otherwise. */
async function withTowers(
  ref: string,
  parsed: ModelRef,
  { towers: _, ...options }: ResolveModelOptions,
): Promise<ResolvedModel | undefined> {
  if (parsed.kind === 'path') {
    if (!(await isTowersFolder(parsed.path))) return undefined
    const names = await readdir(parsed.path)
    const files = names.sort().map((name) => join(parsed.path, name))
    return { kind: 'towers', path: parsed.path, files, reason: 'given path' }
  }
  if (parsed.kind !== 'hub' || parsed.format === undefined) return undefined
  const checkpoint = await resolveModel(ref, { ...options, checkpoints: true })
  if (!(await isTowersFolder(checkpoint.path))) throw checkpointNotServable(ref)
  return { ...checkpoint, kind: 'towers' }
}

async function onThisMachine(path: string, checkpoints: boolean): Promise<ResolvedModel> {
  const reason = 'given path'
  const checkpoint = checkpoints ? await filesOfCheckpoint(path) : undefined
  if (checkpoint !== undefined) return { kind: 'checkpoint', path, files: checkpoint, reason }
  const files = await localModel(path)
  return { kind: 'gguf', path: files[0]!, files, reason }
}

function fromCache({ kind, files, downloadedAt }: CachedModel): ResolvedModel {
  return resolved(kind, files, `in the cache since ${downloadedAt.slice(0, 10)}`)
}

function resolved(kind: ModelKind, files: readonly CachedFile[], reason: string): ResolvedModel {
  const first = files[0]!.path
  return {
    kind,
    path: kind === 'checkpoint' ? dirname(first) : first,
    files: files.map((file) => file.path),
    reason,
  }
}

async function fetchRemote(
  { folder, files, sharded }: Remote,
  context: DownloadContext,
): Promise<CachedFile[]> {
  if (sharded === undefined) return fetchFiles(folder, files, context)
  await fetchFiles(folder, [sharded.index], context)
  const indexText = await readFile(join(folder, sharded.index.name), 'utf8')
  return fetchFiles(folder, [...files, ...sharded.shards(indexText)], context)
}
