// Which files of the repository are pages of the site, and where. The site is built over the whole repository: nothing is copied,
// and a relative link means the same on the site and in the repository.

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Markdown that is no page: globs for VitePress, which takes every other file. */
export const notPages: string[] = [
  'README.md',
  '{tests,scripts,runs,build,coverage,deploy,packed}/**',
  'packages/*/*/!(README.md)/**',
  'packages/*/*/!(README).md',
  'models/*/!(README).md',
  '{recipes,examples}/**/!(README).md',
  '{recipes,examples}/**/{runs,build,deploy}/**',
  'bench/!(reports|LOG.md)/**',
  'bench/!(LOG).md',
  '!(ARCHITECTURE|CHANGELOG|CONTRIBUTING|SECURITY).md',
]

const moved: readonly [RegExp, string][] = [
  [/^docs\/(.+)$/, '$1'],
  [/^(packages\/[^/]+|models)\/([^/]+)\/README\.md$/, '$1/$2.md'],
  [/^recipes\/(.+)\/README\.md$/, 'recipes/files/$1.md'],
  [/^examples\/(.+)\/README\.md$/, 'examples/$1.md'],
  [/^bench\/LOG\.md$/, 'reports/log.md'],
  [/^bench\/reports\/([^/]+\.md)$/, 'reports/$1'],
  [/^examples\/README\.md$/, 'examples/index.md'],
  // docs/security.md is the guide.
  [/^SECURITY\.md$/, 'security-policy.md'],
]

/** The page of a Markdown file: `docs/serve.md` is `serve.md`, `ARCHITECTURE.md` is `architecture.md`. */
export function pageOf(file: string): string {
  const rule = moved.find(([pattern]) => pattern.test(file))
  const page = rule ? file.replace(...rule) : file.toLowerCase()
  return page.replace(/(^|\/)README\.md$/, '$1index.md')
}

/** Every file that is a page, and its page, as they are on the disk now. */
export function sitePages(): Map<string, string> {
  const files = [
    ...['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/LOG.md'],
    ...markdownUnder('docs'),
    ...readmesUnder('packages', 2),
    ...readmesUnder('models', 1),
    ...readmesUnder('recipes', 3),
    ...readmesUnder('examples', 3),
    ...markdownUnder('bench/reports'),
  ]
  return new Map(files.filter((file) => existsSync(join(root, file))).map((file) => [file, pageOf(file)]))
}

function markdownUnder(folder: string): string[] {
  return entries(folder).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    return entry.isDirectory() ? markdownUnder(path) : path.endsWith('.md') ? [path] : []
  })
}

function readmesUnder(folder: string, depth: number): string[] {
  const here = existsSync(join(root, folder, 'README.md')) ? [`${folder}/README.md`] : []
  if (depth === 0) return here
  const below = entries(folder).filter((entry) => entry.isDirectory())
  return [...here, ...below.flatMap(({ name }) => readmesUnder(posix.join(folder, name), depth - 1))]
}

function entries(folder: string) {
  if (!existsSync(join(root, folder))) return []
  const skipped = /^(\.|node_modules$|dist$|runs$|build$)/
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !skipped.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
