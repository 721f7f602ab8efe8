/**
 * How CUDA's caching allocator runs out of memory despite free memory. Phase one allocates everything in large blocks and frees them; the
 * allocator caches them. Phase two splits pieces from the blocks and keeps one in each. No block can be released then, and a tensor larger
 * than a block does not fit. With maintenance, blocks are released between the phases (`emptyCache`), so that pieces get their own
 * segments.
 */

import { isHadalError } from '@hadal/base'
import { allocatorState, emptyCache, type Tensor, torch } from '@hadal/tensor'
import type { AttemptResult } from './attempt-job.ts'

const mebi = 2 ** 20
const [blockMiB, pieceMiB] = [1024, 64]

export function fragmentGpu(
  maintenance: boolean,
): Pick<AttemptResult, 'failure' | 'message' | 'inUseMiB' | 'heldFreeMiB'> {
  const blocks = fill(blockMiB)
  for (const block of blocks) block.free()
  if (maintenance) emptyCache()
  // As many pieces as the blocks held, so that each block is cut.
  const each = blockMiB / pieceMiB
  const pieces = Array.from({ length: blocks.length * each }, () => take(pieceMiB)).filter(
    (piece) => piece !== undefined,
  )
  for (const [at, piece] of pieces.entries()) if (at % each !== 0) piece.free()
  const { inUseBytes, freeBytes } = allocatorState()
  const found = { inUseMiB: inUseBytes / mebi, heldFreeMiB: freeBytes / mebi }
  // Half of what the first phase had, of which a sixteenth is still in use.
  const asked = Math.max(2, Math.floor(blocks.length / 2)) * blockMiB
  const large = take(asked)
  return {
    ...found,
    failure: large === undefined ? 'tensor_out_of_memory' : null,
    message: `${asked} MiB asked for, ${blocks.length} blocks of ${blockMiB} MiB before`,
  }
}

function fill(mebibytes: number): Tensor[] {
  const taken: Tensor[] = []
  for (let next = take(mebibytes); next !== undefined; next = take(mebibytes)) taken.push(next)
  return taken
}

/** Undefined if there is not enough memory. */
function take(mebibytes: number): Tensor | undefined {
  try {
    return torch.empty([mebibytes * mebi], { dtype: 'uint8', device: 'cuda' })
  } catch (thrown) {
    if (isHadalError(thrown) && thrown.code === 'tensor_out_of_memory') return undefined
    throw thrown
  }
}
