/** Describes a config's deployment for GET /hadal/deploy and GET /hadal/deploy/file: files, choices, findings. */

import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { deploymentFiles, listName, loadDeployment } from '@hadal/cluster'
import { findConfigFile } from '@hadal/config'
import { type Deployment, deployOverlayUnknown, type RenderedFile } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import type { DeployAnswer, DeployFileQuery, DeployQuery, DeployText } from '@hadal/protocol'
import { hasCluster } from '../reading/has-cluster.ts'
import type { OfConfig } from '../reading/of-config.ts'
import { lintAnswer } from './lint-answer.ts'

/** Default output folder of `hadal deploy render`. */
export const usualFolder = 'deploy'

export interface Rendered {
  readonly config: string | undefined
  /** The common base, which has the overlays. */
  readonly base: Deployment
  /** With the requested overlay. */
  readonly deployment: Deployment
  readonly files: readonly RenderedFile[]
}

/** Cache for reading several files or comparing overlays without reloading the config. */
const keptMillis = 5000
let kept: { readonly key: string; readonly until: number; readonly base: Promise<Deployment> } | undefined

/** Throws what `loadDeployment` throws. */
export async function render(
  { config, overlay }: DeployQuery & OfConfig,
  terminal: Terminal,
): Promise<Rendered> {
  const base = await loadKept(config, terminal)
  const deployment = overlay === undefined ? base : overlaid(base, overlay)
  const file = findConfigFile(terminal.folder, config)
  const folder = resolve(terminal.folder, usualFolder)
  const files = deploymentFiles(deployment, {
    config: file && relative(folder, resolve(terminal.folder, file)),
  })
  return { config: file, base, deployment, files }
}

function loadKept(config: string | undefined, terminal: Terminal): Promise<Deployment> {
  const key = JSON.stringify([config, terminal.folder])
  if (kept !== undefined && kept.key === key && performance.now() < kept.until) return kept.base
  const base = loadDeployment({ ...(config !== undefined && { config }) }, terminal)
  kept = { key, until: performance.now() + keptMillis, base }
  base.catch(() => {
    // An edited file takes effect at once.
    if (kept?.base === base) kept = undefined
  })
  return base
}

/** Throws `deploy_overlay_unknown`. */
export function overlaid({ overlays }: Deployment, name: string): Deployment {
  const found = overlays.find((each) => each.name === name)
  if (found !== undefined) return found.deployment
  throw deployOverlayUnknown(
    name,
    overlays.map((each) => each.name),
  )
}

export async function describeDeployment(
  given: DeployQuery & OfConfig,
  terminal: Terminal,
): Promise<DeployAnswer> {
  const { config, base, deployment, files } = await render(given, terminal)
  const { name, namespace, reasons, secretName, gateway, engines } = deployment
  const secrets = [gateway, ...engines].flatMap((each) => each.secrets)
  return {
    name,
    namespace,
    ...(config !== undefined && { config }),
    ...(given.overlay !== undefined && { overlay: given.overlay }),
    overlays: base.overlays.map((each) => each.name),
    files: shownFiles(files).map(({ path, text }) => ({ path, bytes: Buffer.byteLength(text) })),
    reasons,
    secretName,
    secretKeys: secrets.filter(({ key }, at) => secrets.findIndex((each) => each.key === key) === at),
    lint: lintAnswer(files.filter(({ path }) => path.startsWith('base/'))),
    ...(existsSync(resolve(terminal.folder, usualFolder, listName)) && { renderedFolder: usualFolder }),
    hasCluster: hasCluster(terminal),
  }
}

/** Undefined if no such file is rendered. */
export async function renderedFile(
  given: DeployFileQuery & OfConfig,
  terminal: Terminal,
): Promise<DeployText | undefined> {
  const { files } = await render(given, terminal)
  const found = files.find(({ path }) => path === given.path)
  return found && { path: found.path, text: found.text }
}

/** Excludes the file that combines all others for `kubectl apply -f`. */
export const shownFiles = (files: readonly RenderedFile[]): readonly RenderedFile[] =>
  files.filter(({ path }) => path !== 'all.yaml')
