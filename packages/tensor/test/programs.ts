/** Programs that tests start, as JavaScript: a process with a TypeScript loader takes twice as long to start. */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

// Within the package, so that imports are found.
const folder = fileURLToPath(new URL('../build/programs', import.meta.url))

/** Writes `programs/<name>.ts` without its types, and gives the file. */
export function programFile(name: string): string {
  const source = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))
  const { outputFiles } = buildSync({
    entryPoints: [source],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  })
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.mjs`)
  // Whole at once: other test files may start it now.
  const written = `${file}.${process.pid}`
  writeFileSync(written, outputFiles[0]!.contents)
  renameSync(written, file)
  return file
}
