/** The process that tests libtorch: prints its version and the result of 1 + 2 + 3, as JSON. */

import { isHadalError, messageOf } from '@hadal/base'

async function tryLibtorch(): Promise<object> {
  const { getNumThreads, libraryInfo, load, scope, torch } = await import('@hadal/tensor')
  load()
  const { version, cuda, blas } = libraryInfo()
  const sum = scope(() => torch.tensor([1, 2, 3]).sum().item())
  return { version, cuda, blas, threads: getNumThreads(), sum: Number(sum) }
}

const found = await tryLibtorch().catch((thrown: unknown) => ({
  fault: messageOf(thrown).split('\n')[0],
  ...(isHadalError(thrown) && { code: thrown.code, help: thrown.help }),
}))
console.log(JSON.stringify(found))
