/** Compiles `shim.c` and controls it: failing writes and clock offsets in a running process. Linux with a C compiler. */

import { spawnSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemporaryFolder } from './serving.ts'

export const errnos = { EIO: 5, ENOSPC: 28, EROFS: 30 } as const

export function compilerMissing(): string | undefined {
  if (process.platform !== 'linux') return 'LD_PRELOAD needs Linux'
  return spawnSync('cc', ['--version']).status === 0 ? undefined : 'no C compiler (cc)'
}

export class Injector {
  /** For the process. */
  readonly env: Readonly<Record<string, string>>
  readonly #control: string

  /** Writes fail for paths that contain `part`. */
  constructor(folder: TemporaryFolder, part = '') {
    const library = join(folder.path, 'shim.so')
    const source = join(import.meta.dirname, 'shim.c')
    const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
    if (status !== 0) throw new Error(`cc failed: ${stderr.toString()}`)
    this.#control = folder.file('control', '0 0')
    this.env = { LD_PRELOAD: library, INJECT_CONTROL: this.#control, INJECT_PATH: part }
  }

  set({ errno = 0, seconds = 0 }: { errno?: number; seconds?: number } = {}): void {
    writeFileSync(`${this.#control}.new`, `${errno} ${seconds}`)
    renameSync(`${this.#control}.new`, this.#control)
  }
}
