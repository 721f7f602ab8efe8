/** `hadal export --format onnx` without onnxruntime. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOnnx } from '@hadal/formats'
import { createImageModel, type ImageModelConfig, initializeImageModel } from '@hadal/nn'
import { scope, setNumThreads } from '@hadal/tensor'
import { saveImageModel, toHost } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

const loader = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string }
const find = loader._resolveFilename
loader._resolveFilename = (request, ...rest) => {
  if (request !== 'onnxruntime-node') return find(request, ...rest)
  throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
}

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-export-unproven-'))
afterAll(() => {
  loader._resolveFilename = find
  rmSync(folder, { recursive: true })
})

it('writes the file, reports it as unverified, and removes stale parity reports', async () => {
  const config: ImageModelConfig = {
    model_type: 'image_classifier',
    input: { features: 3 },
    layers: [],
    classes: 2,
  }
  scope(() => {
    const model = createImageModel(config)
    initializeImageModel(model)
    saveImageModel(join(folder, 'model'), { config, weights: toHost(model.state()) })
  })
  const reports = ['a.onnx.parity.json', 'a.onnx.parity.md'].map((name) => join(folder, name))
  for (const path of reports) writeFileSync(path, 'of the file before')
  const terminal = recordingTerminal({ folder })
  const args = ['export', '.', '--format', 'onnx', '--out', 'a.onnx', '--json']
  expect(await main(args, terminal)).toBe(0)
  expect(JSON.parse(terminal.printed.join(''))).toMatchObject({ verdict: 'unproven' })
  expect(terminal.noted.join('\n')).toContain('not verified: onnxruntime-node is not installed')
  expect(readOnnx(join(folder, 'a.onnx')).graph.outputs[0]!.name).toBe('logits')
  expect(reports.map((path) => existsSync(path))).toEqual([false, false])
})
