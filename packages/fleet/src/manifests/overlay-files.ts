/**
 * An overlay for kustomize: what turns the objects of one deployment into those of another. Fields that differ are JSON
 * patches, objects that only the base has are deleted, those that only the overlay has are files of its own.
 */

import type { Manifest, RenderedFile } from '../manifest.ts'
import { jsonPatch } from './json-patch.ts'
import { kustomization } from './kustomization.ts'
import type { ManifestFile } from './manifest-files.ts'
import { toYaml, toYamlDocument, withComment } from './to-yaml.ts'

/** Paths are from the overlay's folder. */
export function overlayFiles(
  name: string,
  base: readonly ManifestFile[],
  overlay: readonly ManifestFile[],
): readonly RenderedFile[] {
  const before = new Map(base.flatMap(({ manifests }) => manifests).map((each) => [keyOf(each), each]))
  const after = new Set(overlay.flatMap(({ manifests }) => manifests).map(keyOf))
  // Where everything is called otherwise, nothing of the base is left to change.
  const hasBase = [...after].some((key) => before.has(key) && key !== namespaceKey)
  const isNew = (manifest: Manifest): boolean => !hasBase || !before.has(keyOf(manifest))

  const own = overlay
    .map((file) => ({ ...file, manifests: file.manifests.filter(isNew) }))
    .filter(({ manifests }) => manifests.length > 0)
  const changed = overlay.flatMap((file) =>
    file.manifests
      .filter((manifest) => !isNew(manifest))
      .map((manifest) => ({ file, patch: patchOf(before.get(keyOf(manifest))!, manifest) }))
      .filter(({ patch }) => patch.operations.length > 0),
  )
  const gone = hasBase ? [...before.values()].filter((manifest) => !after.has(keyOf(manifest))) : []
  const patches = changed.map(({ file, patch }) => ({
    ...patch,
    path: `patches/${file.name.replace(/\.yaml$/, '')}${suffixIn(file, patch.of)}.yaml`,
  }))

  return [
    {
      path: 'kustomization.yaml',
      text: withComment(
        toYamlDocument(
          kustomization({
            namespace: hasBase ? namespaceOf(overlay) : undefined,
            resources: [...(hasBase ? ['../../base'] : []), ...own.map((file) => file.name)],
            patches: [
              ...patches.map(({ path, of }) => ({ path, target: targetOf(of) })),
              ...gone.map((manifest) => ({ target: targetOf(manifest), patch: deletionOf(manifest) })),
            ],
          }),
        ),
        hasBase ? `What is otherwise in ${name}.` : `All of ${name}: nothing in it has a name of the base.`,
      ),
    },
    ...own.map(({ name: path, about, manifests }) => ({ path, text: toYaml(manifests, about) })),
    ...patches.map(({ path, of, operations }) => ({
      path,
      text: withComment(toYamlDocument(operations), `${of.kind} ${of.metadata.name} in ${name}.`),
    })),
  ]
}

const namespaceKey = 'v1 Namespace'

/** Objects of a deployment share one namespace, so it tells none of them apart; and it has one Namespace, whatever its name. */
function keyOf({ apiVersion, kind, metadata }: Manifest): string {
  return kind === 'Namespace' ? namespaceKey : `${apiVersion} ${kind} ${metadata.name}`
}

function namespaceOf(files: readonly ManifestFile[]): string | undefined {
  const namespaced = files.flatMap(({ manifests }) => manifests).find(({ kind }) => kind !== 'Namespace')
  return namespaced?.metadata.namespace
}

interface ObjectPatch {
  /** Of the base. */
  readonly of: Manifest
  readonly operations: ReturnType<typeof jsonPatch>
}

/** Without what kustomize's `namespace` does: the namespace of each object, and the name of the Namespace. */
function patchOf(before: Manifest, after: Manifest): ObjectPatch {
  const { name, namespace } = after.metadata
  const metadata = before.kind === 'Namespace' ? { name } : { namespace }
  const moved = { ...before, metadata: { ...before.metadata, ...metadata } }
  return { of: before, operations: jsonPatch(moved, after) }
}

/** Files with several objects have a patch for each. */
function suffixIn(file: ManifestFile, { kind, metadata }: Manifest): string {
  return file.manifests.length > 1 ? `-${kind.toLowerCase()}-${metadata.name}` : ''
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
