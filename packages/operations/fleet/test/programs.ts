/** The programs of Prometheus, Alertmanager and Kubernetes that tests run: where they are, and what they say. */

import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Program = 'promtool' | 'amtool' | 'prometheus' | 'alertmanager' | 'kubectl'

/** How Debian calls them, first, and which of its packages has them. */
const known: Readonly<Record<Program, { readonly names: readonly string[]; readonly debian: string }>> = {
  promtool: { names: ['promtool'], debian: 'prometheus' },
  prometheus: { names: ['prometheus'], debian: 'prometheus' },
  amtool: { names: ['amtool'], debian: 'prometheus-alertmanager' },
  alertmanager: { names: ['prometheus-alertmanager', 'alertmanager'], debian: 'prometheus-alertmanager' },
  kubectl: { names: ['kubectl'], debian: 'kubernetes-client' },
}

/** Why tests that need these are to be skipped; undefined where all of them are there. */
export function whyNoPrograms(...programs: readonly Program[]): string | undefined {
  const missing = programs.filter((program) => findProgram(program) === undefined)
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map((program) => known[program].debian))]
  return `not installed: ${missing.join(', ')}; on Debian: apt-get install ${packages.join(' ')}`
}

/** Its path. Throws where it is missing. */
export function programPath(program: Program): string {
  const path = findProgram(program)
  if (path === undefined) throw new Error(whyNoPrograms(program))
  return path
}

export interface Said {
  readonly code: number | null
  /** Standard output and error, one after the other. */
  readonly output: string
}

/** Runs one to its end, at most ten minutes. */
export function runProgram(
  program: Program,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string } = {},
): Said {
  const { status, stdout, stderr, error } = spawnSync(programPath(program), args, {
    encoding: 'utf8',
    timeout: 600_000,
    maxBuffer: 256 * 1024 * 1024,
    // They are written in Go, whose collector takes a third of the time of a short run unless it has room.
    env: { ...process.env, GOGC: '400' },
    ...options,
  })
  if (error) throw error
  return { code: status, output: `${stdout}${stderr}` }
}

function findProgram(program: Program): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return known[program].names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
