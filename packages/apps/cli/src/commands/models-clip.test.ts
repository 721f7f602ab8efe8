/** `hadal models` with CLIP folders: their description, and what prevents loading. */

import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { writeTinyClip } from '../../test/tiny-clip.ts'
import { main } from '../main.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-models-clip-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function models(...args: string[]) {
  const terminal = recordingTerminal({})
  const code = await main(['models', ...args], terminal)
  return { code, printed: terminal.printed.join('\n') }
}

describe('hadal models inspect', () => {
  it.each([
    ['hugging-face', 'Hugging Face'],
    ['open-clip', 'open_clip'],
  ] as const)('describes a CLIP folder of %s', async (layout, name) => {
    writeTinyClip(folder, { layout })
    const { code, printed } = await models('inspect', folder)
    expect(code).toBe(0)
    expect(printed).toMatch(new RegExp(`architecture +clip, ${name} layout`))
    expect(printed).toMatch(/image encoder +ViT of 2 layers, width 24, patches of 8/)
    expect(printed).toMatch(/text encoder +transformer of 2 layers, width 16/)
    expect(printed).toMatch(/images +32 x 32 pixels/)
    expect(printed).toMatch(/errors +none; it can be loaded/)
    const json = JSON.parse((await models('inspect', folder, '--json')).printed)
    expect(json).toMatchObject({ kind: 'clip', layout, embeddingLength: 16, contextLength: 40, issues: [] })
  })

  it('says what stands against loading it, and exits with a failure', async () => {
    writeTinyClip(folder)
    truncateSync(join(folder, 'model.safetensors'), 400)
    const { code, printed } = await models('inspect', folder)
    expect(code).toBe(1)
    expect(printed).toContain('it cannot be loaded')
  })
})
