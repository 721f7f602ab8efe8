/** Loads llama.cpp into this process, after making sure that it is the release whose structs this project knows. */

import { messageOf } from '@hadal/base'
import { llamaLibraryUnusable } from '../../errors.ts'
import { bindNative, type Native } from '../binding.ts'
import type { LlamaLibrary } from '../library.ts'
import { layoutFaults, libraryVersion } from '../structs.ts'

/** Once per process. Throws `llama_library_unusable`. */
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
  const faults = layoutFaults(llama.modelDefaultParams(), llama.contextDefaultParams())
  if (faults.length > 0) throw llamaLibraryUnusable(library.llama, faults.join('; '))
  return native
}
