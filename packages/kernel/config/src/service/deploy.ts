/** The `deploy` setting: how the service runs in a cluster. Used only by `hadal deploy`. */

import { defaultsOf, partsKind, partsOf } from '../parts.ts'
import { type SettingsTable, setting } from '../setting.ts'
import { quantityValue } from './deploy-kinds.ts'
import { type Deploy, deployParts } from './deploy-parts.ts'
import { readOverlay } from './overlays.ts'

export interface DeploySettings {
  /** Kubernetes deployment settings, used by `hadal deploy`. */
  readonly deploy: Deploy
}

/** Errors between parts. */
function deployIssues(deploy: Deploy): string[] {
  return [
    ...partIssues(deploy),
    ...Object.keys(deploy.overlays).flatMap((name) => {
      const { deploy: other, issues } = readOverlay({ deploy }, name)
      return issues.length > 0
        ? issues
        : partIssues(other).map((issue) => issue.replace('deploy', `deploy.overlays.${name}`))
    }),
  ]
}

function partIssues(deploy: Deploy): string[] {
  const issues: string[] = []
  for (const what of ['cpu', 'memory'] as const) {
    const [request, limit] = [deploy[`${what}Request`], deploy[`${what}Limit`]]
    if (quantityValue(request) > quantityValue(limit))
      issues.push(`deploy: ${what}Request (${request}) is above ${what}Limit (${limit})`)
  }
  const { gpusPerReplica, gpusPerNode, modelClaim, modelStorage, engine, engineImage } = deploy
  if (gpusPerReplica !== undefined && gpusPerReplica > gpusPerNode && gpusPerReplica % gpusPerNode !== 0)
    issues.push(
      `deploy: gpusPerReplica (${gpusPerReplica}) is above gpusPerNode (${gpusPerNode}) and not a multiple of it`,
    )
  if (engine !== 'llama' && gpusPerReplica === 0)
    issues.push(
      `deploy: gpusPerReplica 0 runs on CPUs, which engine ${engine} does not support here: use engine llama`,
    )
  if (engine === 'llama' && engineImage !== undefined)
    issues.push('deploy: engineImage applies to vLLM and SGLang; the embedded engine is in `image`')
  if (modelClaim !== undefined && modelStorage === 'image')
    issues.push(`deploy: modelClaim (${modelClaim}) has no effect when modelStorage is image`)
  return issues
}

export const deploySettings: SettingsTable<DeploySettings> = {
  deploy: setting({
    kind: partsKind(deployParts, 'deploy', deployIssues),
    default: defaultsOf(deployParts),
    defaultDoc: 'as below',
    doc: 'Kubernetes deployment settings, used by `hadal deploy`.',
    group: 'Fleet',
    unit: null,
    flag: null,
    env: 'HADAL_DEPLOY',
    reload: 'live',
    within: partsOf(deployParts),
  }),
}
