/**
 * `npm run sbom [-- FILE]`: what `hadal` consists of once it is installed, as CycloneDX 1.6: npm packages with hash and licence, as their lock
 * file has them, and the models that come with it. What finds the packages is CycloneDX's own tool, which npm fetches for this.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tool = '@cyclonedx/cyclonedx-npm@6.0.1'
const models: Readonly<Record<string, RegExp>> = {
  models: /\.gguf$/,
  'packages/serving/guard/weights': /\.bin$/,
}

/** What of CycloneDX is read here. */
export interface Bom {
  readonly components: readonly {
    readonly 'bom-ref': string
    readonly name: string
    readonly group?: string
    readonly version: string
  }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

export interface ModelFile {
  readonly path: string
  readonly bytes: Buffer
}

export function writeSbom(file: string): Bom {
  const packages = [
    'exec',
    '--yes',
    `--package=${tool}`,
    '--',
    'cyclonedx-npm',
    '--omit',
    'dev',
    '--workspace',
    'hadal',
  ]
  const text = execFileSync('npm', [...packages, '--output-reproducible', '--spec-version', '1.6'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  const bom = withModels(JSON.parse(text) as Bom, modelFiles())
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(bom, null, 1)}\n`)
  return bom
}

/** Components of their own, on which `hadal` and the guard depend. */
export function withModels(bom: Bom, files: readonly ModelFile[]): Bom {
  const hadal = bom.components.find(({ name, group }) => name === 'hadal' && !group)
  const guard = bom.components.find(({ name, group }) => name === 'guard' && group === '@hadal')
  if (!hadal || !guard) throw new Error('the tool names neither hadal nor @hadal/guard')
  const added = files.map(({ path, bytes }) => ({
    type: 'machine-learning-model',
    'bom-ref': `file:${path}`,
    name: path,
    version: hadal.version,
    licenses: [{ license: { id: 'Apache-2.0' } }],
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(bytes).digest('hex') }],
  }))
  const ownerOf = (path: string): string =>
    (path.startsWith('packages/serving/guard/') ? guard : hadal)['bom-ref']
  const dependencies = bom.dependencies.map((each) => {
    const own = files.filter(({ path }) => ownerOf(path) === each.ref).map(({ path }) => `file:${path}`)
    return own.length === 0 ? each : { ...each, dependsOn: [...(each.dependsOn ?? []), ...own] }
  })
  return {
    ...bom,
    components: [...bom.components, ...added],
    dependencies: [...dependencies, ...added.map((each) => ({ ref: each['bom-ref'] }))],
  }
}

function modelFiles(): ModelFile[] {
  return Object.entries(models).flatMap(([folder, form]) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => form.test(name))
      .sort()
      .map((name) => ({ path: `${folder}/${name}`, bytes: readFileSync(join(root, folder, name)) })),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = resolve(process.argv[2] ?? join(root, 'packed/sbom.cdx.json'))
  console.log(`asking ${tool}`)
  console.log(`${writeSbom(file).components.length} components, in ${file}`)
}
