/** Finds where a model's files are and where they go: from the hub's listing, or the URL itself. */

import { basename } from 'node:path'
import { checkpointIndexInvalid, downloadRefused } from './errors.ts'
import type { RemoteFile } from './fetch-files.ts'
import { type Hub, hubFileUrl, hubRefusal, listHubFiles } from './hub.ts'
import type { HubFile } from './hub-listing.ts'
import type { ModelCache, ModelKind } from './model-cache.ts'
import type { HubRef, UrlRef } from './model-ref.ts'
import { selectCheckpoint, selectShards } from './select-checkpoint.ts'
import { groupModels, selectModel } from './select-files.ts'
import type { DownloadContext } from './transfer.ts'

export interface Remote {
  readonly kind: ModelKind
  readonly folder: string
  readonly files: readonly RemoteFile[]
  /** For sharded weights whose files are only named in their index: the index, which is among `files`, and how to read it. */
  readonly sharded?: {
    readonly index: RemoteFile
    /** Throws `checkpoint_index_invalid` or `checkpoint_not_found`. */
    readonly shards: (indexText: string) => readonly RemoteFile[]
  }
}

export interface Finding {
  readonly hub: Hub
  readonly cache: ModelCache
  readonly context: DownloadContext
  /** A checkpoint is acceptable if there is no GGUF file. */
  readonly checkpoints: boolean
}

/** Far above that of any model: it is read as one text. */
const maxIndexBytes = 256 * 1024 ** 2

/** Throws `hub_*`, `model_quant_not_found`, `model_ambiguous`, `checkpoint_*`. */
export async function findOnHub(ref: string, parsed: HubRef, finding: Finding): Promise<Remote> {
  const { hub, context } = finding
  const { repo, revision, quant, file, format } = parsed
  context.onProgress({ type: 'listing', source: `${hub.endpoint}/${repo}` })
  const all = await listHubFiles(hub, repo, revision, context)
  const isOpen = quant === undefined && file === undefined
  const models = groupModels(all).length
  if (format === 'safetensors' || (finding.checkpoints && isOpen && models === 0))
    return checkpointOnHub(ref, parsed, all, finding)
  const at = (path: string): string => `hf:${repo}${revision === 'main' ? '' : `@${revision}`}/${path}`
  const { files } = selectModel(all, { ref, at, quant, file })
  if (isOpen && models > 1)
    context.onProgress({ type: 'chosen', file: basename(files[0]!.path), among: models })
  return {
    kind: 'gguf',
    folder: finding.cache.hubFolder(repo, files),
    files: files.map((each) => remoteFile(each, parsed, hub, true)),
  }
}

function checkpointOnHub(
  ref: string,
  parsed: HubRef,
  all: readonly HubFile[],
  { hub, cache }: Finding,
): Remote {
  const { files, sharded } = selectCheckpoint(all, ref)
  const remote = (each: HubFile): RemoteFile => remoteFile(each, parsed, hub, false)
  if (sharded === undefined)
    return { kind: 'checkpoint', folder: cache.hubFolder(parsed.repo, files), files: files.map(remote) }
  const { index, candidates } = sharded
  if (index.size > maxIndexBytes) throw checkpointIndexInvalid(ref, `has ${index.size} bytes`)
  return {
    kind: 'checkpoint',
    folder: cache.hubFolder(parsed.repo, [...files, ...candidates]),
    files: files.map(remote),
    sharded: {
      index: remote(index),
      shards: (indexText) => selectShards(indexText, candidates, ref).map(remote),
    },
  }
}

function remoteFile(
  { path, size, sha256, gitBlob }: HubFile,
  { repo, revision }: HubRef,
  hub: Hub,
  mustBeGguf: boolean,
): RemoteFile {
  return {
    name: basename(path),
    url: hubFileUrl(hub, repo, revision, path),
    token: hub.token,
    expectedBytes: size,
    sha256,
    gitBlob,
    mustBeGguf,
    refusal: (status) => hubRefusal(hub, repo, status),
  }
}

export function findAtUrl({ url, sha256 }: UrlRef, cache: ModelCache): Remote {
  const refusal: RemoteFile['refusal'] = (status) => downloadRefused(url, status)
  const file = { name: cache.urlFileName(url), url, sha256, mustBeGguf: true, refusal }
  return { kind: 'gguf', folder: cache.urlFolder(url), files: [file] }
}
