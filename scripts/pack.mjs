/**
 * `npm run pack [-- FOLDER]`: every package as the tarball that users install, its contents looked at first. Without a folder
 * they go to `packed/`. What is released are these files, so what was tested is what people get.
 */

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packedFaults } from './packed-files.mjs'
import { buildPackages, fail, installPackages, root } from './prepare.mjs'

/**
 * Needs what `npm run build` makes.
 * @returns {{ name: string, version: string, file: string, bytes: number, manifest: object }[]}
 */
export function packAll(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  try {
    for (const each of folders) copyFileSync(join(root, 'LICENSE'), join(each, 'LICENSE'))
    const said = execFileSync('npm', ['pack', '--workspaces', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    })
    // Scripts of packages may print before it.
    const packed = JSON.parse(said.slice(said.indexOf('[\n')))
    const manifests = new Map(
      folders
        .map((each) => JSON.parse(readFileSync(join(each, 'package.json'), 'utf8')))
        .map((each) => [each.name, each]),
    )
    const faults = packed.flatMap(({ name, files }) =>
      packedFaults(
        manifests.get(name),
        files.map(({ path }) => path),
      ),
    )
    if (faults.length > 0) throw new Error(faults.join('\n'))
    return packed.map(({ name, version, filename, size }) => ({
      name,
      version,
      file: join(folder, filename),
      bytes: size,
      manifest: manifests.get(name),
    }))
  } finally {
    for (const each of folders) rmSync(join(each, 'LICENSE'), { force: true })
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  installPackages()
  buildPackages()
  const folder = resolve(process.argv[2] ?? join(root, 'packed'))
  try {
    const packed = packAll(folder)
    for (const { name, version, bytes } of packed)
      console.log(`${name}@${version}  ${Math.ceil(bytes / 1024)} KiB`)
    const total = packed.reduce((sum, { bytes }) => sum + bytes, 0)
    console.log(`\n${packed.length} packages, ${(total / 2 ** 20).toFixed(1)} MiB, in ${folder}`)
  } catch (thrown) {
    fail(thrown.message, 'Correct `files` in the package, or what it is built of.')
  }
}
