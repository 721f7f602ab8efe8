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
import { fileURLToPath, pathToFileURL } from 'node:url'
import { nameOf, packageFolders } from './package-folders.mjs'
import { type Manifest, packedIssues } from './packed-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Folders that stand elsewhere in this repository, and in a package once it is installed. */
const brought: Readonly<Record<string, readonly string[]>> = { '@hadal/service': ['models'] }

export interface Packed {
  readonly name: string
  readonly version: string
  /** The tarball. */
  readonly file: string
  readonly bytes: number
  readonly manifest: Manifest
}

/** As `npm pack --json` says it. */
interface Said {
  readonly name: string
  readonly version: string
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/**
 * Needs what `npm run build` makes, and empties `folder` first. Works on a copy, so that concurrent users of the packages are not disturbed.
 * `repository`, `owner/name` at GitHub, comes to stand in every package.json. Throws an error that lists every issue of a tarball.
 */
export function packAll(folder: string, repository?: string): Packed[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const stage = mkdtempSync(join(tmpdir(), 'hadal-stage-'))
  try {
    const manifests = new Map(
      packageFolders()
        .map((each) => copyPackage(each, join(stage, nameOf(each)), repository))
        .map((manifest) => [manifest.name, manifest]),
    )
    const folders = readdirSync(stage).map((name) => join(stage, name))
    const said = execFileSync('npm', ['pack', ...folders, '--json', '--pack-destination', folder], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    const packed = JSON.parse(said) as Said[]
    const issues = packed.flatMap(({ name, files }) =>
      packedIssues(
        manifests.get(name)!,
        files.map(({ path }) => path),
      ),
    )
    if (issues.length > 0) throw new Error(issues.join('\n'))
    return packed.map(({ name, version, filename, size }) => ({
      name,
      version,
      file: join(folder, filename),
      bytes: size,
      manifest: manifests.get(name)!,
    }))
  } finally {
    rmSync(stage, { recursive: true })
  }
}

/** What its `files` name, and what every package has; returns its package.json. */
function copyPackage(from: string, target: string, repository: string | undefined): Manifest {
  const source = join(root, from)
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest
  const elsewhere = brought[manifest.name] ?? []
  for (const each of ['README.md', ...manifest.files].filter((file) => !file.startsWith('!')))
    if (!elsewhere.includes(each) && existsSync(join(source, each)))
      cpSync(join(source, each), join(target, each), { recursive: true })
  for (const each of ['LICENSE', ...elsewhere])
    cpSync(join(root, each), join(target, each), { recursive: true })
  // npm takes a statement of provenance only where package.json names the repository that it comes from.
  const origin = repository && {
    repository: {
      type: 'git',
      url: `git+https://github.com/${repository}.git`,
      directory: from,
    },
  }
  const written = { ...manifest, ...origin }
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(written, null, 2)}\n`)
  return written
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = resolve(process.argv[2] ?? join(root, 'packed'))
  const packed = packAll(folder)
  for (const { name, version, bytes } of packed)
    console.log(`${name}@${version}  ${Math.ceil(bytes / 1024)} KiB`)
  const total = packed.reduce((sum, { bytes }) => sum + bytes, 0)
  console.log(`\n${packed.length} packages, ${(total / 2 ** 20).toFixed(1)} MiB, in ${folder}`)
}
