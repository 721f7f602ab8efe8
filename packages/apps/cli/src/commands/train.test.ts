import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-train-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const recipe = `
import { writeFileSync } from 'node:fs'
const args: string[] = process.argv.slice(2)
writeFileSync('args.json', JSON.stringify(args))
process.exit(args.length)
`

describe('hadal train', () => {
  it('runs a TypeScript file with its own arguments, and ends as it ends', async () => {
    writeFileSync(join(folder, 'recipe.ts'), recipe)
    expect(await main(['train', 'recipe.ts', '--quick', '--lr', '3'], recordingTerminal({ folder }))).toBe(3)
    expect(JSON.parse(readFileSync(join(folder, 'args.json'), 'utf8'))).toEqual(['--quick', '--lr', '3'])
  })

  it('runs the train.ts of a folder', async () => {
    mkdirSync(join(folder, 'nano'))
    writeFileSync(join(folder, 'nano/train.ts'), recipe)
    expect(await main(['train', 'nano'], recordingTerminal({ folder }))).toBe(0)
  })

  it('prints the help of runs where a recipe exports one', () => {
    writeFileSync(join(folder, 'recipe.mjs'), 'export default { data: 1 }')
    const program = fileURLToPath(new URL('../../bin/hadal.js', import.meta.url))
    const printed = execFileSync(process.execPath, [program, 'train', 'recipe.mjs', '--help'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(printed).toContain('--schedule-warmup-steps <steps>')
    expect(printed).toContain('verify-resume <recipe>')
    expect(printed.split('\n').every((text) => text.length <= 110)).toBe(true)
  })

  it('refuses a recipe that is not there', async () => {
    const terminal = recordingTerminal({ folder })
    expect(await main(['train', 'nowhere'], terminal)).toBe(2)
    expect(terminal.noted.join('\n')).toContain('error[recipe_not_found]')
  })

  it('ends with the signal that ended the recipe', async () => {
    writeFileSync(join(folder, 'recipe.js'), "process.kill(process.pid, 'SIGKILL')")
    expect(await main(['train', 'recipe.js'], recordingTerminal({ folder }))).toBe(137)
  })
})
