import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadOnnxRuntime } from './load-runtime.ts'

/** A package by its path, which says this when it is loaded. */
function fake(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-onnx-runtime-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'runtime'))
  writeFileSync(join(folder, 'runtime', 'index.js'), source)
  return join(folder, 'runtime')
}

describe('loadOnnxRuntime', () => {
  it('loads the one that is installed', () => {
    expect(loadOnnxRuntime().env.versions.node).toMatch(/^1\./)
  })

  it('says how to install it where it is missing', () => {
    expect(() => loadOnnxRuntime('onnxruntime-nowhere')).toThrow(
      expect.objectContaining({
        code: 'onnx_runtime_missing',
        help: expect.stringContaining('npm install onnxruntime-node'),
      }),
    )
  })

  it('says why one that is there cannot be used', () => {
    for (const [source, why] of [
      ['throw new Error("libonnxruntime.so.1: cannot open shared object file")', 'cannot open shared object'],
      ['require("something-it-needs")', "'something-it-needs'"],
      ['exports.env = { versions: { node: "1.14.0" } }', 'version 1.14.0 is older than 1.22'],
      ['exports.env = { versions: {} }', 'version unknown is older'],
    ] as const)
      expect(() => loadOnnxRuntime(fake(source))).toThrow(
        expect.objectContaining({ code: 'onnx_runtime_unusable', message: expect.stringContaining(why) }),
      )
  })
})
