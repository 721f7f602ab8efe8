/** `hadal deploy lint`: reports manifests an API server would reject, and ones it accepts but that are unsafe. Needs no cluster. */

import {
  countsText,
  type DeploymentFlags,
  deploymentFiles,
  findingsText,
  type Input,
  loadDeployment,
  type ManifestFiles,
  readManifestFiles,
  type Severity,
  severities,
} from '@hadal/cluster'
import { type LintFinding, readManifests } from '@hadal/fleet'
import { lintManifests, sarifOf } from '@hadal/manifest-lint'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, usage } from '@hadal/output'
import { version } from '@hadal/service'

export interface DeployLintFlags extends DeploymentFlags {
  readonly before?: string
  readonly freeGpus?: string
  readonly severity?: Severity
  readonly format?: 'text' | 'json' | 'sarif'
  readonly json?: boolean
}

/** Distinct from 1, which means that nothing was checked. */
export const foundCode = 3

/** Throws `usage`, `lint_unreadable`, `lint_nothing` and, without paths, errors of loading a deployment. */
export async function deployLint(
  paths: readonly string[],
  flags: DeployLintFlags,
  terminal: Terminal,
  input: Input = process.stdin,
): Promise<number> {
  const freeGpus = freeGpusOf(flags.freeGpus)
  const given =
    paths.length > 0
      ? await readManifestFiles(paths, terminal.folder, input)
      : await renderedFiles(flags, terminal)
  const before =
    flags.before === undefined
      ? []
      : (await readManifestFiles([flags.before], terminal.folder, input)).sets.flat()
  const findings = given.sets.flatMap((files) => lintManifests(files, { freeGpus, before }))
  const format = flags.json ? 'json' : (flags.format ?? 'text')
  if (format === 'json') terminal.print(JSON.stringify(jsonOf(findings, given.sets), null, 2))
  else if (format === 'sarif') terminal.print(JSON.stringify(sarifOf(findings, version), null, 2))
  else printText(findings, given, terminal)
  const failing = severities.slice(0, severities.indexOf(flags.severity ?? 'harmful') + 1)
  return findings.some(({ severity }) => failing.includes(severity)) ? foundCode : exitCodes.success
}

function freeGpusOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const count = given.trim() === '' ? Number.NaN : Number(given)
  if (!(Number.isSafeInteger(count) && count >= 0))
    throw usage(say`--free-gpus must be a whole number of at least 0, not ${given}`, 'hadal deploy lint')
  return count
}

/** Files rendered from the config; overlays and the combined file repeat the same objects. */
async function renderedFiles(flags: DeployLintFlags, terminal: Terminal): Promise<ManifestFiles> {
  const files = deploymentFiles(await loadDeployment(flags, terminal))
  return { sets: [files.filter(({ path }) => path.startsWith('base/'))], skipped: [] }
}

const objectsOf = (sets: ManifestFiles['sets']): number =>
  sets.reduce((count, files) => count + readManifests(files).objects.length, 0)

function jsonOf(findings: readonly LintFinding[], sets: ManifestFiles['sets']): object {
  const counts = Object.fromEntries(
    severities.map((severity) => [severity, findings.filter((each) => each.severity === severity).length]),
  )
  return { files: sets.flat().length, objects: objectsOf(sets), counts, findings }
}

function printText(
  findings: readonly LintFinding[],
  { sets, skipped }: ManifestFiles,
  terminal: Terminal,
): void {
  const { style, columns } = terminal
  if (findings.length > 0) terminal.print(`${findingsText(findings, style, columns)}\n`)
  terminal.print(countsText(findings, { objects: objectsOf(sets), files: sets.flat().length }, style))
  if (skipped.length > 0)
    terminal.note(
      terminal.noteStyle.dim(
        say`skipped, ${skipped.length === 1 ? say`not a manifest` : say`not manifests`}: ${skipped.slice(0, 5).join(', ')}${skipped.length > 5 ? ', ...' : ''}`,
      ),
    )
}
