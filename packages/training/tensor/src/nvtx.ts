/**
 * NVTX: reports activity to an attached tool such as Nsight Systems. No-op without an injected tool (path in
 * `NVTX_INJECTION64_PATH`).
 */

import { native } from './native.ts'

let loaded: boolean | undefined

/**
 * Ranges of one thread nest: the last one pushed is popped first.
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
  /** Whether a tool is attached; loads the addon on first use. */
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
