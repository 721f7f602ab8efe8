/** External contributions to a deployment that manifests include unchanged. */

import type { Deployment } from '../deployment/deployment.ts'

export interface Extras {
  /** As Prometheus has them in a file. */
  readonly rules?: { readonly groups: readonly object[] }
  readonly dashboards?: readonly { readonly name: string; readonly json: string }[]
}

/** A function, because an overlay has its own: its namespace stands in queries. */
export type ExtrasOf = (deployment: Deployment) => Extras

export const noExtras: ExtrasOf = () => ({})
