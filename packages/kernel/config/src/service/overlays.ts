/** An overlay of a deployment: parts of `deploy` and `scaling` that are otherwise in one place, such as staging. Pure. */

import { readNested } from '../nested.ts'
import { type Deploy, deployParts } from './deploy-parts.ts'
import { type Scaling, scalingFaults, scalingParts } from './scaling.ts'

export interface ReadOverlay {
  readonly deploy: Deploy
  /** As given, where none was. */
  readonly scaling: Scaling | undefined
  /** Each with the overlay's name. With any, the rest is worth nothing. */
  readonly faults: readonly string[]
}

/**
 * What holds in the overlay of this name: its parts over those of everywhere.
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
  const { values, faults } = readNested(base.deploy.overlays[name], kinds, place)
  const [deploy, scaling] = [ofTable(values, deployParts), ofTable(values, scalingParts)]
  const scaled = base.scaling && { ...base.scaling, ...scaling }
  return {
    deploy: { ...base.deploy, ...deploy, overlays: {} } as Deploy,
    scaling: scaled,
    faults: [
      ...faults,
      ...(faults.length > 0 || scaled === undefined
        ? []
        : scalingFaults(scaled).map((fault) => fault.replace('scaling', place))),
    ],
  }
}

function ofTable(values: Readonly<Record<string, unknown>>, table: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([part]) => Object.hasOwn(table, part)))
}
