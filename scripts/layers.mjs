/**
 * The rules on imports, generated from each package's own package.json: a package imports only what it declares, the graph of
 * packages has no cycle, neither has the graph of files (types count), and nothing reaches into another package's files.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { packageFolders } from './package-folders.mjs'
import { root } from './prepare.mjs'

const packages = packageFolders().map((folder) => {
  const {
    name,
    dependencies = {},
    exports = {},
  } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  // What package.json names: index.ts, and parts of it that some need without the rest.
  const doors = Object.values(exports).flatMap((door) => door['@hadal/source']?.replace('./', '') ?? [])
  return { folder, name, dependencies: Object.keys(dependencies), doors }
})
const byName = new Map(packages.map((pkg) => [pkg.name, pkg]))
const faults = []

for (const { name } of packages) {
  const path = cycleFrom(name)
  if (path !== undefined) faults.push(`packages depend on each other in a circle: ${path.join(' -> ')}`)
}

/** The names of packages from `name` back to `name`; undefined where no dependency leads back. */
function cycleFrom(name, path = [name], seen = new Set()) {
  for (const next of byName.get(path.at(-1)).dependencies.filter((each) => byName.has(each))) {
    if (next === name) return [...path, name]
    if (seen.has(next)) continue
    seen.add(next)
    const found = cycleFrom(name, [...path, next], seen)
    if (found !== undefined) return found
  }
  return undefined
}

const isTest = '\\.test\\.ts$|/test/'
const forbidden = packages.flatMap((pkg) => {
  const own = packages.filter((other) => pkg.dependencies.includes(other.name)).map((other) => other.folder)
  return [
    {
      name: `${pkg.name}-imports-what-it-declares`,
      severity: 'error',
      from: { path: `^${pkg.folder}/`, pathNot: isTest },
      to: { path: '^packages/', pathNot: `^(${[pkg.folder, ...own].join('|')})/` },
    },
    {
      name: `nothing-reaches-into-${pkg.name}`,
      severity: 'error',
      // Fuzzing drives parsers that no package exports.
      from: { pathNot: `^(${pkg.folder}|bench/fuzz)/` },
      to: {
        path: `^${pkg.folder}/src/`,
        pathNot: `^${pkg.folder}/(${pkg.doors.join('|').replaceAll('.', '\\.')})$`,
      },
    },
  ]
})
forbidden.push(
  {
    name: 'no-cycles',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'batching-does-no-io',
    severity: 'error',
    from: { path: '^packages/serving/batching/src/', pathNot: isTest },
    to: { dependencyTypes: ['core', 'npm'] },
  },
  {
    name: 'koffi-stays-in-engine-llama',
    severity: 'error',
    from: { path: '^packages/', pathNot: '^packages/serving/engine/src/llama/' },
    to: { path: 'node_modules/koffi' },
  },
)

process.chdir(root)
const { output } = await cruise(
  ['packages', 'recipes', 'bench', 'tests', 'scripts'],
  {
    validate: true,
    ruleSet: { forbidden },
    exclude: { path: '/dist/|/build/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@hadal/source', 'import', 'node', 'default'],
    },
  },
  undefined,
  { tsConfig: extractTSConfig('tsconfig.json') },
)
for (const { rule, from, to } of output.summary.violations) faults.push(`${rule.name}: ${from} -> ${to}`)
if (output.summary.totalCruised < 20) faults.push('too few files were read: the rules saw nothing')
for (const fault of faults) console.log(fault)
process.exit(faults.length > 0 ? 1 : 0)
