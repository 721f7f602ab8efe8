/** Every package as publint sees it. What lies in the tarballs is looked at where they are made: `packed-files.ts`. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packageFolders } from './package-folders.mjs'
import { root } from './prepare.mjs'

const folders = packageFolders().map((folder) => join(root, folder))
const faults = await Promise.all(
  folders.map(async (pkgDir) => {
    const { messages } = await publint({ pkgDir, strict: true, level: 'warning', pack: false })
    const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'))
    return messages.map((message) => `${manifest.name}: ${formatMessage(message, manifest)}`)
  }),
)
if (faults.flat().length > 0) {
  console.log(faults.flat().join('\n'))
  process.exitCode = 1
}
