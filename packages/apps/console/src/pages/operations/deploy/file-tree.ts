/** Paths as folders in folders, in the order of names, folders first. Pure. */

export interface TreeFolder {
  /** `base`, or empty for files in no folder. */
  readonly name: string
  readonly path: string
  readonly folders: readonly TreeFolder[]
  readonly files: readonly { readonly name: string; readonly path: string }[]
}

export function fileTree(paths: readonly string[], within = ''): TreeFolder {
  const prefix = within === '' ? '' : `${within}/`
  const own = paths.filter((path) => path.startsWith(prefix))
  const names = new Set<string>()
  const files: { name: string; path: string }[] = []
  for (const path of own) {
    const rest = path.slice(prefix.length)
    const slash = rest.indexOf('/')
    if (slash === -1) files.push({ name: rest, path })
    else names.add(rest.slice(0, slash))
  }
  return {
    name: within.slice(within.lastIndexOf('/') + 1),
    path: within,
    folders: [...names].sort().map((name) => fileTree(own, `${prefix}${name}`)),
    files: files.sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}
