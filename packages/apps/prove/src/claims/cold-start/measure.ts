/** Real starts, by the command that measures them. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClaimContext } from '../../claim.ts'
import { runProgram } from '../../run-program.ts'
import type { Raw, Start } from './judge.ts'

export async function measure({
  mode,
  hadal,
  bundledModel,
  folder,
  signal,
  note,
}: ClaimContext): Promise<Raw> {
  const file = join(folder, 'coldstart.json')
  const rounds = mode === 'full' ? 25 : 4
  note(`${rounds} starts with everything off and ${rounds} with everything on, in turns`)
  const flags = ['--model', bundledModel('nano'), '--rounds', String(rounds), '--json', file]
  await runProgram([...hadal, 'bench', 'coldstart', ...flags], { signal, cwd: folder })
  const { systemPromptTokens, starts } = JSON.parse(await readFile(file, 'utf8')) as Raw
  const kept = ({
    firstRequestMillis,
    readyMillis,
    firstTokenMillis,
    promptTokens,
    cachedTokens,
  }: Start): Start => ({
    ...{ firstRequestMillis, readyMillis, firstTokenMillis, promptTokens, cachedTokens },
  })
  return {
    model: 'nano',
    systemPromptTokens,
    starts: { off: starts.off.map(kept), on: starts.on.map(kept) },
  }
}
