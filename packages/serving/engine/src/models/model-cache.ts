/**
 * The cache folder of downloaded models, with a record of which reference resolved to which files. A file has its final name
 * only when it is complete and verified.
 *
 *   models/hf/<owner>/<repo>/<contents>/<file>    models/url/<host>/<url>/<file>.gguf    models/refs/<reference>.json
 */

import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '@hadal/base'
import { cacheNotWritable } from './errors.ts'
import type { HubFile } from './hub-listing.ts'

export interface CachedFile {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** A model to serve, or a checkpoint folder to train. */
export type ModelKind = 'gguf' | 'checkpoint'

export interface CachedModel {
  /** As written by the user. */
  readonly ref: string
  readonly kind: ModelKind
  /** In part order; those of a checkpoint share one folder. */
  readonly files: readonly CachedFile[]
  /** ISO date and time. */
  readonly downloadedAt: string
}

/** `$XDG_CACHE_HOME/hadal`, or `~/.cache/hadal`. */
export function defaultCacheDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hadal')
}

export class ModelCache {
  readonly folder: string

  constructor(cacheDir: string) {
    this.folder = join(cacheDir, 'models')
  }

  /** The folder of one version of a repository; other versions get other folders. */
  hubFolder(repo: string, files: readonly HubFile[]): string {
    const contents = files
      .map(({ path, sha256, gitBlob, size }) => `${path} ${sha256 ?? gitBlob ?? size}`)
      .join('\n')
    return join(this.folder, 'hf', ...repo.split('/'), digest(contents))
  }

  urlFolder(url: string): string {
    // A host may consist of dots only.
    const host = new URL(url).host.replace(/[^\w.-]|^\.+/g, '_')
    return join(this.folder, 'url', host, digest(url))
  }

  urlFileName(url: string): string {
    const name = decodeURIComponent(basename(new URL(url).pathname)).replace(/[^\w.-]|^\.+/g, '_')
    return name || 'model.gguf'
  }

  /** The files that `ref` resolved to before, if they still exist. */
  async find(ref: string): Promise<CachedModel | undefined> {
    return this.#read(this.#recordPath(ref))
  }

  async list(): Promise<CachedModel[]> {
    const names = await readdir(join(this.folder, 'refs')).catch(() => [])
    const records = await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => this.#read(join(this.folder, 'refs', name))),
    )
    return records.filter((record) => record !== undefined)
  }

  async remember(model: CachedModel): Promise<void> {
    const path = this.#recordPath(model.ref)
    await this.makeFolder(dirname(path))
    const temporary = `${path}.${process.pid}`
    await writeFile(temporary, `${JSON.stringify(model, null, 2)}\n`)
    await rename(temporary, path)
  }

  async makeFolder(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw cacheNotWritable(folder, messageOf(cause)).with({ cause })
    })
  }

  #recordPath(ref: string): string {
    const readable = basename(ref)
      .replace(/[^\w.-]/g, '_')
      .slice(-80)
    return join(this.folder, 'refs', `${readable}-${digest(ref)}.json`)
  }

  async #read(path: string): Promise<CachedModel | undefined> {
    const record = await readFile(path, 'utf8').then(parseRecord, () => undefined)
    if (record === undefined) return undefined
    const sizes = await Promise.all(
      record.files.map((file) =>
        stat(file.path).then(
          ({ size }) => size,
          () => undefined,
        ),
      ),
    )
    return record.files.every((file, index) => sizes[index] === file.bytes) ? record : undefined
  }
}

/** All downloaded models that still exist. */
export async function listCachedModels(cacheDir: string = defaultCacheDir()): Promise<CachedModel[]> {
  return new ModelCache(cacheDir).list()
}

function parseRecord(text: string): CachedModel | undefined {
  try {
    // Records without a kind predate checkpoints.
    const record = { kind: 'gguf', ...JSON.parse(text) } as CachedModel
    return record.files.length > 0 ? record : undefined
  } catch {
    return undefined
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
