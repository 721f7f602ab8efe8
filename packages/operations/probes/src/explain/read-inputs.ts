/** Whatever the command line of `hadal doctor explain` names, as texts: files, folders, captures, standard input. */

import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { captureInputs, type ExplainInput } from '@hadal/doctor'
import { explainNoCapture, explainUnreadable } from './errors.ts'
import { type LogStream, readLogFile, readStandardInput } from './read-log.ts'

export interface InputPlaces {
  readonly folder: string
  readonly input: LogStream
  /** Milliseconds of the epoch. */
  readonly now: number
}

const maxBytesOfOne = 128 * 1024 * 1024
/** Shared by all, but each gets some. */
const maxBytesOfAll = 256 * 1024 * 1024
const minBytesOfOne = 4 * 1024 * 1024
const maxFiles = 500

/** In the order of paths; `-` is standard input. Throws `explain_unreadable`, `explain_terminal` or `explain_no_capture`. */
export async function readInputs(
  paths: readonly string[],
  fixture: string | undefined,
  { folder, input, now }: InputPlaces,
): Promise<readonly ExplainInput[]> {
  const files: string[] = []
  for (const path of new Set(paths)) files.push(...(path === '-' ? ['-'] : await filesOf(path, folder)))
  const maxBytes = Math.max(
    minBytesOfOne,
    Math.min(maxBytesOfOne, Math.floor(maxBytesOfAll / Math.max(1, files.length))),
  )
  const inputs: ExplainInput[] = fixture === undefined ? [] : [...(await readFixture(fixture, folder))]
  for (const path of files) {
    const read =
      path === '-'
        ? await readStandardInput(input, now, { maxBytes })
        : await readLogFile(resolve(folder, path), path, { maxBytes })
    inputs.push(...(captureInputs(read.name, read.text) ?? [read]))
  }
  return inputs
}

async function readFixture(path: string, folder: string): Promise<readonly ExplainInput[]> {
  const { text } = await readLogFile(resolve(folder, path), path, { maxBytes: maxBytesOfOne })
  const inputs = captureInputs(path, text)
  if (inputs === undefined) throw explainNoCapture(path)
  return inputs
}

/** Files of a folder that look like text, by name, with subfolders. */
async function filesOf(path: string, folder: string): Promise<readonly string[]> {
  try {
    if (!(await stat(resolve(folder, path))).isDirectory()) return [path]
    const files: string[] = []
    await collect(path, folder, files)
    if (files.length === 0) throw new Error('it contains no text files')
    return files
  } catch (cause) {
    throw explainUnreadable(path, messageOf(cause)).with({ cause })
  }
}

async function collect(path: string, folder: string, files: string[]): Promise<void> {
  const entries = await readdir(resolve(folder, path), { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    const inside = join(path, entry.name)
    if (entry.isDirectory()) await collect(inside, folder, files)
    else if (entry.isFile() && !notText.test(entry.name)) files.push(inside)
    if (files.length > maxFiles) throw new Error(`it has more than ${maxFiles} files: name the relevant ones`)
  }
}

const notText =
  /\.(?:gguf|safetensors|bin|pt|pth|onnx|so|o|node|png|jpe?g|gif|webp|pdf|zip|tar|zst|xz|bz2|sqlite|db|wasm|pyc|parquet)$/i
