/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

export const tensorOperatorsErrors: Readonly<Record<string, ErrorWords>> = {
  op_already_registered: words<[name: string, ours: boolean]>(
    (name, ours) =>
      ours ? `${name} 已注册，但源码、schema 或 flags 不同` : `${name} 是 libtorch 或其他库的算子`,
    (_name, ours) => (ours ? '重新定义之前，先对第一个调用 unload()。' : '换一个名字："my::name"。'),
  ),
  op_cache_unwritable: words<[folder: string, why: string]>(
    (folder, why) => `无法在 ${folder} 中保存编译后的算子：${why}`,
    '使它可写，设置 XDG_CACHE_HOME，或指定其他目录：{ cache: folder }。',
  ),
  op_compile_failed: words<[name: string, first: string, output: string]>(
    (name, first, _output) => `${name}：${first}`,
    (_name, _first, output) => `编译器输出：\n${output}`,
  ),
  op_compiler_missing: words<[name: string, tried: readonly string[]]>(
    (name, tried) => `${name}：没有能启动的编译器（试过 ${tried.join('、')}）`,
    '安装一个（Debian：apt-get install g++），在 CXX 中指定（.cu 文件用 NVCC），或给出在别处构建的库：{ library: folder }。',
  ),
  op_cuda_unfit: words<[name: string, issues: readonly string[]]>(
    (name, issues) => `${name}：${issues.join('；')}`,
    '在 at::cuda::getCurrentCUDAStream() 上以 <<<blocks, threads, bytes, stream>>> 启动核函数，由启动它的函数返回 cudaGetLastError()，并在 launcher 中交给 C10_CUDA_CHECK。需要结果的一方自行等待。',
  ),
  op_library_damaged: words<[file: string, why: string]>(
    (file, why) => `${file} 无法使用：${why}`,
    '重新构建，并复制整个目录。',
  ),
  op_library_foreign: words<[file: string, built: string, loaded: string]>(
    (file, built, loaded) => `${file} 是为 ${built} 构建的；这里是 ${loaded}`,
    '在装有此 libtorch 的机器上重新构建：不带 `library` 的 defineOp，以及其 build.file 所在的目录。',
  ),
  op_schema_invalid: words<[name: string, why: string]>(
    (name, why) => `${name}：无法读取 schema：${why}`,
    '写成 name: "my::vector_add" 和 schema: "(Tensor a, Tensor b) -> Tensor"，如 docs/custom-operators.md 所示。',
  ),
  op_schema_unsupported: words<[name: string, what: string, help: string]>(
    (name, what, _help) => `${name}：${what}`,
    (_name, _what, help) => help,
  ),
  op_shape_results: words<[name: string, given: number, wanted: number]>(
    (name, given, wanted) => `${name}：shape 有 ${given} 个表达式，而结果有 ${wanted} 个`,
    '按 schema 中结果的顺序各给一个：shape: ["at::empty_like(x)", "at::empty({n}, x.options())"]。',
  ),
  op_source_missing: words<[name: string, path: string, why: string]>(
    (name, path, why) => `${name}：无法读取 ${path}：${why}`,
    '从定义算子的文件指定它：new URL("./kernel.cc", import.meta.url)。字符串则是 C++ 源码本身。',
  ),
  op_symbol_missing: words<[name: string, symbol: string, signature: string | undefined]>(
    (name, symbol, signature) =>
      signature === undefined ? `${name}：${symbol} 有声明，但没有定义` : `${name}：源码没有定义 ${symbol}`,
    (_name, _symbol, signature) =>
      signature === undefined
        ? '在源码中定义它，或在 flags 中指定含有它的库：["-lname"]。'
        : `在命名空间之外定义，不加 static，签名完全如下：\n  ${signature}`,
  ),
  op_unloaded: words<[name: string]>((name) => `${name} 已卸载`, '调用最新一次 defineOp 给出的函数。'),
}
