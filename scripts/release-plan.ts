/** What has to be true before a release, and in which order packages go out. Pure. */

import type { Manifest } from './packed-files.ts'

export interface Releasable {
  readonly name: string
  readonly version: string
  readonly manifest: Pick<Manifest, 'dependencies' | 'optionalDependencies' | 'peerDependencies'>
}

export interface ReleaseState {
  readonly packages: readonly Releasable[]
  readonly isClean: boolean
  /** Names of changesets that wait. */
  readonly changesets: readonly string[]
  /** The text of CHANGELOG.md. */
  readonly changelog: string
  /** `owner/name`, of which provenance speaks. */
  readonly repository: string | undefined
  /** Whether npm can record the builder (provenance). */
  readonly hasIdentity: boolean
  readonly isPublishing: boolean
}

/** Those that others stand on go first, so that nothing can be installed whose dependencies are not there yet. */
export function inOrder<T extends Releasable>(packages: readonly T[]): T[] {
  const byName = new Map(packages.map((each) => [each.name, each]))
  const ordered: T[] = []
  const seen = new Set<string>()
  const visit = (each: T): void => {
    if (seen.has(each.name)) return
    seen.add(each.name)
    const { dependencies, optionalDependencies, peerDependencies } = each.manifest
    for (const name of Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...peerDependencies,
    }).sort()) {
      const below = byName.get(name)
      if (below) visit(below)
    }
    ordered.push(each)
  }
  for (const each of packages) visit(each)
  return ordered
}

/** What stands in the way, one sentence each. */
export function releaseIssues(state: ReleaseState): string[] {
  const { packages, changesets, changelog, repository, isPublishing } = state
  const versions = [...new Set(packages.map(({ version }) => version))]
  const heading = /^## (\S+) \(\d{4}-\d{2}-\d{2}\)$/
  const hasHeading = changelog.split('\n').some((line) => heading.exec(line)?.[1] === versions[0])
  return [
    !state.isClean && 'there are changes that are not committed',
    changesets.length > 0 &&
      `changesets wait: ${changesets.join(', ')}. \`npm run version\` turns them into a version`,
    versions.length !== 1 && `packages have ${versions.length} versions: ${versions.join(', ')}`,
    ...unlikeVersions(packages),
    !hasHeading && `CHANGELOG.md has no \`## ${versions[0]} (date)\``,
    isPublishing && repository === undefined && 'provenance names a repository: GITHUB_REPOSITORY is not set',
    isPublishing &&
      !state.hasIdentity &&
      'provenance needs an identity: run it in a workflow with `permissions: id-token: write`',
  ].filter((issue) => issue !== false)
}

function unlikeVersions(packages: readonly Releasable[]): string[] {
  const own = new Map(packages.map(({ name, version }) => [name, version]))
  return packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.dependencies ?? {}).flatMap(([below, wanted]) => {
      const version = own.get(below)
      return version === undefined || wanted === version
        ? []
        : [`${name} wants ${below} ${wanted}, which is ${version}`]
    }),
  )
}
