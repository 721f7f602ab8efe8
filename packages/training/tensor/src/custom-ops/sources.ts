/** An operator's sources: text, the file name for compiler messages, and the folder of its headers. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@hadal/base'
import { opSourceMissing } from './errors.ts'
import type { CppSource } from './op-definition.ts'

export interface ReadSource {
  readonly text: string
  /** A path, or `my::vector_add (cpu)`: what the compiler's messages name. */
  readonly label: string
  readonly folder: string | undefined
}

/** Throws `op_source_missing`. */
export function readSource(name: string, what: string, source: CppSource): ReadSource {
  if (typeof source === 'string') return { text: source, label: `${name} (${what})`, folder: undefined }
  const path = fileURLToPath(source)
  return { text: readText(name, path), label: path, folder: dirname(path) }
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw opSourceMissing(name, path, messageOf(cause)).with({ cause })
  }
}

/** With a `#line`, so that messages have the place in it. */
export function withLines({ text, label }: ReadSource): string {
  return `#line 1 ${JSON.stringify(label)}\n${text}${text.endsWith('\n') ? '' : '\n'}`
}

/**
 * The texts of all user headers that a source includes, transitively: the library depends on them too. A quoted header is resolved
 * relative to its includer, then in `folders`; one in angle brackets only in `folders`. Missing ones belong to a library, or the
 * compiler reports them.
 */
export function ownHeaders(name: string, source: ReadSource, folders: readonly string[]): readonly string[] {
  const found = new Map<string, string>()
  const visit = (text: string, near: readonly string[]): void => {
    for (const [, mark, wanted] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm)) {
      const path = [...(mark === '"' ? near : []), ...folders]
        .map((folder) => join(folder, wanted!))
        .find(existsSync)
      if (path === undefined || found.has(path)) continue
      const header = readText(name, path)
      found.set(path, header)
      visit(header, [dirname(path)])
    }
  }
  visit(source.text, source.folder === undefined ? [] : [source.folder])
  return [...found.values()]
}
