/** Loads llama.cpp's shared libraries from the installed npm package. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import koffi, { type LibraryHandle } from 'koffi'

const platform = `${process.platform}-${process.arch}`
const { getBinsDir } = await import(`@node-llama-cpp/${platform}`)
const folder = join(getBinsDir().binsDir, platform)

/** Each library finds the ones it needs among those loaded before it. */
export function loadLibrary(name: 'ggml-base' | 'llama'): LibraryHandle {
  const base = load('libggml-base')
  if (name === 'ggml-base') return base
  load('libggml.')
  return load('libllama.')
}

function load(start: string): LibraryHandle {
  const file = readdirSync(folder).find((entry) => entry.startsWith(start))
  if (file === undefined) throw new Error(`${folder} holds no ${start}*`)
  return koffi.load(join(folder, file))
}
