/** Programs that tests start, as JavaScript: a process with a TypeScript loader takes twice as long to start. */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
// Within node_modules, so that imports of packages are found.
const folder = join(root, 'node_modules/.cache/test-programs')

/** `programFile(import.meta.url, './tiny-program.ts')`: the program without its types, with the modules of tests that it imports. */
export function programFile(test: string, name: string): string {
  const source = fileURLToPath(new URL(name, test))
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
  const file = join(folder, `${relative(root, source).replaceAll(/[\\/]/g, '-')}.mjs`)
  // Renamed when complete: another test file may start it at this moment.
  const written = `${file}.${process.pid}`
  writeFileSync(written, outputFiles[0]!.contents)
  renameSync(written, file)
  return file
}
