/** `npm start`: install, build, serve the bundled model. Arguments go on to `hadal serve`. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildPackages, installPackages, root, step } from './prepare.mjs'

installPackages()
step('building')
buildPackages()

const bin = join(root, 'packages/apps/cli/bin/hadal.js')
process.argv = [process.execPath, bin, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(bin).href)
