/** An object of Kubernetes as plain data, and a file that is rendered. */

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  /** `spec`, `data`, `rules` and what else the kind has. */
  readonly [field: string]: unknown
}

export interface RenderedFile {
  /** From the folder that is rendered to, with `/`: `base/gateway-deployment.yaml`. */
  readonly path: string
  readonly text: string
}
