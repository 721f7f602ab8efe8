/**
 * Counts words that the glossary of CONTRIBUTING.md replaces by a standard term, in identifiers and in comments, and fails where there are more of one
 * than `scripts/vocabulary.json` knows. `--write` keeps the counts of today where they are lower.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.mjs'

/** In identifiers: by name of a group, parts of camelCase names. */
const identifiers = {
  'most/least as a bound': /\b(most|least)[A-Z]\w*/g,
  beginning: /\b(beginning|\w+Beginning)s?\b/g,
  beside: /\b(beside[A-Z]|\w+Beside)\w*/g,
  fault: /\b(fault|\w+Fault)s?\b/g,
  told: /\b(tell|told)[A-Z]\w*/g,
  look: /\blookAt[A-Z]\w*/g,
  door: /\b(door|\w+Door)s?\b/g,
  asked: /\basked\w*/g,
  carryOut: /\bcarryOut\b/g,
}
/** In comments and documents. */
const texts = {
  'comments that begin with Of': /^\s*(?:\/\*\*|\*|\/\/) Of\b/gm,
  nobody: /\b(?:nobody|somebody|anybody|whoever)\b/gi,
  beside: /\bbeside\b/gi,
  'put aside': /\bput aside\b/gi,
  'make way': /\b(?:makes?|made) way\b/gi,
  'way back': /\bway back\b/gi,
  'of late': /\bof late\b/gi,
  // `npm run faults` injects faults, which is the field's word for it.
  fault: /(?<!run |[/`]|-- \/?|-)\bfaults?\b(?! -->)/gi,
  told: /\b(?:tell|tells|told)\b/gi,
  shall: /\bshall\b/gi,
  'so many': /\bso many\b/gi,
  'one’s own': /\bone[’']s own\b/gi,
}
const known = join(root, 'scripts/vocabulary.json')

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  .split('\n')
  .filter(
    (file) =>
      /\.(?:ts|tsx|mjs|md)$/.test(file) &&
      existsSync(join(root, file)) &&
      !/\/generated\/|\/zh\/|^CHANGELOG|^bench\/|\.test\.tsx?$|\/test\/|^tests\/|^scripts\/vocabulary/.test(
        file,
      ),
  )
const counts = { identifiers: {}, texts: {} }
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8')
  const comments = file.endsWith('.md')
    ? text
    : (text.match(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$/gm) ?? []).join('\n')
  const code = file.endsWith('.md')
    ? ''
    : text.replace(/\/\*[\s\S]*?\*\/|(?:^|\s)\/\/.*$|'[^'\n]*'|`[^`]*`/gm, '')
  add('identifiers', identifiers, code)
  add('texts', texts, comments)
}

function add(kind, patterns, text) {
  for (const [name, pattern] of Object.entries(patterns))
    counts[kind][name] = (counts[kind][name] ?? 0) + (text.match(pattern)?.length ?? 0)
}

const before = JSON.parse(readFileSync(known, 'utf8'))
const more = Object.entries(counts).flatMap(([kind, found]) =>
  Object.entries(found)
    .filter(([name, count]) => count > (before[kind]?.[name] ?? 0))
    .map(([name, count]) => `${kind}: ${count} of “${name}”, where ${before[kind]?.[name] ?? 0} are known`),
)
const lower = ([kind, found]) => [
  kind,
  Object.fromEntries(
    Object.entries(found).map(([name, count]) => [name, Math.min(count, before[kind]?.[name] ?? count)]),
  ),
]
if (process.argv.includes('--write'))
  writeFileSync(
    known,
    `${JSON.stringify(Object.fromEntries(Object.entries(counts).map(lower)), undefined, 2)}\n`,
  )
if (more.length > 0) {
  console.log(`${more.join('\n')}\nUse the field’s term: CONTRIBUTING.md has the glossary.`)
  process.exitCode = 1
}
