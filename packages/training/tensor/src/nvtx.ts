/**
 * NVTX: tells a tool that watches this process, as Nsight Systems does, what it is doing. Where no tool was injected (its path is in
 * `NVTX_INJECTION64_PATH`) nothing happens. Knows nothing of steps.
 */

import { native } from './native.ts'

let loaded: boolean | undefined

/**
 * Ranges of one thread nest: what is pushed last is popped first.
 *
 * @example
 * ```ts
 * import { nvtx } from '@hadal/tensor'
 *
 * nvtx.push('tokenise') // a range in Nsight Systems; nothing where no tool listens
 * nvtx.pop()
 * ```
 */
export const nvtx: {
  /** Whether a tool listens; loads the addon where it is asked first. */
  readonly isLoaded: boolean
  push(name: string): void
  /** Ends the last range; one too many is no trouble. */
  pop(): void
  /** A moment with a name. */
  mark(name: string): void
} = {
  get isLoaded() {
    loaded ??= native().nvtxIsLoaded()
    return loaded
  },
  push(name) {
    if (nvtx.isLoaded) native().nvtxPush(name)
  },
  pop() {
    if (nvtx.isLoaded) native().nvtxPop()
  },
  mark(name) {
    if (nvtx.isLoaded) native().nvtxMark(name)
  },
}
