/** Files and folders of manifests as texts. */

import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { messageOf } from '@hadal/base'
import type { RenderedFile } from '@hadal/fleet'
import { readBytes } from '@hadal/output'
import { listName } from '../rendered-folder.ts'
import { lintNothing, lintUnreadable } from './errors.ts'

export interface ManifestFiles {
  /** Sets that are applied by themselves: each overlay of kustomize is one, all that is no overlay another. */
  readonly sets: readonly (readonly RenderedFile[])[]
  /** In folders: YAML and JSON that is something else, and charts. */
  readonly skipped: readonly string[]
}

export type Input = AsyncIterable<Uint8Array | string>

/** In the order of paths; `-` is standard input. Throws `lint_unreadable` or `lint_nothing`. */
export async function readManifestFiles(
  paths: readonly string[],
  folder: string,
  input: Input,
): Promise<ManifestFiles> {
  const files = new Map<string, RenderedFile>()
  const overlays = new Set<string>()
  const skipped: string[] = []
  const add = (path: string, text: string): void => void files.set(path, { path, text })
  for (const given of paths) {
    if (given === '-') {
      add('(standard input)', await standardInput(input))
      continue
    }
    const whole = resolve(folder, given)
    const { isFolder } = await kindOf(whole, given)
    if (!isFolder) add(shown(whole, folder), await readText(whole, given))
    else
      for await (const { path, why } of manifestsUnder(whole, given)) {
        if (why !== undefined) {
          skipped.push(`${shown(path, folder)} (${why})`)
          continue
        }
        const text = await readText(path, shown(path, folder))
        if (isOverlay(path, text)) overlays.add(dirname(shown(path, folder)))
        if (isMeant(text)) add(shown(path, folder), text)
        else skipped.push(shown(path, folder))
      }
  }
  if (files.size === 0) throw lintNothing(paths)
  return { sets: setsOf([...files.values()], [...overlays]), skipped }
}

/** A kustomization that builds on another folder. */
const isOverlay = (path: string, text: string): boolean =>
  /^kustomization\.ya?ml$|^Kustomization$/.test(basename(path)) && /^\s*-\s*["']?\.\.\//m.test(text)

/** An overlay changes or deletes objects of its base; in one set they would be duplicates. */
function setsOf(files: readonly RenderedFile[], overlays: readonly string[]): readonly RenderedFile[][] {
  const sets = new Map<string, RenderedFile[]>()
  for (const file of files) {
    const overlay = overlays
      .filter((each) => file.path.startsWith(`${each}/`))
      .toSorted((a, b) => b.length - a.length)[0]
    const key = overlay ?? ''
    sets.set(key, [...(sets.get(key) ?? []), file])
  }
  return [...sets.values()]
}

async function standardInput(input: Input): Promise<string> {
  try {
    const text = Buffer.from(await readBytes(input)).toString('utf8')
    if (text.trim() === '') throw new Error('it is empty')
    return text
  } catch (cause) {
    throw lintUnreadable('standard input', messageOf(cause)).with({ cause })
  }
}

/** A YAML or JSON object, even an incomplete one. */
const isMeant = (text: string): boolean =>
  /^(?:apiVersion|kind)\s*:/m.test(text) ||
  (/["']apiVersion["']\s*:/.test(text) && /["']kind["']\s*:/.test(text))

async function kindOf(path: string, given: string): Promise<{ isFolder: boolean }> {
  try {
    return { isFolder: (await stat(path)).isDirectory() }
  } catch (cause) {
    throw lintUnreadable(given, messageOf(cause)).with({ cause })
  }
}

const maxBytes = 64 * 1024 * 1024

async function readText(path: string, given: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > maxBytes) throw new Error(`it has ${size} bytes; files above 64 MiB are not read`)
    return textOf(await readFile(path))
  } catch (cause) {
    throw lintUnreadable(given, messageOf(cause)).with({ cause })
  }
}

/** UTF-8, or UTF-16 with its mark, which PowerShell writes and kubectl reads, too. */
function textOf(bytes: Buffer): string {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0
  const isWide = bytes.length % 2 === 0
  if (isWide && mark === 0xfffe) return bytes.toString('utf16le')
  if (isWide && mark === 0xfeff) return Buffer.from(bytes).swap16().toString('utf16le')
  return bytes.toString('utf8')
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )

/** By name. Skips hidden files, `node_modules` and, in folders written by `hadal deploy render`, the duplicate `all.yaml`. */
async function* manifestsUnder(
  folder: string,
  given: string,
): AsyncGenerator<{ path: string; why?: string }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw lintUnreadable(given, messageOf(cause)).with({ cause })
  })
  if (entries.some(({ name }) => name === 'Chart.yaml')) {
    yield { path: folder, why: `a Helm chart: helm template ${given} | hadal deploy lint -` }
    return
  }
  const isRendered = entries.some(({ name }) => name === listName)
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    if (isRendered && entry.name === 'all.yaml') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* manifestsUnder(path, join(given, entry.name))
    else if (/\.(?:ya?ml|json)$/i.test(entry.name)) {
      if (entry.isFile()) yield { path }
      // Links to files are followed, as mounted ConfigMaps have them; those to folders may lead around in a circle.
      else if (entry.isSymbolicLink())
        yield (await isFile(path)) ? { path } : { path, why: 'a link to no file' }
    }
  }
}

/** As one would type it from the folder, with `/`. */
function shown(path: string, folder: string): string {
  const near = relative(folder, path)
  return (near === '' || near.startsWith('..') || isAbsolute(near) ? path : near).split(sep).join('/')
}
