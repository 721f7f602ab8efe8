/** The invariants of ARCHITECTURE.md that can be read off the sources. Who imports whom between packages is the work of `layers.mjs`. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { nameOf, packageFolders } from './package-folders.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = new Map(packageFolders().map((folder) => [nameOf(folder), join(root, folder)]))
const packages = [...folders.keys()]
const sources = packages.flatMap((name) =>
  filesIn(join(folders.get(name)!, 'src'), /(?<!\.test)\.tsx?$/).map((path) => ({
    name,
    path: path.slice(root.length),
    code: withoutComments(readFileSync(path, 'utf8')),
  })),
)
const of = (...names: readonly string[]): typeof sources => sources.filter(({ name }) => names.includes(name))
const importOf = (modules: string): RegExp =>
  new RegExp(`(?:from|import\\(|require\\(|import) ?'(?:${modules})(?:/[^']*)?'`)

it('sources were found', () => {
  expect(sources.length).toBeGreaterThan(1_000)
})

describe('decisions', () => {
  it.each(['batching', 'fleet', 'grammar', 'manifest-lint', 'privacy'])(
    '%s reads no clock, draws nothing, touches nothing outside',
    (name) => {
      expect(placesOf(of(name), importOf('node:(?!buffer|crypto|util|assert|path|url)[\\w/]+'))).toEqual([])
      expect(
        placesOf(of(name), /\bDate\.now\(|\bperformance\.now\(|\bMath\.random\(|\bawait fetch\(/),
      ).toEqual([])
    },
  )

  it('doctor and causes read texts, never machines', () => {
    expect(placesOf(of('doctor', 'causes'), importOf('node:(fs|child_process|net|http|https|os)'))).toEqual(
      [],
    )
  })
})

describe('floors', () => {
  it.each([
    [
      ['train', 'nn', 'tensor'],
      ['engine', 'server', 'chat', 'upstream'],
    ],
    [
      ['engine', 'server', 'chat', 'upstream'],
      ['train', 'nn', 'tensor'],
    ],
    [['console'], packages.filter((name) => !['console', 'protocol', 'base'].includes(name))],
    [['guard'], ['engine', 'server', 'config', 'nn', 'tensor']],
    [['guard', 'guard-lab', 'server', 'service', 'upstream'], ['guard-training']],
  ])('%j stand on none of %j, however far down', (above, never) => {
    for (const name of above) expect([...below(name)].filter((each) => never.includes(each))).toEqual([])
  })
})

describe('native code', () => {
  it.each([
    ['koffi', ['engine']],
    // `engine` requires it by a name that is given.
    ['onnxruntime-node', []],
    ['better-sqlite3', ['accounts', 'guard', 'profiling']],
    ['sharp', ['images']],
  ])('%s is loaded by %j alone', (module, allowed) => {
    const others = packages.filter((name) => !allowed.includes(name))
    expect(placesOf(of(...others), importOf(module))).toEqual([])
    for (const name of allowed) expect(placesOf(of(name), importOf(module))).not.toEqual([])
  })

  it('koffi is loaded by the bindings of llama.cpp alone', () => {
    const others = sources.filter(({ path }) => !path.startsWith('packages/serving/engine/src/llama/'))
    expect(placesOf(others, importOf('koffi'))).toEqual([])
  })

  it('calls no JavaScript from autograd: it registers no hooks in the backward pass', () => {
    const native = filesIn(join(folders.get('tensor')!, 'native'), /\.(cc|h|cu)$/).map((path) => ({
      name: 'tensor',
      path: path.slice(root.length),
      code: withoutComments(readFileSync(path, 'utf8')),
    }))
    expect(native.length).toBeGreaterThan(20)
    expect(placesOf(native, /register_hook|add_(tensor_)?(pre|post)_hook|retains_grad_hook/)).toEqual([])
  })
})

describe('the outside', () => {
  it('only programs print', () => {
    // Processes that a claim starts tell it what they measured; the console shows code that prints.
    const others = packages.filter((name) => !['cli', 'prove', 'console', 'output', 'probes'].includes(name))
    expect(
      placesOf(of(...others), /^(?!.*'kubectl).*(\bconsole\.(log|info)\(|process\.stdout\.write\()/),
    ).toEqual([])
  })

  it('no hard-coded external address is requested', () => {
    expect(placesOf(sources, /\b(?:await )?(?:fetch|request)\(\s*['"`]https?:\/\/(?!127\.0\.0\.1)/)).toEqual(
      [],
    )
  })
})

it('every file that ARCHITECTURE.md names is there', () => {
  const named = [
    ...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(
      /`((?:packages|scripts|tests|bench|recipes|docs|models)\/[^`\s]*)`/g,
    ),
  ]
  expect(named.length).toBeGreaterThan(50)
  const missing = named
    .map(([, path]) => path!)
    .filter((path) => !/[<*]/.test(path) && !existsSync(join(root, path)))
  expect(missing).toEqual([])
})

/** Every package that it stands on. */
function below(name: string, found: Set<string> = new Set()): Set<string> {
  const manifest = readFileSync(join(folders.get(name)!, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> }
  for (const dependency of Object.keys(dependencies).filter((each) => each.startsWith('@hadal/'))) {
    const folder = dependency.slice('@hadal/'.length)
    if (found.has(folder)) continue
    found.add(folder)
    below(folder, found)
  }
  return found
}

/** `path:line` of each place. */
function placesOf(files: typeof sources, pattern: RegExp): string[] {
  return files.flatMap(({ path, code }) =>
    code.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])),
  )
}

function withoutComments(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/^\s*\/\/.*$/gm, '')
}

function filesIn(folder: string, form: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && form.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}
