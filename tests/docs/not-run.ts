/** Commands of the documentation that no test can run, and why. Marks above a block say it of that block alone. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, root } from './blocks.ts'
import { callsOf } from './shell.ts'

interface Rule {
  /** Matches words joined by blanks, from the program on; `npx hadal` is `hadal`. */
  readonly command: RegExp
  readonly why: string
}

const rules: readonly Rule[] = [
  { command: /[ =](RECIPE|NAME|HOST|FILE|DIR|RUN)\b/, why: 'a name stands for one of the reader’s' },
  { command: /^(kubectl|kind) /, why: 'there is no cluster here' },
  { command: /^hadal deploy (plan|apply|status|undo|diff)\b/, why: 'there is no cluster here' },
  {
    command: /^hadal (doctor cluster|scale$|scale status|scale (?!replay).*--dry-run)/,
    why: 'there is no cluster here',
  },
  {
    command: /^(amtool|promtool) |^hadal monitor (up|status|test)\b/,
    why: 'needs Prometheus and Alertmanager',
  },
  { command: /^docker /, why: 'needs a container engine' },
  { command: /^(torchrun|srun) /, why: 'starts processes on several machines' },
  { command: /^(sudo|apt-get|brew) /, why: 'changes the machine' },
  { command: /^npm (install|i|ci)\b|\bhf:/, why: 'downloads' },
  { command: /^npm (start|test|run)\b/, why: 'builds the whole repository, or measures for minutes' },
  {
    command: /^(node|npx tsx|tsx) .*(recipes|packages)\/\S+\.(ts|mjs)\b/,
    why: 'a script of the repository that takes minutes',
  },
  { command: /^python3 packages\/\S+\.py\b/, why: 'needs Python packages and files of the reader' },
  { command: /^npx changeset\b/, why: 'writes down a change of one’s own' },
  { command: /^npx vite\b/, why: 'serves until it is stopped' },
  {
    command: /^hadal serve\b/,
    why: 'serves until it is stopped; tests/docs/start.test.ts and tests/e2e do that',
  },
  { command: /^hadal train (?!.*--(dry-run|plan)\b)/, why: 'trains for minutes' },
  { command: /^hadal op (test|bench)\b/, why: 'compiles for a minute' },
  { command: /^hadal (tune|bench|prove)\b/, why: 'measures for minutes' },
]

/** Why a line of a block is not run, as its block or one of its commands says; undefined if it is. */
export function whyNotRun(line: string, block: Block): string | undefined {
  // What a page shows as output is of a command that can be run.
  if (block.language !== 'sh') return undefined
  if (block.page.startsWith('docs/runbooks/')) return 'asks the service that is ill'
  if (block.page.startsWith('examples/') && line.startsWith('npm '))
    return 'tests/docs/examples.test.ts runs it'
  return (
    block.marks.get('parsed') ??
    callsOf(line)
      .map(({ words }) => {
        const ofHadal = hadalWords(words)
        const command = (ofHadal ? ['hadal', ...ofHadal] : words).join(' ')
        return rules.find((rule) => rule.command.test(command))?.why
      })
      .find((why) => why !== undefined)
  )
}

/** The arguments of hadal where this calls it. */
export function hadalWords(words: readonly string[]): readonly string[] | undefined {
  if (words[0] === 'hadal') return words.slice(1)
  return words[0] === 'npx' && words[1] === 'hadal' ? words.slice(2) : undefined
}

/** What is wrong with a call of the scripts of the repository, or of an example on its page: there is none of this name. */
export function strangeScript(words: readonly string[], page: string): string | undefined {
  const folder = /^examples\/[^/]+(?=\/)/.exec(page)?.[0] ?? '.'
  const { scripts } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    scripts: object
  }
  if (words[0] === 'npm') {
    const name = words[1] === 'run' ? words[2]! : words[1]!
    if (!/^(install|i|ci|pack|publish|create|init)$/.test(name) && !(name in scripts))
      return `there is no script ${name}`
    if (name === 'bench' && words[3] !== undefined && !existsSync(join(root, 'bench', words[3])))
      return `there is no benchmark ${words[3]}`
    return undefined
  }
  const file = words.find((word) => /^(recipes|packages|scripts)\/.*\.(ts|mjs)$/.test(word))
  return file !== undefined && !existsSync(join(root, file)) ? `there is no ${file}` : undefined
}
