/** `hadal monitor render`: rules with their tests, runbooks, routes and dashboards of a config, as files. */

import { relative, resolve } from 'node:path'
import { monitoringFiles, silenceOf } from '@hadal/fleet'
import { type DeploymentFlags, loadDeployment } from '../deploy/load-deployment.ts'
import { writeRenderedFolder } from '../deploy/rendered-folder.ts'
import { exitCodes } from '../report-error.ts'
import type { Terminal } from '../terminal.ts'

export interface MonitorRenderFlags extends DeploymentFlags {
  readonly out: string
  readonly force?: boolean
}

/** Throws what `loadDeployment` and `writeRenderedFolder` throw. */
export async function monitorRender(flags: MonitorRenderFlags, terminal: Terminal): Promise<number> {
  const deployment = await loadDeployment(flags, terminal)
  const folder = resolve(terminal.folder, flags.out)
  const name = relative(terminal.folder, folder) || '.'
  const { written, removed, unchanged } = await writeRenderedFolder(folder, monitoringFiles(deployment), {
    name,
    force: flags.force === true,
  })
  const { dim, red } = terminal.style
  for (const path of written) terminal.print(`${name}/${path}`)
  for (const path of removed) terminal.print(`${red('removed')} ${name}/${path}`)
  if (unchanged.length > 0) terminal.print(dim(`${unchanged.length} that are as they were`))
  for (const silence of silenceOf(deployment.monitor)) terminal.note(terminal.noteStyle.yellow(silence))
  return exitCodes.success
}
