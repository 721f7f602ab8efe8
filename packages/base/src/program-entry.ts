/** Finds a sibling module as a program to fork, whether this code runs from its TypeScript source or from `dist`. */

import { fileURLToPath } from 'node:url'

export interface ProgramEntry {
  readonly path: string
  /** Flags for node: none when built; the TypeScript loader when run from source. */
  readonly execArgv: readonly string[]
}

/**
 * `programEntry(import.meta.url, './process/main')`: the program beside the caller.
 *
 * @internal
 */
export function programEntry(callerUrl: string, specifier: string): ProgramEntry {
  const fromSource = new URL(callerUrl).pathname.endsWith('.ts')
  return {
    path: fileURLToPath(new URL(specifier + (fromSource ? '.ts' : '.js'), callerUrl)),
    execArgv: fromSource ? ['--conditions=@hadal/source', '--import', import.meta.resolve('tsx')] : [],
  }
}
