/**
 * `hadal.config.json` of a gateway or an engine. Immutable, with a content hash in its name: a changed config restarts pods, and a
 * rollback finds the old config.
 */

import type { Deployment } from '../deployment/deployment.ts'
import type { Manifest } from '../manifest.ts'
import { hashOf, type Labels, nameWith } from './labels.ts'

const fileName = 'hadal.config.json'
export const configFolder = '/etc/hadal'
export const configPath: string = `${configFolder}/${fileName}`

export type Config = Readonly<Record<string, unknown>>

export function configMapName(owner: string, config: Config): string {
  return nameWith(owner, `config-${hashOf(textOf(config))}`)
}

export interface Configured {
  /** Name of what reads it. */
  readonly owner: string
  readonly labels: Labels
  readonly config: Config
}

export function configMap({ namespace }: Deployment, { owner, labels, config }: Configured): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configMapName(owner, config), namespace, labels },
    immutable: true,
    data: { [fileName]: textOf(config) },
  }
}

const textOf = (config: Config): string => `${JSON.stringify(config, null, 2)}\n`
