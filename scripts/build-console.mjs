/** Builds the console with vite into packages/apps/console/dist/app, only if its sources changed. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './prepare.mjs'

// A test runner sets `test`, which would select React's development build.
process.env.NODE_ENV = 'production'

const home = join(root, 'packages/apps/console')
const app = join(home, 'dist/app')
const stamp = join(home, 'dist/app.stamp')

/** Hash of all inputs: its files, protocol imports, and versions of npm packages. */
function sourcesHash() {
  const hash = createHash('sha256')
  const folders = [
    'packages/apps/console/src',
    'packages/apps/console/public',
    'packages/kernel/protocol/src',
  ]
  const listed = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  const single = ['index.html', 'vite.config.ts', 'package.json'].map((name) => join(home, name))
  for (const path of [...listed, ...single, join(root, 'package-lock.json'), import.meta.filename].sort())
    hash.update(path.slice(root.length)).update(readFileSync(path))
  return hash.digest('hex')
}

const wanted = sourcesHash()
const isCurrent =
  existsSync(join(app, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
if (!isCurrent) {
  const fresh = join(home, `dist/app-${process.pid}`)
  mkdirSync(join(home, 'dist'), { recursive: true })
  try {
    await build({ configFile: join(home, 'vite.config.ts'), logLevel: 'warn', build: { outDir: fresh } })
    // A running server has already read its files, so it never sees the intermediate state.
    replaceFolder(app, fresh)
    writeFileSync(stamp, wanted)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** A concurrent build may do the same; the result is identical. */
function replaceFolder(place, built) {
  try {
    rmSync(place, { recursive: true, force: true })
    renameSync(built, place)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code) || !existsSync(join(place, 'index.html')))
      throw error
  }
}
