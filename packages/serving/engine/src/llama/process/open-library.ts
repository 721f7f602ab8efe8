/** Loads llama.cpp into this process, after checking that it is the release whose structs this project knows. */

import { messageOf } from '@hadal/base'
import { llamaLibraryUnusable } from '../../errors.ts'
import { bindNative, type Native } from '../binding.ts'
import { findLibrary, type LlamaLibrary } from '../library.ts'
import { layoutIssues, libraryVersion } from '../structs.ts'
import { NativeLog } from './native-log.ts'
import type { StartTimer } from './start-timer.ts'

export interface OpenedLibrary {
  readonly library: LlamaLibrary
  readonly native: Native
  readonly log: NativeLog
}

/** Once per process; independent of the model. Throws `llama_library_missing` or `llama_library_unusable`. */
export async function openBackends(timer: StartTimer): Promise<OpenedLibrary> {
  const library = await findLibrary()
  const native = openLibrary(library)
  timer.passed('libraries')
  const log = new NativeLog(native)
  native.ggml.backendLoadAllFromPath(library.folder)
  native.llama.backendInit()
  timer.passed('backends')
  return { library, native, log }
}

/** Throws `llama_library_unusable`. */
export function openLibrary(library: LlamaLibrary): Native {
  let native: Native
  try {
    native = bindNative(library)
  } catch (thrown) {
    throw llamaLibraryUnusable(library.llama, messageOf(thrown))
  }
  const { llama } = native
  const version = llama.version()
  if (version !== libraryVersion)
    throw llamaLibraryUnusable(library.llama, `it is version ${version}, not ${libraryVersion}`)
  const issues = layoutIssues(llama.modelDefaultParams(), llama.contextDefaultParams())
  if (issues.length > 0) throw llamaLibraryUnusable(library.llama, issues.join('; '))
  return native
}
