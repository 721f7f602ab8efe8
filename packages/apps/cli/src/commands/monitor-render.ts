/** `hadal monitor render`: rules with their tests, runbooks, routes and dashboards of a config, as files. */

import { resolve } from 'node:path'
import { type DeploymentFlags, loadWatched, writeRenderedFolder } from '@hadal/cluster'
import { monitoringFiles, silenceOf } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, say } from '@hadal/output'

export interface MonitorRenderFlags extends DeploymentFlags {
  readonly out: string
  readonly force?: boolean
}

/** Throws what `loadWatched` and `writeRenderedFolder` throw. */
export async function monitorRender(flags: MonitorRenderFlags, terminal: Terminal): Promise<number> {
  const deployment = await loadWatched(flags, terminal)
  const folder = resolve(terminal.folder, flags.out)
  const { written, removed, unchanged } = await writeRenderedFolder(folder, monitoringFiles(deployment), {
    name: flags.out,
    force: flags.force === true,
  })
  const { dim, red } = terminal.style
  const isRunbook = (path: string): boolean => path.startsWith('runbooks/')
  const runbooks = written.filter(isRunbook).length
  for (const path of written) if (!isRunbook(path)) terminal.print(`${flags.out}/${path}`)
  if (runbooks > 0) terminal.print(`${flags.out}/runbooks ${dim(say`${runbooks} pages`)}`)
  for (const path of removed) terminal.print(`${red(say`removed`)} ${flags.out}/${path}`)
  if (unchanged.length > 0) terminal.print(dim(say`${unchanged.length} files unchanged`))
  for (const silence of silenceOf(deployment.monitor)) terminal.note(terminal.noteStyle.yellow(silence))
  return exitCodes.success
}
