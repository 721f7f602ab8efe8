/** `hadal deploy render`: a config as files for a cluster, with the reason of each choice. */

import { relative, resolve } from 'node:path'
import {
  type DeploymentFlags,
  deploymentFiles,
  loadDeployment,
  type Written,
  writeRenderedFolder,
} from '@hadal/cluster'
import { findConfigFile } from '@hadal/config'
import type { Deployment, RenderedFile } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say } from '@hadal/output'

export interface DeployRenderFlags extends DeploymentFlags {
  /** A folder, or - for standard output. */
  readonly out: string
  readonly force?: boolean
  readonly json?: boolean
}

/** Throws what `loadDeployment` and `writeRenderedFolder` throw. */
export async function deployRender(flags: DeployRenderFlags, terminal: Terminal): Promise<number> {
  const deployment = await loadDeployment(flags, terminal)
  const folder = resolve(terminal.folder, flags.out === '-' ? '.' : flags.out)
  const config = findConfigFile(terminal.folder, flags.config)
  const files = deploymentFiles(deployment, {
    config: config && relative(folder, resolve(terminal.folder, config)),
  })
  if (flags.out === '-') {
    terminal.print(files.find(({ path }) => path === 'all.yaml')!.text.trimEnd())
    if (!flags.json) terminal.note(reasonLines(deployment, terminal))
    return exitCodes.success
  }
  const name = relative(terminal.folder, folder) || '.'
  const written = await writeRenderedFolder(folder, files, {
    name,
    ...(flags.force === true && { force: true }),
  })
  if (flags.json) terminal.print(JSON.stringify(asJson(deployment, name, written), null, 2))
  else notify(deployment, name, { ...written, hasNamespace: hasNamespace(files) }, flags, terminal)
  return exitCodes.success
}

function asJson(deployment: Deployment, out: string, written: Written): object {
  const { name, namespace, reasons, secretName } = deployment
  return { name, namespace, out, ...written, secretName, secretKeys: secretKeys(deployment), reasons }
}

function notify(
  deployment: Deployment,
  out: string,
  written: Written & { readonly hasNamespace: boolean },
  flags: DeployRenderFlags,
  terminal: Terminal,
): void {
  const { dim, red } = terminal.style
  const lines = [
    ...folded(written.written).map((path) => `${out}/${path}`),
    ...written.removed.map((path) => `${red(say`removed`)} ${out}/${path}`),
  ]
  const unchanged = written.unchanged.length
  terminal.print(lines.join('\n') || dim(say`no changes since the last rendering`))
  if (unchanged > 0 && lines.length > 0) terminal.print(dim(say`and ${unchanged} more unchanged`))
  terminal.print(`\n${reasonLines(deployment, terminal)}\n`)
  terminal.print(nextSteps(deployment, out, { ...flags, hasNamespace: written.hasNamespace }, terminal))
}

/** Namespaces that every cluster has are not made. */
const hasNamespace = (files: readonly RenderedFile[]): boolean =>
  files.some(({ path }) => path === namespaceFile)
const namespaceFile = 'base/namespace.yaml'

/** Collapses the monitoring files, which are many and similar. */
function folded(paths: readonly string[]): readonly string[] {
  const watching = paths.filter((path) => path.startsWith('monitoring/'))
  if (watching.length <= 3) return paths
  const others = paths.filter((path) => !watching.includes(path))
  return [
    ...others,
    say`monitoring/ (${watching.length} files: rules, their tests, routes, dashboards, runbooks)`,
  ]
}

function nextSteps(
  deployment: Deployment,
  out: string,
  flags: DeployRenderFlags & { readonly hasNamespace: boolean },
  { style }: Terminal,
): string {
  const { namespace, secretName, overlays } = deployment
  const needed = secretKeys(deployment).filter(({ optional }) => !optional)
  const same = [
    ...(flags.config === undefined ? [] : [`--config ${flags.config}`]),
    ...(flags.overlay === undefined ? [] : [`--overlay ${flags.overlay}`]),
  ]
  const files = needed.map(({ key }) => `--from-file=${key}=FILE`)
  const first = [
    ...(flags.hasNamespace ? [`kubectl apply -f ${out}/${namespaceFile}`] : []),
    ['kubectl', '-n', namespace, 'create secret generic', secretName, ...files].join(' '),
  ]
  const next = [
    ['hadal deploy lint', ...same].join(' '),
    ['hadal deploy plan', ...same].join(' '),
    ...overlays.slice(0, 1).map(({ name }) => style.dim(`hadal deploy plan --overlay ${name}`)),
  ]
  const listed = (title: string, commands: readonly string[]): string =>
    commands.map((each, at) => `${at === 0 ? style.bold(title) : '     '}  ${each}`).join('\n')
  return needed.length === 0 ? listed('next ', next) : `${listed('first', first)}\n${listed('next ', next)}`
}

function reasonLines({ reasons }: Deployment, { style }: Terminal): string {
  return formatTable(
    reasons.map(({ what, why }) => [style.cyan(what), why]),
    ['left', 'left'],
  )
}

/** Keys of the Secret with their environment variables. */
function secretKeys({
  gateway,
  engines,
}: Deployment): readonly { key: string; variable: string; optional: boolean }[] {
  const all = [gateway, ...engines].flatMap(({ secrets }) => secrets)
  return all.filter(({ key }, at) => all.findIndex((each) => each.key === key) === at)
}
