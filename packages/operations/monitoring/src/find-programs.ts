/** The programs of Prometheus and Alertmanager on this machine, whatever their packages call them. */

import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Terminal } from '@hadal/output'
import { monitorProgramsMissing } from './errors.ts'

const names = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  // Debian's name first: `alertmanager` alone may be anything.
  alertmanager: ['prometheus-alertmanager', 'alertmanager'],
  amtool: ['amtool'],
} as const

export type MonitorProgram = keyof typeof names

const debianPackages: Readonly<Record<MonitorProgram, string>> = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  alertmanager: 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
}

/** The path of each. Throws `monitor_programs_missing` with all that are. */
export function findPrograms<P extends MonitorProgram>(
  wanted: readonly P[],
  { env }: Pick<Terminal, 'env'>,
): Readonly<Record<P, string>> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const found = wanted.map((program) => {
    const candidates = names[program].flatMap((name) => folders.map((folder) => join(folder, name)))
    return [program, candidates.find(isProgram)] as const
  })
  const missing = found.filter(([, path]) => path === undefined).map(([program]) => program)
  if (missing.length > 0)
    throw monitorProgramsMissing(missing, [...new Set(missing.map((program) => debianPackages[program]))])
  return Object.fromEntries(found) as Record<P, string>
}

/** Where `name` is on the PATH, if it is. */
export function onPath(name: string, { env }: Pick<Terminal, 'env'>): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
