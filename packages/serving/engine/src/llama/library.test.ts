import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { candidatePackages, findLibrary } from './library.ts'
import { openLibrary } from './process/open-library.ts'
import { type ContextParams, layoutIssues, type ModelParams } from './structs.ts'

describe('findLibrary', () => {
  it('finds all three libraries of the package for this machine', async () => {
    const { packageName, llama, ggml, base } = await findLibrary()
    expect(candidatePackages(process.platform, process.arch)).toContain(packageName)
    for (const path of [llama, ggml, base]) expect(existsSync(path)).toBe(true)
  })

  it('prefers a package with GPU support', () => {
    expect(candidatePackages('linux', 'x64')[0]).toBe('@node-llama-cpp/linux-x64-cuda')
  })

  it('says what it looked for', async () => {
    await expect(findLibrary('sunos', 'sparc')).rejects.toMatchObject({
      code: 'llama_library_missing',
      message: expect.stringContaining('sunos-sparc'),
    })
    await expect(findLibrary('win32', 'arm64')).rejects.toMatchObject({
      code: 'llama_library_missing',
      message: expect.stringContaining('@node-llama-cpp/win-arm64'),
    })
  })
})

describe('openLibrary', () => {
  it('refuses a file that is no library', () => {
    const noLibrary = fileURLToPath(import.meta.url)
    const library = { packageName: 'p', folder: '.', llama: noLibrary, ggml: noLibrary, base: noLibrary }
    expect(() => openLibrary(library)).toThrow(
      expect.objectContaining({
        code: 'llama_library_unusable',
        message: expect.stringContaining(noLibrary),
      }),
    )
  })

  it('finds a field that has moved', () => {
    const model = { n_gpu_layers: -1, split_mode: 1 } as ModelParams
    const context = { n_ctx: 512, n_batch: 512 } as ContextParams
    const issues = layoutIssues(model, context)
    expect(issues).toContain('llama_context_params.n_batch is 512, not 2048')
    expect(issues.some((issue) => issue.includes('n_gpu_layers') || issue.includes('n_ctx '))).toBe(false)
  })
})
