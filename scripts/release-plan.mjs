/** What has to be true before a release, and in which order packages go out. Pure. */

/**
 * Those that others stand on go first, so that nothing can be installed whose dependencies are not there yet.
 * @template {{ name: string, manifest: { dependencies?: object, optionalDependencies?: object, peerDependencies?: object } }} T
 * @param {readonly T[]} packages
 * @returns {T[]}
 */
export function inOrder(packages) {
  const byName = new Map(packages.map((each) => [each.name, each]))
  const ordered = []
  const seen = new Set()
  const visit = (each) => {
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

/**
 * @param {{
 *   packages: readonly { name: string, version: string, manifest: object }[],
 *   isClean: boolean, changesets: readonly string[], changelog: string, repository: string | undefined, hasIdentity: boolean,
 *   isPublishing: boolean,
 * }} state
 * @returns {string[]} what stands in the way, one sentence each
 */
export function releaseFaults({
  packages,
  isClean,
  changesets,
  changelog,
  repository,
  hasIdentity,
  isPublishing,
}) {
  const versions = [...new Set(packages.map(({ version }) => version))]
  const own = new Map(packages.map(({ name, version }) => [name, version]))
  const faults = []
  if (!isClean) faults.push('there are changes that are not committed')
  if (changesets.length > 0)
    faults.push(`changesets wait: ${changesets.join(', ')}. \`npm run version\` turns them into a version`)
  if (versions.length !== 1) faults.push(`packages have ${versions.length} versions: ${versions.join(', ')}`)
  for (const { name, manifest } of packages) {
    for (const [below, wanted] of Object.entries(manifest.dependencies ?? {})) {
      const version = own.get(below)
      if (version !== undefined && wanted !== version)
        faults.push(`${name} wants ${below} ${wanted}, which is ${version}`)
    }
  }
  const heading = /^## (\S+) \(\d{4}-\d{2}-\d{2}\)$/
  if (!changelog.split('\n').some((line) => heading.exec(line)?.[1] === versions[0]))
    faults.push(`CHANGELOG.md has no \`## ${versions[0]} (date)\``)
  if (isPublishing && repository === undefined)
    faults.push('provenance names a repository: GITHUB_REPOSITORY is not set')
  if (isPublishing && !hasIdentity)
    faults.push('provenance needs an identity: run it in a workflow with `permissions: id-token: write`')
  return faults
}
