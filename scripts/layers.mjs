/**
 * The rules on imports, from each package's own package.json: a package imports only what it declares, the graph of packages has
 * no cycle, neither has the graph of files (types count), and nothing reaches into another package's files.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importGraph, repositoryFiles } from './import-graph.mjs'
import { packageFolders } from './package-folders.mjs'
import { root } from './prepare.mjs'

const read = (file) => readFileSync(join(root, file), 'utf8')
const packages = packageFolders().map((folder) => {
  const { name, dependencies = {}, exports = {} } = JSON.parse(read(`${folder}/package.json`))
  // index.ts, and parts of it that some need without the rest.
  const entries = Object.values(exports).flatMap(
    (entry) => entry['@hadal/source']?.replace('.', folder) ?? [],
  )
  return { folder, name, dependencies: Object.keys(dependencies), entries }
})
const packageOf = (file) => packages.find(({ folder }) => file.startsWith(`${folder}/`))
const isTest = (file) => /\.test\.tsx?$|\/test\//.test(file)
// Fuzzing drives parsers that no package exports.
const reachesAnywhere = (file) => file.startsWith('bench/fuzz/')

const { importsOf } = importGraph(repositoryFiles(), read)
const issues = []
for (const [from, imports] of importsOf) {
  const own = packageOf(from)
  for (const { target } of imports) {
    const other = packageOf(target)
    if (other === undefined || other === own) continue
    if (own !== undefined && !isTest(from) && !own.dependencies.includes(other.name))
      issues.push(`${from} imports ${other.name}, which ${own.folder}/package.json does not declare`)
    if (
      target.startsWith(`${other.folder}/src/`) &&
      !other.entries.includes(target) &&
      !reachesAnywhere(from)
    )
      issues.push(`${from} reaches into ${target}: import from ${other.name}`)
  }
}
const dependenciesOf = new Map(
  packages.map(({ name, dependencies }) => [
    name,
    dependencies.filter((each) => packages.some((other) => other.name === each)),
  ]),
)
const filesOf = new Map([...importsOf].map(([file, imports]) => [file, imports.map(({ target }) => target)]))
for (const cycle of [...cyclesIn(dependenciesOf), ...cyclesIn(filesOf)])
  issues.push(`cycle: ${[...cycle, cycle[0]].join(' -> ')}`)
if (importsOf.size < 3000) issues.push(`only ${importsOf.size} files were read`)
for (const issue of issues) console.log(issue)
process.exitCode = issues.length > 0 ? 1 : 0

/** A cycle of each strongly connected part that a depth-first walk meets. */
function cyclesIn(graph) {
  const cycles = []
  const done = new Set()
  for (const start of graph.keys()) {
    const path = []
    const onPath = new Set()
    const visit = (node) => {
      if (onPath.has(node)) return void cycles.push(path.slice(path.indexOf(node)))
      if (done.has(node)) return
      done.add(node)
      path.push(node)
      onPath.add(node)
      for (const next of graph.get(node) ?? []) if (next !== node) visit(next)
      path.pop()
      onPath.delete(node)
    }
    visit(start)
  }
  return cycles
}
