/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'

import { type ErrorWords, words } from '../../words.ts'

const tensorsOnly = (model: string): string =>
  `它接受张量：POST /v2/models/${encodeURIComponent(model)}/infer。要处理文本请提供其他模型。`

export const engineErrors: Readonly<Record<string, ErrorWords>> = {
  adapter_exists: words<[id: string]>(
    (id) => `适配器 ${JSON.stringify(id)} 已经加载`,
    '先卸载它，或换一个名字。',
  ),
  adapter_unknown: words<[id: string, loaded: readonly string[]]>(
    (id, _loaded) => `适配器 ${JSON.stringify(id)} 没有加载`,
    (_id, loaded) =>
      loaded.length === 0
        ? '先加载它，或写进配置。'
        : `已加载的有：${loaded.map((each) => JSON.stringify(each)).join('、')}。`,
  ),
  adapter_unusable: words<[path: string, why: string]>(
    (path, why) => `适配器 ${path} 无法使用：${why}`,
    '给出为所提供模型制作的 GGUF 格式 LoRA 适配器。',
  ),
  context_length_exceeded: words<
    [promptTokens: number, contextLength: number, atLeast?: boolean, input?: string]
  >((promptTokens, contextLength, atLeast = false, input = undefined) => {
    const tokens = `${atLeast ? '至少 ' : ''}${promptTokens} 个 token`
    return input === undefined
      ? // Words by which clients know this error.
        `提示有 ${tokens}，超出可用的上下文：最大上下文长度为 ${contextLength} 个 token，其中一个是新生成的`
      : `${input} 过大：有 ${tokens}，而模型最多接受 ${contextLength}`
  }, '缩短提示，或在模型允许时以更大的 contextLength 启动服务。'),
  deadline_unmet: words<[withinMillis?: number]>(
    (withinMillis) =>
      withinMillis === undefined
        ? '请求一直等待，已赶不上首 token 的时限'
        : `首 token 会在 ${withinMillis} 毫秒之后才到`,
    '等待给出的秒数后重试，使用更晚的 deadline_ms，或以更大的 sloTtftMillis 启动服务。',
  ),
  draft_model_unfit: words<[path: string, why: string]>(
    (path, why) => `${path} 不能为此模型起草：${why}`,
    '使用同系列的小模型，或不用：那时草稿来自文本本身。',
  ),
  embeddings_off: words<[model: string, infers?: boolean]>(
    (model) => `${model} 没有以嵌入方式提供`,
    (model, infers = false) => (infers ? tensorsOnly(model) : '用 --embeddings 启动服务器。'),
  ),
  empty_prompt: words<[input?: string]>(
    (input = '提示') => `${input} 没有 token`,
    '至少发送一个字符或 token。',
  ),
  engine_closed: words<[state: string]>(
    (state) => `引擎处于 ${state} 状态，不接收新请求`,
    '把请求发给其他副本。',
  ),
  engine_crashed: words<[how: string]>(
    (how) => `引擎进程在运行此请求时终止（${how}）`,
    '等待给出的秒数后重试。如果同一请求再次造成此问题，请连同服务器日志一起报告。',
  ),
  engine_start_failed: words<[how: string, lastWords: string]>(
    (how, lastWords) => `引擎进程没有启动：${how}${lastWords === '' ? '' : `\n${lastWords}`}`,
    '上面几行是该进程自己的输出。元数据损坏的模型可能造成此问题；内存不足也可能。',
  ),
  generation_off: words<[model: string, infers?: boolean]>(
    (model) => `${model} 不生成文本`,
    (model, infers = false) => (infers ? tensorsOnly(model) : '请求嵌入或重排序，或提供能生成文本的模型。'),
  ),
  images_off: words<[model: string]>(
    (model) => `${model} 计算文本的嵌入，不支持图像`,
    '发送文本，或使用两者都支持的模型：CLIP 模型的目录。',
  ),
  inference_failed: words<[why: string]>(
    (why) => `模型无法用这些张量计算：${why}`,
    '与模型导出时的张量对照。',
  ),
  inference_off: words<[model: string]>(
    (model) => `${model} 不接受张量`,
    '语言模型请用对话和嵌入的路由，或提供 ONNX 模型。',
  ),
  invalid_grammar: words<[why: string]>(
    (why) => `语法无法使用：${why}`,
    '写法见 https://github.com/ggml-org/llama.cpp/tree/master/grammars。',
  ),
  invalid_sampling: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 设为 ${expected}，或不写它。`,
  ),
  invalid_token: words<[token: unknown, vocabularySize: number]>(
    (token, vocabularySize) =>
      `${JSON.stringify(token)} 不是此模型的 token；ID 范围是 0 到 ${vocabularySize - 1}`,
    '使用此模型自己的分词器返回的 ID。',
  ),
  kv_cache_too_large: words<[contextLength: number, neededBytes: number, budgetBytes: number]>(
    (contextLength, neededBytes, budgetBytes) =>
      `${contextLength} 个 token 的上下文需要 ${formatBytes(neededBytes)} 存放键和值；只允许 ${formatBytes(budgetBytes)}`,
    '以更小的 contextLength 或更大的 kvCacheBytes 启动服务。',
  ),
  llama_library_missing: words<[packages: readonly string[]]>(
    (packages) => `${packages.join('、')} 都没有安装`,
    '运行 npm install，不要加 --omit=optional。llama.cpp 需要带 glibc 2.34 或更新版本的 Linux、macOS 或 Windows。',
  ),
  llama_library_unusable: words<[path: string, why: string]>(
    (path, why) => `${path} 无法使用：${why}`,
    '运行 npm ci，以安装锁定的版本。',
  ),
  llama_option_invalid: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 设为 ${expected}。`,
  ),
  memory_lock_refused: words<[path: string, why: string]>(
    (path, why) => `无法把 ${path} 的权重锁定在内存中：${why}`,
    '提高锁定内存的上限（`ulimit -l`，systemd 的 LimitMEMLOCK=，容器的 IPC_LOCK 能力），或以 lockMemory false 启动服务。',
  ),
  model_unfit: words<[path: string, why: string, instead: string]>(
    (path, why, _instead) => `无法以这种方式提供 ${path}：${why}`,
    (_path, _why, instead) => instead,
  ),
  model_unusable: words<[path: string, why: string]>(
    (path, why) => `无法提供 ${path}：${why}`,
    '与来源核对文件，重新获取，或使用其他模型。',
  ),
  onnx_model_unusable: words<[path: string, why: string]>(
    (path, why) => `无法提供 ${path}：${why}`,
    '用 onnxruntime 支持的 opset（17 到 22）中的算子和类型重新导出，或升级 onnxruntime-node。',
  ),
  onnx_runtime_missing: words<[]>(
    () => '没有安装 onnxruntime-node',
    '在 hadal 旁运行 npm install onnxruntime-node（若 hadal 是用 -g 安装的，也加 -g）。',
  ),
  onnx_runtime_unusable: words<[why: string]>(
    (why) => `onnxruntime-node 无法使用：${why}`,
    '运行 npm install onnxruntime-node@^1.30.0。它有 Linux、macOS 和 Windows 的二进制文件，在 Linux 上需要 glibc。',
  ),
  queue_full: words<[maxQueue: number]>(
    (maxQueue) => `已有 ${maxQueue} 个请求在等待`,
    '等待给出的秒数后重试，或以更大的 maxQueue 或 maxBatchSize 启动服务。',
  ),
  reranking_off: words<[model: string, infers?: boolean]>(
    (model) => `${model} 没有以重排序方式提供`,
    (model, infers = false) => (infers ? tensorsOnly(model) : '用 --reranking 提供一个重排序模型。'),
  ),
  tensor_invalid: words<[name: string, why: string]>(
    (name, why) => `张量 ${JSON.stringify(name)} ${why}`,
    '按模型要求的输入发送：GET /v2/models/NAME。',
  ),
  tokens_off: words<[model: string]>((model) => `${model} 接受文本和图像，不接受 token`, '直接发送文本。'),
  too_many_vectors: words<[vectors: number, width: number, most: number]>(
    (vectors, width, most) => `回答将含 ${vectors} 个向量，每个 ${width} 个数；总共最多 ${most} 个数`,
    '一次少发一些输入；pooling 为 none 时每个 token 是一个向量。',
  ),
}
