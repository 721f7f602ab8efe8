/** What a package that users install may hold, and has to. Pure: lists of names go in, issues come out. */

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly files: readonly string[]
  readonly exports?: Entry
  readonly bin?: Entry
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

type Entry = string | { readonly [key: string]: Entry }

/** By the first folder of a path. A package has those that its `files` names. */
const allowed = [
  /^(package\.json|README\.md|LICENSE)$/,
  /^bin\/[\w-]+\.js$/,
  /^dist\/(?!.*\.test\.)[\w./-]+\.(js|cjs|mjs|d\.ts|css|html|json|svg|woff2|md)$/,
  /^models\/[\w-]+\/[\w.-]+\.(gguf|json|md|svg)$/,
  /^(data|weights)\/[\w./-]+\.(bin|jsonl|md|txt)$/,
  // The tensor addon is compiled where it runs.
  /^native\/[\w./-]+\.(cc|cu|h)$/,
  /^scripts\/[\w-]+\.mjs$/,
]
const needed = ['package.json', 'README.md', 'LICENSE']

/** One sentence for each issue of a tarball with these `paths`; none when all is well. */
export function packedIssues(
  { name, exports, bin }: Pick<Manifest, 'name' | 'exports' | 'bin'>,
  paths: readonly string[],
): string[] {
  const there = new Set(paths)
  const promised = [...targetsOf(exports), ...targetsOf(bin)]
  return [
    ...paths
      .filter((path) => !allowed.some((form) => form.test(path)))
      .map((path) => `${path} is no business of users`),
    ...needed.filter((path) => !there.has(path)).map((path) => `${path} is missing`),
    ...promised
      .filter((path) => !there.has(path))
      .map((path) => `package.json promises ${path}, which is missing`),
  ].map((issue) => `${name}: ${issue}`)
}

/** Every file that `exports` or `bin` leads to, but for the sources, which only this repository has. */
function targetsOf(entry: Entry | undefined): string[] {
  if (typeof entry === 'string') return [entry.replace(/^\.\//, '')]
  return Object.entries(entry ?? {}).flatMap(([key, value]) =>
    key === '@hadal/source' ? [] : targetsOf(value),
  )
}
