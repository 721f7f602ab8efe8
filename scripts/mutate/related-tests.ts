/** Which test files of a package run a source: its own, then those that import it, nearest first. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'

/** Absolute paths of the tests of the package of `source` that import it, however indirectly. */
export function relatedTests(root: string, source: string): string[] {
  const folder = join(root, relative(root, source).split('/').slice(0, 2).join('/'))
  const files = ['src', 'test']
    .map((each) => join(folder, each))
    .filter(existsSync)
    .flatMap((each) =>
      readdirSync(each, { recursive: true, encoding: 'utf8' }).map((file) => join(each, file)),
    )
    .filter((file) => file.endsWith('.ts'))
  const own = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly name: string }
  const importers = new Map<string, string[]>()
  for (const file of files) {
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'))
    for (const { fileName } of importedFiles) {
      const isOwn = fileName === own.name
      if (!isOwn && !fileName.startsWith('.')) continue
      const imported = isOwn ? join(folder, 'src/index.ts') : resolve(dirname(file), fileName)
      importers.set(imported, [...(importers.get(imported) ?? []), file])
    }
  }
  const reached = new Set([source.replace(/\.ts$/, '.test.ts'), source])
  const entry = join(folder, 'src/index.ts')
  const follow = (file: string): void => {
    for (const importer of importers.get(file) ?? []) reached.add(importer)
  }
  // A set may grow while it is iterated: importers come in order of their distance. Those of the whole package come last.
  for (const file of reached) if (file !== entry) follow(file)
  if (reached.has(entry)) follow(entry)
  return [...reached].filter((file) => file.endsWith('.test.ts') && existsSync(file))
}
