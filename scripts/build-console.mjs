/** The console's page: built by vite into packages/apps/console/dist/app, and only where its sources changed since. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './prepare.mjs'

// Under a test runner it says `test`, and React would come as it is for those who develop it.
process.env.NODE_ENV = 'production'

const home = join(root, 'packages/apps/console')
const app = join(home, 'dist/app')
const stamp = join(home, 'dist/app.stamp')

/** Of all that the page is made of: its own files, what it imports of the protocol, and the versions of what npm brought. */
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
    // A server that runs has read its files already: nobody sees the moment between.
    replaceFolder(app, fresh)
    writeFileSync(stamp, wanted)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Another build may do the same at the same moment: whoever comes second has built the same. */
function replaceFolder(place, built) {
  try {
    rmSync(place, { recursive: true, force: true })
    renameSync(built, place)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code) || !existsSync(join(place, 'index.html')))
      throw error
  }
}
