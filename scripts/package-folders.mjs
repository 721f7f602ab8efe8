/** The workspaces: `packages/<group>/<name>`. Plain JavaScript with no dependencies, like prepare.mjs. */

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Paths from the root, with slashes, by name of the package. @returns {string[]} */
export function packageFolders() {
  return readdirSync(join(root, 'packages'))
    .flatMap((group) => readdirSync(join(root, 'packages', group)).map((name) => `packages/${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

/** The last part of a package's folder. @param {string} folder */
export function nameOf(folder) {
  return folder.slice(folder.lastIndexOf('/') + 1)
}
