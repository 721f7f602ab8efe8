/** Finds a sibling module to fork as a program, from the TypeScript source or from `dist`. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface ProgramEntry {
  readonly path: string
  /** Node flags: none if built; the TypeScript loader if run from source. */
  readonly execArgv: readonly string[]
}

const sourceCondition = '--conditions=@hadal/source'

/**
 * `programEntry(import.meta.url, './process/main')`: the program next to the caller. From source, it also runs from source if
 * this process resolves packages to their source; otherwise, as in tests, from `dist`, which starts five times as fast.
 *
 * @internal
 */
export function programEntry(callerUrl: string, specifier: string): ProgramEntry {
  const url = new URL(specifier, callerUrl)
  if (!new URL(callerUrl).pathname.endsWith('.ts')) return { path: `${fileURLToPath(url)}.js`, execArgv: [] }
  const source = `${fileURLToPath(url)}.ts`
  const loader = ['--import', import.meta.resolve('tsx')]
  if (process.execArgv.includes(sourceCondition))
    return { path: source, execArgv: [sourceCondition, ...loader] }
  const built = source.replace(/([\\/]packages[\\/].*?[\\/])src([\\/].*)\.ts$/, '$1dist$2.js')
  // Test programs are not built. Their imports are.
  return built !== source && existsSync(built)
    ? { path: built, execArgv: [] }
    : { path: source, execArgv: loader }
}
