/** `hadal models` with checkpoints: from a local hub to the description of the folder. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCheckpoint, readDecoderConfig } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeHub, startFakeHub } from '../../../../serving/engine/test/models/fake-hub.ts'
import { configs, weightsFor, writeFolder } from '../../../../training/nn/test/checkpoint-folder.ts'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

const ref = 'hf:owner/repo:safetensors'
const weights = weightsFor(readDecoderConfig(configs.llama), 'BF16')
let hub: FakeHub
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-models-'))
  const original = join(folder, 'original')
  writeFolder(original, configs.llama, weights, 3)
  writeFileSync(join(original, 'tokenizer.json'), '{}')
  hub = await startFakeHub(
    Object.fromEntries(readdirSync(original).map((name) => [name, readFileSync(join(original, name))])),
  )
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function models(args: readonly string[], env: Record<string, string> = {}) {
  const terminal = recordingTerminal({
    env: { HF_ENDPOINT: hub.endpoint, HADAL_CACHE_DIR: join(folder, 'cache'), ...env },
  })
  const code = await main(['models', ...args], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

describe('hadal models pull', () => {
  it('prints the folder, which can be loaded as it is', async () => {
    const { code, printed, noted } = await models(['pull', ref])
    expect({ code, noted }).toMatchObject({
      code: 0,
      noted: expect.stringMatching(/6 files, .* go into .*checksum matches/s),
    })
    expect(noted).toMatch(/llama, 904 parameters \(BF16\), .* in fp32$/)
    const again = await models(['pull', ref, '--verify'])
    expect(again).toMatchObject({ code: 0, printed, noted: expect.stringContaining(`${ref}: up to date`) })
    expect(again.noted).toContain('verifying config.json')
    scope(() => expect(loadCheckpoint(printed).model.parameters().size).toBe(weights.length))
  })

  it('offline says where it is, or that it is not here', async () => {
    expect(await models(['pull', ref, '--offline'])).toMatchObject({
      code: 1,
      noted: expect.stringContaining('error[model_not_cached]'),
    })
    const { printed } = await models(['pull', ref])
    hub.requests.length = 0
    expect(await models(['pull', ref, '--offline'])).toMatchObject({ code: 0, printed })
    expect(await models(['pull', ref], { HADAL_OFFLINE: 'true' })).toMatchObject({ code: 0, printed })
    expect(hub.requests).toEqual([])
  })

  it('says at once when it cannot be loaded', async () => {
    hub.files.set('config.json', Buffer.from(JSON.stringify({ ...configs.llama, model_type: 'gpt2' })))
    const { code, noted } = await models(['pull', ref])
    expect(code).toBe(0)
    expect(noted).toContain('it cannot be loaded: nn_architecture_unknown')
    hub.files.set('config.json', Buffer.from(JSON.stringify({ ...configs.llama, vocab_size: 13 })))
    expect((await models(['pull', ref])).noted).toContain(
      'loaded (first of 2 errors; list them with hadal models inspect',
    )
  })
})

describe('hadal models list and inspect', () => {
  it('print the same JSON in every language', async () => {
    const spoken = (language: string) => models(['list'], { HADAL_LANGUAGE: language })
    const parsed = (language: string) => models(['list', '--json'], { HADAL_LANGUAGE: language })
    expect((await spoken('zh')).printed).toContain('自带')
    expect(await parsed('zh')).toEqual(await parsed('en'))
  })

  it('know checkpoints', async () => {
    const { printed: path } = await models(['pull', ref])
    const listed = JSON.parse((await models(['list', '--json'])).printed) as unknown[]
    const bytes = [...hub.files.values()].reduce((sum, { length }) => sum + length, 0)
    expect(listed.at(-1)).toMatchObject({ ref, kind: 'checkpoint', parameters: 904, bytes })
    expect((await models(['list'])).printed).toMatch(/hf:owner\/repo:safetensors +checkpoint +904 +BF16 /)
    for (const each of [ref, path]) {
      const { code, printed } = await models(['inspect', each])
      expect(code).toBe(0)
      expect(printed).toMatch(/^checkpoint +\//)
      expect(printed).toMatch(/^architecture +llama$/m)
      expect(printed).toMatch(/^parameters +904 \(BF16\)$/m)
      expect(printed).toMatch(/^errors +none/m)
    }
  })

  it('report every error, and exit with a failure', async () => {
    const { printed: path } = await models(['pull', ref])
    rmSync(join(path, 'model-00002-of-00003.safetensors'))
    writeFileSync(join(path, 'config.json'), JSON.stringify({ ...configs.llama, vocab_size: 13 }))
    const { code, printed } = await models(['inspect', path])
    expect(code).toBe(1)
    expect(printed).toContain('nn_checkpoint_file_missing')
    expect(printed).toContain('nn_checkpoint_shape_mismatch: model.embed_tokens.weight')
    const asJson = await models(['inspect', path, '--json'])
    expect(asJson.code).toBe(1)
    const { issues, architecture } = JSON.parse(asJson.printed)
    expect(architecture).toBe('llama')
    expect(issues[0]).toMatchObject({ code: 'nn_checkpoint_file_missing', help: expect.any(String) })
    // With a file missing, the rest no longer counts as a cached model.
    expect((await models(['list'])).printed).not.toMatch(/owner\/repo:safetensors +checkpoint/)
  })
})
