/** External contributions to a deployment that manifests include unchanged. */

import type { Deployment } from '../deployment/deployment.ts'

export interface Extras {
  /** As Prometheus has them in a file. */
  readonly rules?: { readonly groups: readonly object[] }
  readonly dashboards?: readonly { readonly name: string; readonly json: string }[]
}

/** A function, because each overlay has its own: queries contain its namespace. */
export type ExtrasOf = (deployment: Deployment) => Extras

export const noExtras: ExtrasOf = () => ({})
