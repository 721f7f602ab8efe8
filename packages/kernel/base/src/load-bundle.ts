/**
 * Loads a program that the build bundled into one file (`scripts/bundle.mjs`), with V8's cached machine code: finding, reading
 * and compiling hundreds of modules takes longer than loading a small model. Must not import this project's modules, which
 * would be loaded twice (`@hadal/base/load-bundle`).
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
/** `import()` of a module next to the bundle: `(specifier) => import(specifier)`. */
type ImportModule = (specifier: string) => Promise<unknown>

/** By then the common code paths have run once and are compiled. */
const keepAfterMillis = 2000

/**
 * The exports of the bundle; undefined if the build made none, or if `modules`, a file that the compiler updates on every
 * build, is newer.
 */
export function loadBundle<Exports>(url: URL, modules: URL, importModule: ImportModule): Exports | undefined {
  const path = fileURLToPath(url)
  const file = statSync(path, { throwIfNoEntry: false })
  const compiled = statSync(modules, { throwIfNoEntry: false })
  if (file === undefined || (compiled !== undefined && compiled.mtimeMs > file.mtimeMs)) return undefined
  // V8 checks its own version, its flags and the length of the source, but not its content.
  const cachePath = `${path}.${process.version}-${process.arch}-${Math.round(file.mtimeMs).toString(36)}.cache`
  const cachedData = readIfThere(cachePath)
  // The build emits ASCII only, which can be read byte by byte.
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

/** If the folder is read-only, the next start is as slow as this one. */
function keep(script: Script, path: string): void {
  const unfinished = `${path}.${process.pid}`
  try {
    writeFileSync(unfinished, script.createCachedData())
    renameSync(unfinished, path)
  } catch {}
}
