/** `kustomization.yaml`. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */

export interface KustomizePatch {
  readonly target: Readonly<Record<string, string>>
  /** One of the two. */
  readonly path?: string
  readonly patch?: string
}

export interface KustomizationParts {
  readonly namespace?: string | undefined
  readonly resources: readonly string[]
  readonly patches?: readonly KustomizePatch[]
}

export function kustomization({ namespace, resources, patches = [] }: KustomizationParts): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...(namespace !== undefined && { namespace }),
    resources,
    ...(patches.length > 0 && { patches }),
  }
}
