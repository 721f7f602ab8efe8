/**
 * Finds the files that a module imports by path, recursively, from their text: Node does not report what it loads. Used for
 * watching, where a path in a comment does no harm. Loads nothing.
 */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const maxFiles = 1000
const endings = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js']
const specifier = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])(\.{1,2}\/[^'"`\n]+)\1/g

/** `file` itself comes first. */
export function localImports(file: string): readonly string[] {
  const found = new Set([file])
  for (const each of found) {
    if (found.size >= maxFiles) break
    for (const [, , path] of textOf(each).matchAll(specifier)) {
      const imported = fileAt(resolve(dirname(each), path!))
      if (imported !== undefined) found.add(imported)
    }
  }
  return [...found]
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** A TypeScript module may be imported under its JavaScript name. */
function fileAt(path: string): string | undefined {
  const candidates = endings.map((ending) => path + ending)
  candidates.push(path.replace(/\.([mc]?)js$/, '.$1ts'))
  return candidates.find((each) => existsSync(each) && statSync(each).isFile())
}
