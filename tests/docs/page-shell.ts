/** A shell that types what a page says, in a folder of its own, with `hadal` as it is after `npm install hadal`. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, blocksOf, fileNameOf, root } from './blocks.ts'

export interface Typed {
  readonly block: Block
  readonly lines: readonly string[]
}

export interface Output {
  /** On both streams. */
  readonly printed: string
  /** Exit of each line. */
  readonly exits: readonly string[]
}

export class PageShell {
  readonly #folder: string
  readonly #bin: string
  readonly #replaced: ReadonlyMap<string, string>

  /** `replaced`: addresses that are others here. Blocks of the page that name themselves are files in the folder. */
  constructor(parent: string, page: string, replaced: Readonly<Record<string, string>>) {
    this.#folder = join(parent, page.replaceAll('/', '-'))
    this.#bin = join(parent, 'bin')
    this.#replaced = new Map(Object.entries(replaced))
    mkdirSync(this.#folder)
    if (!existsSync(this.#bin)) writeShims(this.#bin)
    for (const name of ['node_modules', 'recipes', 'models'])
      symlinkSync(join(root, name), join(this.#folder, name))
    symlinkSync(join(root, 'models/nano/nano-q8_0.gguf'), join(this.#folder, 'model.gguf'))
    writeFileSync(join(this.#folder, 'package.json'), '{ "type": "module" }')
    for (const block of blocksOf(page)) {
      const name = fileNameOf(block)
      if (name !== undefined) writeFileSync(join(this.#folder, name), block.code)
    }
  }

  /** All blocks one after another in one shell, so that what one exports the next has. */
  run(typed: readonly Typed[]): ReadonlyMap<Block, Output> {
    const script = typed.flatMap(({ lines }, at) => [
      '{',
      ...lines.map((line) => `${line}\necho $? >>exits-${at}`),
      `} >printed-${at} 2>&1`,
    ])
    let text = script.join('\n')
    for (const [from, to] of this.#replaced) text = text.replaceAll(from, to)
    const { status, stderr } = spawnSync('bash', ['-c', text], {
      cwd: this.#folder,
      encoding: 'utf8',
      timeout: 800_000,
      env: {
        ...process.env,
        PATH: `${this.#bin}:${process.env.PATH}`,
        NO_COLOR: '1',
        HOME: this.#folder,
      },
    })
    if (status === null) throw new Error(`the commands take too long: ${stderr}`)
    const read = (name: string): string => {
      const path = join(this.#folder, name)
      return existsSync(path) ? readFileSync(path, 'utf8') : ''
    }
    return new Map(
      typed.map(({ block }, at) => [
        block,
        { printed: read(`printed-${at}`), exits: read(`exits-${at}`).trim().split('\n') },
      ]),
    )
  }
}

/** curl fails where the server says so. */
export function writeShims(bin: string): void {
  mkdirSync(bin)
  const shim = (name: string, text: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  shim('hadal', `exec '${process.execPath}' '${join(root, 'packages/apps/cli/bin/hadal.js')}' "$@"`)
  shim('npx', 'exec "$@"')
  shim('curl', 'exec /usr/bin/curl --silent --show-error --fail-with-body "$@"')
}
