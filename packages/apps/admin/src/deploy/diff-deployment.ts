/** Compares a rendered config with another overlay, the folder rendered last, or the cluster, which performs a dry run only. */

import { resolve } from 'node:path'
import {
  deploymentFiles,
  deploymentManifests,
  makePlan,
  openCluster,
  readRenderedFolder,
} from '@hadal/cluster'
import { redactText } from '@hadal/config'
import { objectName, type RenderedFile } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { knownSecrets, loadService } from '@hadal/probes'
import type { DeployDiffAnswer, DeployDiffQuery, FileDiff, ObjectDiff } from '@hadal/protocol'
import type { OfConfig } from '../reading/of-config.ts'
import { overlaid, type Rendered, render, shownFiles, usualFolder } from './describe-deployment.ts'
import { deployNotRendered } from './errors.ts'
import { lineDiff } from './line-diff.ts'

const maxFileBytes = 4 * 1024 * 1024
/** Per file and in total. */
const maxLines = 400
const maxLinesOfAll = 4000
const maxFields = 60
const longestValue = 4000

/** Throws errors of loading a deployment, `deploy_not_rendered`, and errors of the cluster. */
export async function diffDeployment(
  given: DeployDiffQuery & OfConfig,
  terminal: Terminal,
): Promise<DeployDiffAnswer> {
  const rendered = await render(given, terminal)
  if (given.against === 'cluster') return diffCluster(rendered, terminal)
  if (given.against === 'rendered') {
    const before = await readRenderedFolder(resolve(terminal.folder, usualFolder), {
      name: usualFolder,
      maxBytes: maxFileBytes,
    })
    if (before === undefined) throw deployNotRendered(usualFolder)
    const hide = await hiding(given.config, terminal)
    return diffFiles(hidden(before, hide), hidden(rendered.files, hide))
  }
  const other = given.with === undefined ? rendered.base : overlaid(rendered.base, given.with)
  return diffFiles(comparable(deploymentFiles(other)), comparable(deploymentFiles(rendered.deployment)))
}

/** Overlay files are differences themselves, and cluster comparisons do not use them. */
const comparable = (files: readonly RenderedFile[]): readonly RenderedFile[] =>
  files.filter(({ path }) => !/^(overlays|box)\//.test(path))

function diffFiles(before: readonly RenderedFile[], after: readonly RenderedFile[]): DeployDiffAnswer {
  const [old, fresh] = [before, after].map(
    (files) => new Map(shownFiles(files).map(({ path, text }) => [path, text])),
  ) as [Map<string, string>, Map<string, string>]
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  const files: FileDiff[] = []
  let left = maxLinesOfAll
  for (const path of paths) {
    const [was, is] = [old.get(path), fresh.get(path)]
    if (was === is) continue
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    const diff = lineDiff(was ?? '', is ?? '', Math.min(maxLines, left))
    left -= diff.hunks.reduce((count, { lines }) => count + lines.length, 0)
    files.push({ path, change, ...diff })
  }
  return { kind: 'files', unchanged: paths.length - files.length, files }
}

/** Hand-edited rendered files may contain keys. */
async function hiding(config: string | undefined, terminal: Terminal): Promise<(text: string) => string> {
  const secrets = knownSecrets(terminal.env, await loadService(config, terminal)).filter(
    (secret) => secret.length >= shortestSecret,
  )
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, 'hidden'), redactText(text))
}

/** A shorter one is a word. */
const shortestSecret = 6

const hidden = (files: readonly RenderedFile[], hide: (text: string) => string): readonly RenderedFile[] =>
  files.map(({ path, text }) => ({ path, text: hide(text) }))

async function diffCluster({ deployment }: Rendered, terminal: Terminal): Promise<DeployDiffAnswer> {
  const { name: instance, namespace } = deployment
  const manifests = deploymentManifests(deployment)
  using client = await openCluster({ requestTimeout: '10s' }, terminal)
  const { plan } = await makePlan(
    client,
    { instance, namespace, manifests, isWritten: false },
    { prune: true, skipMissing: true, force: true },
  )
  const differing = plan.objects.filter(({ action }) => action !== 'unchanged')
  const changes = { create: 'added', delete: 'removed', change: 'changed', leaveOut: 'unserved' } as const
  return {
    kind: 'objects',
    server: redactText(client.server),
    context: client.context,
    namespace: namespace ?? client.namespace,
    unchanged: plan.objects.length - differing.length,
    objects: differing.map((each): ObjectDiff => {
      const { manifest, action, restartsPods } = each
      return {
        name: objectName(manifest),
        change: changes[action as keyof typeof changes],
        restartsPods,
        // Fields are omitted for created and deleted objects, which would list everything.
        fields: action === 'change' ? each.changes.slice(0, maxFields).map(fieldOf) : [],
      }
    }),
    warnings: [...plan.blockers.map(({ message }) => message), ...plan.warnings],
  }
}

function fieldOf({
  path,
  before,
  after,
}: {
  path: string
  before: unknown
  after: unknown
}): ObjectDiff['fields'][number] {
  return {
    path,
    ...(before !== undefined && { before: textOf(before) }),
    ...(after !== undefined && { after: textOf(after) }),
  }
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1)
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}
