/**
 * Defines an operator: its C++ becomes a library that is compiled once, loaded into the process and registered with libtorch's
 * dispatcher; from then on it is called like any other, with scopes, gradients and errors that name it.
 */

import { HadalError, messageOf } from '@hadal/base'
import { op } from '../dispatch.ts'
import { native } from '../native.ts'
import { type BuildOptions, buildOp, contentKey, hasCuda } from './build-op.ts'
import { cudaIssues } from './cuda-issues.ts'
import { opAlreadyRegistered, opCudaUnfit, opLibraryDamaged } from './errors.ts'
import { libtorchIdentity } from './libtorch-identity.ts'
import { discard, readLibrary } from './op-cache.ts'
import type { Op, OpBuild, OpDefinition } from './op-definition.ts'
import { readSource } from './sources.ts'
import { wrapperVersion, writeOp } from './wrapper.ts'

export interface DefineOptions extends BuildOptions {
  /** The folder of a library that was built elsewhere (the one that `build.file` was in): nothing is compiled. */
  readonly library?: string
}

/**
 * The operator, loaded. Where it is already, with the same sources, the same one. Throws `op_schema_invalid`, `op_schema_unsupported`,
 * `op_shape_results`, `op_source_missing`, `op_compile_failed`, `op_symbol_missing`, `op_compiler_missing`, `op_cuda_unfit`,
 * `op_already_registered`, `op_library_foreign`, `op_library_damaged` and `op_cache_unwritable`.
 *
 * @example
 * ```ts
 * import { defineOp, Tensor, torch } from '@hadal/tensor'
 *
 * const twice = await defineOp({
 *   name: 'my::twice',
 *   schema: '(Tensor x) -> Tensor',
 *   cpu: 'at::Tensor twice_cpu(const at::Tensor& x) { return x * 2; }', // or new URL('./twice.cc', import.meta.url)
 *   shape: 'at::empty_like(x)',
 *   backward: { x: 'grad * 2' },
 * })
 * const y: Tensor = twice(torch.ones([3])) // compiled at the first time, kept from then on
 * ```
 */
export async function defineOp<const Schema extends string>(
  definition: OpDefinition<Schema>,
  options: DefineOptions = {},
): Promise<Op<Schema>> {
  const { name, flags = [] } = definition
  checkCuda(definition)
  const written = writeOp(definition, hasCuda())
  const key = contentKey(written, flags)
  if (isLoaded(name, key)) return callable(name, key, loadedAlready)
  const found = options.library === undefined ? undefined : named(options.library, key)
  const build =
    found ?? (await buildOnce(definition, key, options, () => buildOp(definition, written, options)))
  // Another call of this may have been first.
  if (isLoaded(name, key)) return callable(name, key, { ...build, reason: loadedAlready.reason })
  load(name, key, build, found === undefined)
  return callable(name, key, build)
}

const loadedAlready: OpBuild = { reason: 'loaded already', file: undefined, millis: 0 }

function checkCuda(definition: OpDefinition): void {
  const { name, cuda } = definition
  if (cuda === undefined) return
  const issues = cudaIssues(
    readSource(name, 'cuda kernel', cuda.kernel),
    readSource(name, 'cuda', cuda.launcher),
  )
  if (issues.length > 0) throw opCudaUnfit(name, issues)
}

function isLoaded(name: string, key: string): boolean {
  const there = native().customOpKey(name)
  if (there === undefined) return false
  if (there !== key) throw opAlreadyRegistered(name, there !== '')
  return true
}

function named(folder: string, key: string): OpBuild & { readonly file: string } {
  const { file, manifest } = readLibrary(folder, libtorchIdentity(), wrapperVersion)
  if (manifest.key !== key)
    throw opLibraryDamaged(file, 'it was built from other sources than this definition')
  return { reason: `the library in ${folder}`, file, millis: 0 }
}

type Built = OpBuild & { readonly file: string }
const building = new Map<string, Promise<Built>>()

/** Two calls at once compile once. */
async function buildOnce(
  { name }: OpDefinition,
  key: string,
  { cache, compiler }: DefineOptions,
  build: () => Promise<Built>,
): Promise<Built> {
  const what = JSON.stringify([name, key, cache, compiler])
  const under = building.get(what) ?? build().finally(() => building.delete(what))
  building.set(what, under)
  return under
}

function load(name: string, key: string, { file }: Built, isKept: boolean): void {
  try {
    native().loadCustomOp(name, key, file)
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'registered')
      throw opAlreadyRegistered(name, native().customOpKey(name) !== '')
    if (thrown instanceof HadalError) throw thrown
    // So that the next call compiles it again.
    if (isKept) discard(file.slice(0, file.lastIndexOf('/')))
    throw opLibraryDamaged(file, messageOf(thrown)).with({ cause: thrown })
  }
}

function callable<Schema extends string>(name: string, key: string, build: OpBuild): Op<Schema> {
  let there = true
  const unload = (): void => {
    if (there && native().customOpKey(name) === key) native().unloadCustomOp(name)
    there = false
  }
  return Object.assign(op(name), { opName: name, build, unload }) as unknown as Op<Schema>
}
