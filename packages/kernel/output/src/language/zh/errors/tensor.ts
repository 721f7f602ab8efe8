/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'

import { type ErrorWords, words } from '../../words.ts'

const threeWays = [
  '以下任一种方式都可以得到它：',
  '  1. Debian 或 Ubuntu：  sudo apt-get install libtorch-dev libopenblas0-openmp libgloo-dev g++',
  '  2. 已下载的：          export LIBTORCH=/path/to/libtorch',
  '  3. PyTorch wheel：     pip install torch   （通过 python3 找到）',
  '然后构建插件：node node_modules/@hadal/tensor/scripts/build-native.mjs',
].join('\n')

export const tensorErrors: Readonly<Record<string, ErrorWords>> = {
  tensor_addon_not_built: words<[path: string]>(
    (path: string) => `张量插件没有构建（${path} 不存在）`,
    `它在运行它的机器上针对 libtorch 编译。${threeWays}`,
  ),
  tensor_argument_invalid: words<[op: string, given: string, reason: string, schema: string]>(
    (op: string, given: string, reason: string, _schema: string) => `${op}(${given})：${reason}`,
    (_op: string, _given: string, _reason: string, schema: string) => `schema 是：${schema}`,
  ),
  tensor_data_invalid: words<[reason: string]>(
    (reason: string) => reason,
    '给出数字、布尔值或 bigint 组成的等长数组，或形状相符的 TypedArray。',
  ),
  tensor_disposed: words<[op: string, given: string]>(
    (op: string, given: string) => `${op}(${given})：使用了已释放的张量`,
    '从创建它的 scope 返回它，或在该 scope 结束前对它调用 keep()。',
  ),
  tensor_distributed_closed: words<[detail: string]>(
    (detail: string) => detail,
    '最后一次集合通信之后关闭进程组，需要时重新加入。',
  ),
  tensor_distributed_invalid: words<[reason: string]>(
    (reason: string) => reason,
    'rank 是从 0 到进程数减一的整数，每个只用一次。',
  ),
  tensor_distributed_join_failed: words<[place: string, rank: number, reason: string]>(
    (place: string, rank: number, reason: string) => `rank ${rank} 无法加入位于 ${place} 的进程组：${reason}`,
    '所有进程必须指定相同的地址、端口和进程数，rank 各不相同；rank 0 在该地址监听，端口必须空闲。',
  ),
  tensor_distributed_peer_lost: words<[detail: string]>(
    (detail: string) => detail,
    '看看那个进程最后说了什么。此进程组不能再用：重新启动作业，它会从最后一个检查点继续。',
  ),
  tensor_distributed_unavailable: words<[backend: string, has: readonly string[]]>(
    (backend: string, has: readonly string[]) =>
      `张量插件没有 ${backend}${has.length > 0 ? `，只有 ${has.join('、')}` : ''}`,
    (backend: string) =>
      backend === 'nccl'
        ? 'nccl 需要带 CUDA 的 libtorch，以及 CUDA 和 NCCL 的头文件；gloo 在任何 CPU 上都可用。'
        : [
            'gloo 的头文件要在 libtorch 的头文件旁。Debian 或 Ubuntu：sudo apt-get install libgloo-dev',
            '然后构建插件：node node_modules/@hadal/tensor/scripts/build-native.mjs',
          ].join('\n'),
  ),
  tensor_index_invalid: words<[index: string]>(
    (index: string) => `${index} 不是索引`,
    "使用整数、[start, end]、[start, end, step]、':'、'...'、null（新维度）或张量。",
  ),
  tensor_libtorch_not_found: words<[detail: string]>(
    (detail: string) => `无法加载 libtorch：${detail}`,
    threeWays,
  ),
  tensor_no_overload: words<[op: string, given: string, schemas: readonly string[]]>(
    (op: string, given: string, _schemas: readonly string[]) => `${op}(${given})：没有接受这些参数的重载`,
    (_op: string, _given: string, schemas: readonly string[]) =>
      ['重载有：', ...schemas.map((schema) => `  ${schema}`)].join('\n'),
  ),
  tensor_op_failed: words<[op: string, given: string, reason: string, schema: string]>(
    (op: string, given: string, reason: string, _schema: string) => `${op}(${given})：${reason}`,
    (_op: string, _given: string, _reason: string, schema: string) => `schema 是：${schema}`,
  ),
  tensor_op_missing: words<[op: string, version: string]>(
    (op: string, version: string) => `libtorch ${version} 没有算子 ${op}`,
    '使用其他算子，或带有它的 libtorch。',
  ),
  tensor_out_of_memory: words<
    [op: string, given: string, requestedBytes: number | undefined, reason: string]
  >(
    (op: string, given: string, requestedBytes: number | undefined, reason: string) =>
      `${op}(${given})：内存不足${requestedBytes === undefined ? '' : `，还需 ${formatBytes(requestedBytes)}`}（${reason}）`,
    '使用更小的张量，释放一些（`scope`、`leaks()`），提高所设的上限，或使用内存更大的机器。',
  ),
  tensor_profiler_refused: words<[what: string, reason: string]>(
    (what: string, reason: string) => `${what}：${reason}`,
    '一次只能记录一个性能剖析，且在启动它的线程上：startProfiler()，要观察的内容，stopProfiler(path)。',
  ),
}
