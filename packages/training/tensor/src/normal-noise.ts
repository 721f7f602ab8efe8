/** Gaussian noise for private training. The caller determines its scale. */

import { context } from './context.ts'
import { failure } from './failure.ts'
import { native } from './native.ts'
import type { Tensor } from './tensor.ts'

/**
 * Source of noise. `secure`: a ChaCha20 stream with a new kernel key for every call, four normals per number, so that the noise
 * cannot be separated from the sum (Holohan & Braghin 2021, arXiv:2107.10138). `seeded`: the same stream, one normal per number,
 * with a key from libtorch's CPU generator: reproducible with `manualSeed` or a saved random state, and not private.
 */
export type NoiseSource = 'secure' | 'seeded'

/**
 * Adds independent N(0, std²) to every number of the tensors, in place and outside autograd. Float32 on the CPU is updated
 * directly; for other tensors the noise is generated as float32 and added.
 *
 * @param std 0 adds nothing and draws nothing
 * @throws `tensor_argument_invalid` for a negative std and for tensors that hold no floating-point numbers
 *
 * @internal
 */
export function addNormalNoise_(tensors: readonly Tensor[], std: number, source: NoiseSource): void {
  context()
  try {
    native().addNormalNoise(
      Int32Array.from(tensors, (tensor) => tensor.handle),
      std,
      source === 'secure',
    )
  } catch (thrown) {
    throw failure(thrown, 'addNormalNoise_', 'addNormalNoise_(tensors, std, source)', [tensors, std, source])
  }
}

/**
 * Sixteen blocks (1024 bytes) of the ChaCha20 keystream (RFC 8439) that noise is made of, so that it can be compared with
 * others' and with the RFC.
 *
 * @param key 8 words, little-endian
 * @param counter of the first block
 * @param nonce 3 words, little-endian
 *
 * @internal
 */
export function chaCha20(key: Uint32Array, counter: number, nonce: Uint32Array): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(native().chaCha20(key, counter, nonce))
  } catch (thrown) {
    throw failure(thrown, 'chaCha20', 'chaCha20(key, counter, nonce) -> Uint8Array', [key, counter, nonce])
  }
}
