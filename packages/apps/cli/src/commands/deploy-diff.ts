/** `hadal deploy diff`: server-side diff of the fields we own. */

import { type ClusterFlags, fieldChangeLines, makePlan, openCluster, wantedManifests } from '@hadal/cluster'
import { objectName } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, say } from '@hadal/output'
import { refusedCode } from './deploy-plan.ts'

export interface DeployDiffFlags extends ClusterFlags {
  readonly prune?: boolean
}

/** Values of secrets are never shown. */
export async function deployDiff(flags: DeployDiffFlags, terminal: Terminal): Promise<number> {
  const wanted = await wantedManifests(flags, terminal, 'hadal deploy diff')
  using client = await openCluster(flags, terminal)
  const { plan } = await makePlan(client, wanted, {
    prune: flags.prune ?? false,
    skipMissing: true,
    force: true,
  })
  const { green, red, yellow } = terminal.style
  const differing = plan.objects.filter(({ action }) => action !== 'unchanged' && action !== 'leaveOut')
  for (const { action, manifest, changes } of differing) {
    const name = objectName(manifest)
    if (action === 'create') terminal.print(green(say`+ ${name}  not in the cluster`))
    else if (action === 'delete') terminal.print(red(say`- ${name}  not in the config`))
    else terminal.print(yellow(`~ ${name}`))
    for (const change of changes)
      for (const line of fieldChangeLines(change, terminal.style, terminal.columns)) terminal.print(line)
  }
  for (const { manifest, action } of plan.objects)
    if (action === 'leaveOut') terminal.note(say`${objectName(manifest)}: kind not served by the cluster`)
  if (differing.length === 0) terminal.note(say`no differences`)
  return differing.length === 0 ? exitCodes.success : refusedCode
}
