/** The desired manifests: from the config file, or from rendered files. */

import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import {
  type KubeObject,
  type Manifest,
  objectKey,
  objectName,
  type RenderedFile,
  readManifests,
} from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { deploymentManifests } from './deployment/deployment-files.ts'
import { type DeploymentFlags, loadDeployment } from './deployment/load-deployment.ts'
import { manifestsUnreadable } from './errors.ts'
import type { KubeClient } from './kube-client.ts'
import type { ConnectionFlags } from './kube-connection.ts'

export interface ClusterFlags extends DeploymentFlags, ConnectionFlags {
  readonly file?: readonly string[]
  readonly namespace?: string
  readonly requestTimeout?: string
}

export interface WantedManifests {
  /** Label `app.kubernetes.io/instance` of what belongs together; undefined where files have none. */
  readonly instance: string | undefined
  /** Undefined where files do not say: then that of the context. */
  readonly namespace: string | undefined
  readonly manifests: readonly Manifest[]
  /** Read from files, with explicit strategies. */
  readonly isWritten: boolean
}

/** Throws what `loadDeployment` throws, `usage` and `rollout_manifests_unreadable`. */
export async function wantedManifests(
  flags: ClusterFlags,
  terminal: Terminal,
  command: string,
): Promise<WantedManifests> {
  if (flags.file !== undefined) return fromFiles(flags.file, flags.namespace, terminal, command)
  const deployment = await loadDeployment(flags, terminal)
  const namespace = flags.namespace ?? deployment.namespace
  const manifests = deploymentManifests({ ...deployment, namespace })
  return { instance: deployment.name, namespace, manifests, isWritten: false }
}

const instanceLabel = 'app.kubernetes.io/instance'

async function fromFiles(
  paths: readonly string[],
  namespace: string | undefined,
  { folder }: Terminal,
  command: string,
): Promise<WantedManifests> {
  const files: RenderedFile[] = []
  for (const path of paths) {
    const found = await filesIn(resolve(folder, path)).catch((thrown: unknown) => {
      throw manifestsUnreadable(path, messageOf(thrown)).with({ cause: thrown })
    })
    if (found.length === 0) throw manifestsUnreadable(path, 'there is no YAML or JSON in it')
    for (const each of found) files.push({ path: relative(folder, each), text: await readFile(each, 'utf8') })
  }
  const { objects, findings } = readManifests(files)
  const [first] = findings
  if (first !== undefined) throw manifestsUnreadable(`${first.file}:${first.line}`, first.reason)
  const manifests = objects.map(({ manifest, file }) => {
    if (typeof manifest.metadata?.name !== 'string')
      throw manifestsUnreadable(file, `a ${manifest.kind} has no name`)
    const other = manifest.metadata.namespace
    if (namespace !== undefined && other !== undefined && other !== namespace)
      throw usage(`--namespace ${namespace}, and ${objectName(manifest)} in ${file} says another`, command)
    return manifest
  })
  noDuplicates(manifests, paths.join(', '))
  const instances = new Set(manifests.flatMap(({ metadata }) => metadata.labels?.[instanceLabel] ?? []))
  const namespaces = new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []))
  return {
    instance: instances.size === 1 ? [...instances][0] : undefined,
    namespace: namespace ?? (namespaces.size === 1 ? [...namespaces][0] : undefined),
    manifests,
    isWritten: true,
  }
}

/** Objects of a kind that are of the deployment: with its label, or without one those that the manifests name. */
export async function listOwn(
  client: KubeClient,
  apiVersion: string,
  kind: string,
  namespace: string,
  { instance, manifests }: Pick<WantedManifests, 'instance' | 'manifests'>,
): Promise<readonly KubeObject[]> {
  if (instance !== undefined)
    return client.list(apiVersion, kind, { namespace, labelSelector: `${instanceLabel}=${instance}` })
  const names = new Set(manifests.flatMap((each) => (each.kind === kind ? [each.metadata.name] : [])))
  if (names.size === 0) return []
  return (await client.list(apiVersion, kind, { namespace })).filter(({ metadata }) =>
    names.has(metadata.name),
  )
}

/** A folder that was rendered has the whole in one file, alongside its parts. */
async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true })
  if (entries.some(({ name }) => name === 'all.yaml')) return [join(path, 'all.yaml')]
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => {
        if (entry.isDirectory()) return filesIn(join(path, entry.name))
        return /\.(ya?ml|json)$/.test(entry.name) ? [join(path, entry.name)] : []
      }),
  )
  return found.flat().sort()
}

function noDuplicates(manifests: readonly Manifest[], where: string): void {
  const seen = new Set<string>()
  for (const manifest of manifests) {
    const key = objectKey(manifest)
    if (seen.has(key)) throw manifestsUnreadable(where, `${objectName(manifest)} is there twice`)
    seen.add(key)
  }
}
