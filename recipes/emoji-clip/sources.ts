// Where the pictures and their captions come from, and the commands that bring them. Nothing is downloaded here, and nothing of it is
// part of this repository.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface Source {
  readonly name: string
  readonly license: string
  readonly gives: string
  /** A file or folder that is there once it is installed, below the folder of the data. */
  readonly path: string
  readonly command: (folder: string) => string
}

const fromNpm = (name: string) => (folder: string) =>
  `npm install --prefix ${folder} --ignore-scripts --no-audit --no-fund ${name}`

export const SOURCES: readonly Source[] = [
  {
    name: 'openmoji',
    license: 'CC-BY-SA-4.0',
    gives: 'drawings of emoji to learn from, their names and tags',
    path: 'node_modules/openmoji/data/openmoji.json',
    command: fromNpm('openmoji'),
  },
  {
    name: 'emojibase-data',
    license: 'MIT',
    gives: 'more names and tags',
    path: 'node_modules/emojibase-data/en/data.json',
    command: fromNpm('emojibase-data'),
  },
  {
    name: '@twemoji/svg',
    license: 'CC-BY-4.0 (drawings), MIT',
    gives: 'the other family of drawings, to tune to',
    path: 'node_modules/@twemoji/svg',
    command: fromNpm('@twemoji/svg'),
  },
  {
    name: 'tuxpaint-stamps-default',
    license: 'GPL-2',
    gives: 'photographs and drawings with a sentence each',
    path: 'stamps',
    command: (folder) =>
      `(cd ${folder} && apt-get download tuxpaint-stamps-default && dpkg-deb -x tuxpaint-stamps-default_*.deb deb && ` +
      'mv deb/usr/share/tuxpaint/stamps stamps && rm -r deb tuxpaint-stamps-default_*.deb)',
  },
]

/** Throws, with the commands that bring what is missing in `folder`. */
export function checkSources(folder: string): void {
  const missing = SOURCES.filter(({ path }) => !existsSync(join(folder, path)))
  if (missing.length === 0) return
  const commands = missing.map((source) => `  ${source.command(folder)}   # ${source.license}`)
  throw new Error(
    `data are missing: ${missing.map(({ name }) => name).join(', ')}. Bring them with\n${commands.join('\n')}`,
  )
}
