/**
 * Loads a program of which the build made one file (`scripts/bundle.mjs`), with the machine code that V8 made of it last time:
 * hundreds of modules take longer to find, read and compile than a small model takes to load. Imports nothing of this
 * project, which would be loaded twice (`@hadal/base/load-bundle`).
 */

import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

type Wrapper = (
  exports: unknown,
  require: NodeJS.Require,
  module: { exports: unknown },
  filename: string,
  folder: string,
  importModule: ImportModule,
) => void
/** `import()` of a module beside the bundle: `(specifier) => import(specifier)`. */
type ImportModule = (specifier: string) => Promise<unknown>

/** By then what a program does every time it has done once, and its functions are compiled. */
const keepAfterMillis = 2000

/**
 * What the file exports; undefined where the build made none, or where `modules`, a file that the compiler writes whenever it
 * has written any, is newer.
 */
export function loadBundle<Exports>(url: URL, modules: URL, importModule: ImportModule): Exports | undefined {
  const path = fileURLToPath(url)
  const file = statSync(path, { throwIfNoEntry: false })
  const compiled = statSync(modules, { throwIfNoEntry: false })
  if (file === undefined || (compiled !== undefined && compiled.mtimeMs > file.mtimeMs)) return undefined
  // V8 checks its own version, its flags and the length of the source, but not the source.
  const cachePath = `${path}.${process.version}-${process.arch}-${Math.round(file.mtimeMs).toString(36)}.cache`
  const cachedData = readIfThere(cachePath)
  // The build writes ASCII alone, which is read a byte at a time, as it is.
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname, __import) {${readFileSync(path, 'latin1')}\n})`,
    {
      filename: path,
      ...(cachedData !== undefined && { cachedData }),
    },
  )
  const module = { exports: {} }
  const run = script.runInThisContext() as Wrapper
  run(module.exports, createRequire(path), module, path, dirname(path), importModule)
  if (cachedData === undefined || script.cachedDataRejected)
    setTimeout(() => keep(script, cachePath), keepAfterMillis).unref()
  return module.exports as Exports
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Where the folder may not be written to, the next start is as slow as this one. */
function keep(script: Script, path: string): void {
  const unfinished = `${path}.${process.pid}`
  try {
    writeFileSync(unfinished, script.createCachedData())
    renameSync(unfinished, path)
  } catch {}
}
