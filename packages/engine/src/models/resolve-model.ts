/**
 * Turns the text that names a model into files on this machine: a path as it is; `hf:owner/repo:quant` and https URLs by
 * way of the cache, downloading what is not there. A cached model is used without asking the network.
 * Knows nothing of what is done with the files.
 */

import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Clock, systemClock } from '@hadal/base'
import { type Download, type DownloadContext, download } from './download.ts'
import { acquireLock } from './download-lock.ts'
import { downloadRefused, modelNotCached } from './errors.ts'
import { type Hub, hubFileUrl, hubFromEnvironment, hubRefusal, listHubFiles } from './hub.ts'
import { localModel } from './local-model.ts'
import { type CachedFile, type CachedModel, defaultCacheDir, ModelCache } from './model-cache.ts'
import type { ModelProgress, OnModelProgress } from './model-progress.ts'
import { type HubRef, parseModelRef, type UrlRef } from './model-ref.ts'
import { groupModels, selectModel } from './select-files.ts'

export interface ResolveModelOptions {
  /** `$XDG_CACHE_HOME/hadal` or `~/.cache/hadal` by default. */
  readonly cacheDir?: string | undefined
  readonly onProgress?: (event: ModelProgress) => void
  readonly signal?: AbortSignal | undefined
  /** Uses only what is on this machine. */
  readonly offline?: boolean | undefined
  /** Looks for a newer version of a cached model. */
  readonly refresh?: boolean | undefined
  /** HF_TOKEN, HF_ENDPOINT and XDG_CACHE_HOME are read; `process.env` by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
  /** A connection that sends nothing for so long is given up; 30 s by default. */
  readonly stallMillis?: number
}

export interface ResolvedModel {
  /** What to load: the file, or the first of its parts. */
  readonly path: string
  readonly files: readonly string[]
  /** How it was found: `given path`, `in the cache since ...`, `downloaded`. */
  readonly reason: string
}

interface Remote {
  readonly folder: string
  readonly files: readonly Pick<Download, 'url' | 'token' | 'expectedBytes' | 'sha256' | 'refusal'>[]
  readonly names: readonly string[]
}

/** Throws the errors of `./errors.ts`, or the signal's reason. What was downloaded until then is kept. */
export async function resolveModel(ref: string, options: ResolveModelOptions = {}): Promise<ResolvedModel> {
  const parsed = parseModelRef(ref)
  if (parsed.kind === 'path') {
    const files = await localModel(parsed.path)
    return { path: files[0]!, files, reason: 'given path' }
  }
  const env = options.env ?? process.env
  const cache = new ModelCache(options.cacheDir ?? defaultCacheDir(env))
  const known = await cache.find(ref)
  if (known !== undefined && !options.refresh) return fromCache(known)
  if (options.offline) throw modelNotCached(ref)

  const onProgress: OnModelProgress = options.onProgress ?? (() => {})
  const clock = options.clock ?? systemClock
  const { fetch = globalThis.fetch, signal, stallMillis = 30_000 } = options
  const context: DownloadContext = { fetch, clock, onProgress, signal, stallMillis }
  const hub = hubFromEnvironment(env)
  const remote =
    parsed.kind === 'hub' ? await findOnHub(ref, parsed, hub, cache, context) : findAtUrl(parsed, cache)

  await cache.makeFolder(remote.folder)
  const wait = (pid: number): void => onProgress({ type: 'waiting', pid })
  await using _lock = await acquireLock(`${remote.folder}.lock`, clock, wait, signal)
  const meanwhile = await cache.find(ref)
  if (meanwhile !== undefined && meanwhile.downloadedAt !== known?.downloadedAt) return fromCache(meanwhile)
  const files = await fetchFiles(remote, context)
  await cache.remember({ ref, files, downloadedAt: new Date(clock.wallClock()).toISOString() })
  return { path: files[0]!.path, files: files.map((file) => file.path), reason: 'downloaded' }
}

function fromCache({ files, downloadedAt }: CachedModel): ResolvedModel {
  const since = downloadedAt.slice(0, 10)
  return {
    path: files[0]!.path,
    files: files.map((file) => file.path),
    reason: `in the cache since ${since}`,
  }
}

async function findOnHub(
  ref: string,
  { repo, revision, quant, file }: HubRef,
  hub: Hub,
  cache: ModelCache,
  context: DownloadContext,
): Promise<Remote> {
  context.onProgress({ type: 'listing', source: `${hub.endpoint}/${repo}` })
  const all = await listHubFiles(hub, repo, revision, context)
  const at = (path: string): string => `hf:${repo}${revision === 'main' ? '' : `@${revision}`}/${path}`
  const { files } = selectModel(all, { ref, at, quant, file })
  const among = groupModels(all).length
  if (quant === undefined && file === undefined && among > 1)
    context.onProgress({ type: 'chosen', file: basename(files[0]!.path), among })
  return {
    folder: cache.hubFolder(repo, files),
    names: files.map(({ path }) => basename(path)),
    files: files.map(({ path, size, sha256 }) => ({
      url: hubFileUrl(hub, repo, revision, path),
      token: hub.token,
      expectedBytes: size,
      sha256,
      refusal: (status) => hubRefusal(hub, repo, status),
    })),
  }
}

function findAtUrl({ url, sha256 }: UrlRef, cache: ModelCache): Remote {
  const refusal: Download['refusal'] = (status) => downloadRefused(url, status)
  return { folder: cache.urlFolder(url), names: [cache.urlFileName(url)], files: [{ url, sha256, refusal }] }
}

async function fetchFiles({ folder, files, names }: Remote, context: DownloadContext): Promise<CachedFile[]> {
  const done: CachedFile[] = []
  for (const [index, file] of files.entries()) {
    const target = join(folder, names[index]!)
    // The folder is named after the contents: what has its final name there was complete and checked.
    if (file.sha256 !== undefined && (await sizeOf(target)) === file.expectedBytes) {
      done.push({ path: target, bytes: file.expectedBytes!, sha256: file.sha256 })
      continue
    }
    const order = { fileNumber: index + 1, fileCount: files.length }
    const { bytes, sha256 } = await download({ ...file, ...order, target }, context)
    done.push({ path: target, bytes, sha256 })
  }
  return done
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => -1,
  )
}
