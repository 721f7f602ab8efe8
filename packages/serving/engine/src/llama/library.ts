/**
 * Finds the prebuilt llama.cpp: the @node-llama-cpp package for this platform, preferring an installed one with GPU support.
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { llamaLibraryMissing, llamaLibraryUnusable } from '../errors.ts'

/** The struct layouts are valid for this release only. */
const pinnedPackageVersion = '3.21.1'

export interface LlamaLibrary {
  readonly packageName: string
  readonly folder: string
  readonly llama: string
  readonly ggml: string
  readonly base: string
}

/**
 * Best first. Packages other than the CPU one exist only if the user installed them: `npm install
 * @node-llama-cpp/linux-x64-cuda@3.21.1`.
 */
export function candidatePackages(platform: string, arch: string): readonly string[] {
  const names: Readonly<Record<string, readonly string[]>> = {
    'linux-x64': ['linux-x64-cuda', 'linux-x64-vulkan', 'linux-x64'],
    'linux-arm64': ['linux-arm64'],
    'darwin-arm64': ['mac-arm64-metal'],
    'darwin-x64': ['mac-x64'],
    'win32-x64': ['win-x64-cuda', 'win-x64-vulkan', 'win-x64'],
    'win32-arm64': ['win-arm64'],
  }
  return (names[`${platform}-${arch}`] ?? []).map((name) => `@node-llama-cpp/${name}`)
}

/** Throws `llama_library_missing` or `llama_library_unusable`. */
export async function findLibrary(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<LlamaLibrary> {
  const candidates = candidatePackages(platform, arch)
  for (const packageName of candidates) {
    const found = await binariesOf(packageName)
    if (found === undefined) continue
    if (found.packageVersion !== pinnedPackageVersion)
      throw llamaLibraryUnusable(packageName, `it is ${found.packageVersion}, not ${pinnedPackageVersion}`)
    const folder = join(found.binsDir, packageName.split('/')[1]!)
    return { packageName, folder, ...libraryFiles(folder) }
  }
  throw llamaLibraryMissing(candidates.length > 0 ? candidates : [`a package for ${platform}-${arch}`])
}

async function binariesOf(
  packageName: string,
): Promise<{ binsDir: string; packageVersion: string } | undefined> {
  try {
    return (await import(packageName)).getBinsDir()
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw llamaLibraryUnusable(packageName, String(thrown))
  }
}

/** `libllama.v0.4.0.so`, `libllama.cuda.v0.4.0.so`, `llama.v0.4.0.dll`; ggml likewise; ggml-base without a version. */
function libraryFiles(folder: string): { llama: string; ggml: string; base: string } {
  const names = readdirSync(folder)
  const find = (pattern: RegExp): string => {
    const name = names.find((name) => pattern.test(name))
    if (name === undefined) throw llamaLibraryUnusable(folder, `no file is named like ${pattern.source}`)
    return join(folder, name)
  }
  return {
    llama: find(/^(lib)?llama(\.\w+)?\.v[\d.]+\.(so|dylib|dll)$/),
    ggml: find(/^(lib)?ggml(\.\w+)?\.v[\d.]+\.(so|dylib|dll)$/),
    base: find(/^(lib)?ggml-base\.(so|dylib|dll)$/),
  }
}
