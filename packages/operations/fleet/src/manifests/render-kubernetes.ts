/**
 * A deployment as files: a base and overlays for kustomize, and all of the base in one file for `kubectl apply -f`. The same
 * deployment always makes the same files.
 */

import type { Deployment } from '../deployment/deployment.ts'
import type { RenderedFile } from '../manifest.ts'
import { type ExtrasOf, noExtras } from './extras.ts'
import { kustomization } from './kustomization.ts'
import { type ManifestFile, manifestFilesOf } from './manifest-files.ts'
import { overlayFiles } from './overlay-files.ts'
import { toYaml, toYamlDocument, withComment } from './to-yaml.ts'

/**
 * Every file that `kubectl apply -k` needs, as text.
 *
 * @example
 * ```ts
 * import { deployment } from './my-deployment.ts' // of planDeployment
 * import { renderKubernetes } from '@hadal/fleet'
 *
 * renderKubernetes(deployment).map(({ path }) => path).slice(0, 3)
 * ```
 */
export function renderKubernetes(deployment: Deployment, extrasOf: ExtrasOf = noExtras): RenderedFile[] {
  const { name, version, secretName, overlays } = deployment
  const base = manifestFilesOf(deployment, extrasOf)
  const resources = base.map((file) => file.name)
  const about = [
    `${name}, rendered by hadal ${version}. Render it again instead of changing it.`,
    `The Secret ${secretName} must exist in the namespace ${deployment.namespace} first: these files contain no keys or passwords.`,
  ].join('\n')
  return [
    { path: 'all.yaml', text: withComment(base.map(textOf).join('---\n'), `${about}\n`) },
    {
      path: 'base/kustomization.yaml',
      text: withComment(toYamlDocument(kustomization({ resources })), about),
    },
    ...base.map((file) => ({ path: `base/${file.name}`, text: textOf(file) })),
    ...overlays.flatMap((overlay) =>
      overlayFiles(overlay.name, base, manifestFilesOf(overlay.deployment, extrasOf)).map(
        ({ path, text }) => ({ path: `overlays/${overlay.name}/${path}`, text }),
      ),
    ),
  ]
}

const textOf = ({ manifests, about }: ManifestFile): string => toYaml(manifests, about)
