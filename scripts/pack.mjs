/**
 * `npm run pack [-- FOLDER]`: every package as the tarball that users install, its contents looked at first. Without a folder
 * they go to `packed/`. What is released are these files, so what was tested is what people get.
 */

import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packedFaults } from './packed-files.mjs'
import { buildPackages, fail, installPackages, root } from './prepare.mjs'

/** Folders that stand elsewhere in this repository, and in a package once it is installed. */
const brought = { hadal: ['models'] }

/**
 * Needs what `npm run build` makes. Works on a copy, so that whoever uses the packages meanwhile is not disturbed.
 * @param {string} folder is emptied first
 * @param {string} [repository] `owner/name` at GitHub, to stand in every package.json
 * @returns {{ name: string, version: string, file: string, bytes: number, manifest: object }[]}
 */
export function packAll(folder, repository) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const stage = mkdtempSync(join(tmpdir(), 'hadal-stage-'))
  try {
    const manifests = readdirSync(join(root, 'packages')).map((name) =>
      copyPackage(name, join(stage, name), repository),
    )
    const said = execFileSync(
      'npm',
      [
        'pack',
        ...readdirSync(stage).map((name) => join(stage, name)),
        '--json',
        '--pack-destination',
        folder,
      ],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        stdio: ['ignore', 'pipe', 'ignore'],
        shell: process.platform === 'win32',
      },
    )
    const packed = JSON.parse(said).map(({ name, version, filename, size, files }) => ({
      name,
      version,
      file: join(folder, filename),
      bytes: size,
      manifest: manifests.find((each) => each.name === name),
      paths: files.map(({ path }) => path),
    }))
    const faults = packed.flatMap(({ manifest, paths }) => packedFaults(manifest, paths))
    if (faults.length > 0) throw new Error(faults.join('\n'))
    return packed
  } finally {
    rmSync(stage, { recursive: true })
  }
}

/** What its `files` name, and what every package has; returns its package.json. */
function copyPackage(name, target, repository) {
  const source = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
  const elsewhere = brought[manifest.name] ?? []
  for (const each of ['README.md', ...manifest.files].filter((file) => !file.startsWith('!')))
    if (!elsewhere.includes(each) && existsSync(join(source, each)))
      cpSync(join(source, each), join(target, each), { recursive: true })
  for (const each of ['LICENSE', ...elsewhere])
    cpSync(join(root, each), join(target, each), { recursive: true })
  // npm takes a statement of provenance only where package.json names the repository that it comes from.
  if (repository)
    manifest.repository = {
      type: 'git',
      url: `git+https://github.com/${repository}.git`,
      directory: `packages/${name}`,
    }
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
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
