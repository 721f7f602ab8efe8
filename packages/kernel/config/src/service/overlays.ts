/** A deployment overlay: overrides of `deploy` and `scaling` for one environment, such as staging. Pure. */

import { readNested } from '../nested.ts'
import { type Deploy, deployParts } from './deploy-parts.ts'
import { type Scaling, scalingIssues, scalingParts } from './scaling.ts'

export interface ReadOverlay {
  readonly deploy: Deploy
  /** As given if there is no override. */
  readonly scaling: Scaling | undefined
  /** Each contains the overlay's name. With any, the other fields are meaningless. */
  readonly issues: readonly string[]
}

/**
 * The effective values of the overlay: its parts over the common ones.
 *
 * @example
 * ```ts
 * import { readOverlay, resolveSettings, serviceSettings } from '@hadal/config'
 *
 * const { values } = resolveSettings(serviceSettings, {
 *   file: { path: 'hadal.config.json', values: { model: 'model.gguf', deploy: { overlays: { test: { replicas: 1 } } } } },
 * })
 * const { deploy, faults } = readOverlay(values, 'test')
 * faults // → []
 * deploy.replicas // → 1
 * ```
 */
export function readOverlay(
  base: { readonly deploy: Deploy; readonly scaling?: Scaling },
  name: string,
): ReadOverlay {
  const place = `deploy.overlays.${name}`
  const { overlays: _, ...ofDeploy } = deployParts
  const tables = Object.entries({ ...ofDeploy, ...scalingParts })
  const kinds = Object.fromEntries(tables.map(([part, { kind }]) => [part, kind]))
  const { values, issues } = readNested(base.deploy.overlays[name], kinds, place)
  const [deploy, scaling] = [ofTable(values, deployParts), ofTable(values, scalingParts)]
  const scaled = base.scaling && { ...base.scaling, ...scaling }
  return {
    deploy: { ...base.deploy, ...deploy, overlays: {} } as Deploy,
    scaling: scaled,
    issues: [
      ...issues,
      ...(issues.length > 0 || scaled === undefined
        ? []
        : scalingIssues(scaled).map((issue) => issue.replace('scaling', place))),
    ],
  }
}

function ofTable(values: Readonly<Record<string, unknown>>, table: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([part]) => Object.hasOwn(table, part)))
}
