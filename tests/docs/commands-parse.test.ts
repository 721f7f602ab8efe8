/** What the documentation tells people to type is understood: by hadal's own program, by npm's scripts, by a shell. */

import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { issueOf } from '../../packages/apps/cli/test/command-issue.ts'
import { allBlocks, placeOf } from './blocks.ts'
import { hadalWords, strangeScript } from './not-run.ts'
import { callsOf } from './shell.ts'

const blocks = allBlocks().filter(({ language }) => language === 'sh')

describe('commands in code blocks', () => {
  it('are understood', async () => {
    const calls = blocks.flatMap((block) => callsOf(block.code).map(({ words }) => ({ block, words })))
    const issues: string[] = []
    for (const { block, words } of calls) {
      const args = hadalWords(words)
      const issue = args === undefined ? strangeScript(words, block.page) : await issueOf(args)
      if (issue !== undefined) issues.push(`${placeOf(block)}: ${words.join(' ')}: ${issue}`)
    }
    const ofHadal = calls.filter(({ words }) => hadalWords(words)).length
    console.log(
      `${calls.length} commands in ${blocks.length} blocks are understood, ${ofHadal} of them hadal's`,
    )
    expect(issues).toEqual([])
  })

  it('are what a shell reads', () => {
    const script = blocks.map((block) => `: '${placeOf(block)}'\n${block.code}\n`).join('')
    expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr).toBe('')
  })
})

describe('the parser of hadal’s command lines', () => {
  it('refuses what the program does not have', async () => {
    expect(await issueOf(['serv'])).toMatch(/unknown command 'serv'/)
    expect(await issueOf(['serve', '--prt', '1'])).toMatch(/--prt: there is no such flag/)
    expect(await issueOf(['train', 'recipe.ts', '--sed', '3'])).toBe('there is no flag --sed of a run')
    expect(await issueOf(['keys', 'create'])).toMatch(/missing required argument/)
    expect(await issueOf(['serve', '--port', '9000'])).toBeUndefined()
  })
})
