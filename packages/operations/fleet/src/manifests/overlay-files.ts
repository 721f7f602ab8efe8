/**
 * A kustomize overlay: the difference between two deployments' objects. Changed fields are JSON patches, objects only in the base
 * are deleted, those only in the overlay are separate files.
 */

import type { Manifest, RenderedFile } from '../manifest.ts'
import { jsonPatch, type PatchOperation } from './json-patch.ts'
import { kustomization } from './kustomization.ts'
import type { ManifestFile } from './manifest-files.ts'
import { toYaml, toYamlDocument, withComment } from './to-yaml.ts'

/** Paths are from the overlay's folder. */
export function overlayFiles(
  name: string,
  base: readonly ManifestFile[],
  overlay: readonly ManifestFile[],
): readonly RenderedFile[] {
  const difference = differenceOf(base, overlay)
  const about = difference.hasBase
    ? `The changes for ${name}.`
    : `All objects of ${name}: none shares a name with the base.`
  return [
    { path: 'kustomization.yaml', text: withComment(kustomizationOf(difference), about) },
    ...difference.own.map((file) => ({ path: file.name, text: toYaml(file.manifests, file.about) })),
    ...difference.patches.map(({ path, of, operations }) => ({
      path,
      text: withComment(toYamlDocument(operations), `${of.kind} ${of.metadata.name} in ${name}.`),
    })),
  ]
}

interface Difference {
  /** Where everything is called otherwise, nothing of the base is left to change. */
  readonly hasBase: boolean
  /** Set if it differs. */
  readonly namespace: string | undefined
  /** With the objects that only the overlay has. */
  readonly own: readonly ManifestFile[]
  readonly patches: readonly (ObjectPatch & { readonly path: string })[]
  readonly gone: readonly Manifest[]
}

function differenceOf(base: readonly ManifestFile[], overlay: readonly ManifestFile[]): Difference {
  const before = new Map(base.flatMap(({ manifests }) => manifests).map((each) => [keyOf(each), each]))
  const after = new Set(overlay.flatMap(({ manifests }) => manifests).map(keyOf))
  const hasBase = [...after].some((key) => before.has(key) && key !== namespaceKey)
  const own = overlay.map((file) => ({
    ...file,
    manifests: file.manifests.filter((manifest) => !hasBase || !before.has(keyOf(manifest))),
  }))
  if (!hasBase) return { hasBase, namespace: undefined, own, patches: [], gone: [] }
  const namespace = namespaceOf(overlay)
  return {
    hasBase,
    namespace: namespace === namespaceOf(base) ? undefined : namespace,
    own: own.filter(({ manifests }) => manifests.length > 0),
    patches: overlay.flatMap((file) => patchesOf(file, before)),
    gone: [...before.values()].filter((manifest) => !after.has(keyOf(manifest))),
  }
}

/** A patch for each object of a file that both have and that differs. */
function patchesOf(file: ManifestFile, before: ReadonlyMap<string, Manifest>): Difference['patches'] {
  return file.manifests.flatMap((manifest) => {
    const of = before.get(keyOf(manifest))
    const operations = of === undefined ? [] : operationsOf(of, manifest)
    if (of === undefined || operations.length === 0) return []
    const suffix = file.manifests.length > 1 ? `-${of.kind.toLowerCase()}-${of.metadata.name}` : ''
    return [{ of, operations, path: `patches/${file.name.replace(/\.yaml$/, '')}${suffix}.yaml` }]
  })
}

function kustomizationOf({ hasBase, namespace, own, patches, gone }: Difference): string {
  return toYamlDocument(
    kustomization({
      namespace,
      resources: [...(hasBase ? ['../../base'] : []), ...own.map((file) => file.name)],
      patches: [
        ...patches.map(({ path, of }) => ({ path, target: targetOf(of) })),
        ...gone.map((manifest) => ({ target: targetOf(manifest), patch: deletionOf(manifest) })),
      ],
    }),
  )
}

const namespaceKey = 'v1 Namespace'

/** Objects of a deployment share one namespace, so it is not part of the key; and it has one Namespace, whatever its name. */
function keyOf({ apiVersion, kind, metadata }: Manifest): string {
  return kind === 'Namespace' ? namespaceKey : `${apiVersion} ${kind} ${metadata.name}`
}

function namespaceOf(files: readonly ManifestFile[]): string | undefined {
  const namespaced = files.flatMap(({ manifests }) => manifests).find(({ kind }) => kind !== 'Namespace')
  return namespaced?.metadata.namespace
}

interface ObjectPatch {
  /** The base manifest. */
  readonly of: Manifest
  readonly operations: readonly PatchOperation[]
}

/** Without what kustomize's `namespace` does: the namespace of each object, and the name of the Namespace. */
function operationsOf(before: Manifest, after: Manifest): readonly PatchOperation[] {
  const { name, namespace } = after.metadata
  const metadata = before.kind === 'Namespace' ? { name } : { namespace }
  return jsonPatch({ ...before, metadata: { ...before.metadata, ...metadata } }, after)
}

function targetOf({ apiVersion, kind, metadata }: Manifest): Readonly<Record<string, string>> {
  const [version = '', group] = apiVersion.split('/').reverse()
  return { ...(group !== undefined && { group }), version, kind, name: metadata.name }
}

function deletionOf({ apiVersion, kind, metadata }: Manifest): string {
  const { name, namespace } = metadata
  return toYamlDocument({
    $patch: 'delete',
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  })
}
