/** Memory per rank falls with every ZeRO stage: in units of the model's fp32 weights. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePorts } from '../../../kernel/base/test/free-port.ts'
import { programFile } from '../../../kernel/base/test/program-file.ts'

it('is less with every stage', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-shares-'))
  const ports = await freePorts(4)
  const answers = [0, 1].map(async (rank) => {
    const args = [programFile(import.meta.url, './data-memory-program.ts'), folder, JSON.stringify(ports)]
    const place = { RANK: String(rank), WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: '1' }
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...place },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (chunk) => (text += chunk))
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
    return JSON.parse(text) as { between: number; peak: number }[]
  })
  for (const held of await Promise.all(answers)) {
    // Weights, gradients and two moments; each stage keeps half of one kind more.
    const between = [1 + 1 + 2, 1 + 1 + 1, 1 + 0.5 + 1, 0.5 + 0.5 + 1]
    for (const [stage, expected] of between.entries())
      expect(held[stage]!.between, `zero ${stage}`).toBeCloseTo(expected, 1)
    const peaks = held.map(({ peak }) => peak)
    expect(peaks).toEqual([...peaks].sort((a, b) => b - a))
  }
  rmSync(folder, { recursive: true })
})
