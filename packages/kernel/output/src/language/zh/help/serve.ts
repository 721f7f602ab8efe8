/** Help in Chinese: of serve, which is that of the settings of a service. */

import type { Texts } from '../../words.ts'

export const serveHelp: Texts = {
  'Serve a model over an OpenAI-compatible API.': '通过兼容 OpenAI 的 API 提供模型。',
  'config file': '配置文件',
  'hadal.config.ts, .mts, .js, .mjs or .json, if present':
    'hadal.config.ts、.mts、.js、.mjs 或 .json（如果有）',
  'The model to serve: nano or nano-deepseek (bundled), a path to a GGUF file, to an ONNX model or to the folder of a CLIP model, hf:owner/repo:quant, or an https URL.':
    '要提供的模型：nano 或 nano-deepseek（自带），GGUF 文件、ONNX 模型或 CLIP 模型目录的路径，hf:owner/repo:quant，或 https 网址。',
  'Model:': '模型：',
  'Model id that clients send in model.': '客户端在 model 中使用的名称。',
  'from the file name': '取自文件名',
  'Aliases of the model.': '模型的其他名称。',
  none: '无',
  'Tags reported by GET /v1/models; they have no other effect.':
    'GET /v1/models 中关于模型的说明文字；在这里没有其他含义。',
  'Accept any model name in requests; if false, unknown names get 404.':
    '模型没有的名称是否也指它；否则返回 404。',
  'Chat template instead of the model’s own: Jinja source, a file path, or a llama.cpp template name such as chatml.':
    '代替模型自带模板的对话 Jinja 模板：源码、含源码的文件路径，或 llama.cpp 中的名称，如 chatml。',
  'the model’s own': '模型自带',
  'Maximum prompt plus completion length of a request.': '单个请求的提示加回答的最大长度。',
  'the model’s training context, limited by memory': '模型训练时的长度，以内存允许为限',
  'KV cache size for all sequences.': '所有序列的键和值所用的内存。',
  'a quarter of the free memory': '空闲内存的四分之一',
  'Make greedy output independent of the batch where the kernels allow it. Slower, mostly with long prompts.':
    '无论请求单独运行还是与其他请求一起运行，贪心生成的文本都相同（只要核函数允许）。会降低速度，长提示影响最大。',
  'true for models with a training context of at most 512 tokens, otherwise false':
    '训练长度不超过 512 个 token 的模型为 true，代价很小；否则为 false',
  'LoRA adapters to load. Requests that select none use all of them with their scales (default 1); scale 0 only loads the adapter.':
    '与模型一起提供的 LoRA 适配器。没有指定适配器的请求会使用全部，各按其缩放：默认为 1；0 表示只加载。',
  'Enable embeddings, in addition to text generation if supported.':
    '提供嵌入；如果模型能生成文本，则同时提供文本。',
  'Pooling of token vectors into an embedding: mean, cls (the first token), last, or none (all token vectors).':
    '如何由文本各 token 的向量得到其嵌入：mean、cls（第一个）、last 或 none（全部）。',
  'from the model’s metadata, otherwise mean': '模型训练时的方式；没有说明时为 mean',
  'Serve a model with a classification head as a reranker.': '把带分类头的模型作为重排序器提供。',
  'Speculative decoding: auto (where measured to be faster), on (always at full length) or off. The output distribution is unchanged.':
    '提前猜测 token，并在一次计算中检验多个：auto 在实测更快时使用，on 始终按最大长度，off 关闭。文本的分布与不使用时相同。',
  'Draft model with the same vocabulary, written like model. Without one, drafts come from earlier text (prompt lookup).':
    '负责猜测的同词表小模型；写法与 model 相同。不指定时，以先前的文本作为猜测。',
  'Maximum number of draft tokens.': '最多提前猜测的 token 数。',
  'Number of CPU compute threads.': '用于计算的 CPU 线程数。',
  'the physical cores available to the process': '此进程可用的物理核',
  'Number of engine processes on this machine, or auto to scale with the load from scaling.minReplicas to scaling.maxReplicas. Engine settings apply to each process; see docs/scale-local.md.':
    '本机上该模型的引擎进程数；auto：按负载在 scaling.minReplicas 与 scaling.maxReplicas 之间调整。对引擎的设置适用于每一个；见 docs/scale-local.md。',
  'Number of layers to offload to the GPU, if the installed library supports one.':
    '所装的库支持 GPU 时，放在 GPU 上的层数。',
  all: '全部',
  'Download folder for models.': '存放下载模型的目录。',
  'none: HTTP': '无：HTTP',
  '$XDG_CACHE_HOME/hadal, or ~/.cache/hadal': '$XDG_CACHE_HOME/hadal，或 ~/.cache/hadal',
  'Never download models.': '查找模型时从不使用网络。',
  'Memory for all models (weights and KV cache). The least recently used models are unloaded.':
    '所有模型（权重、键和值）合计可用的内存：最久未使用的会被卸载，给其他模型让位。',
  'all available memory': '有多少用多少',
  'Maximum number of loaded models.': '最多同时加载的模型数。',
  'no limit on the number': '不限',
  'Unload a model after this idle time.': '模型多久没有人使用就卸载。',
  never: '从不',
  'Address to listen on. Addresses other than loopback require keys or allowKeyless.':
    '监听的地址。除本机地址外，都需要密钥或 allowKeyless。',
  'Network:': '网络：',
  'Port to listen on, by default the same as llama-server; 0 picks a free port.':
    '监听的端口，默认与 llama-server 相同；0 表示任选空闲端口。',
  'API keys. Clients must send one as Authorization: Bearer. Without any, no authentication is required.':
    '客户端须以 Authorization: Bearer 发送其中一个密钥。没有密钥表示任何人都可使用。',
  'Allowed CORS origins, such as https://chat.example; localhost for this machine, * for all.':
    '可以调用的网页来源，如 https://chat.example；localhost 表示本机的来源，* 表示全部。',
  'Maximum request body size.': '请求体的最大大小。',
  'Maximum size of the request line and headers.': '请求行连同请求头的最大大小。',
  'Maximum number of headers per request.': '单个请求最多的请求头数。',
  'Maximum memory of the request bodies of all clients together. Further bodies are refused with 503, those that have been arriving longest first.':
    '所有客户端的请求体合计占用的最大内存。超出的请求体以 503 拒绝，接收时间最长的先被拒绝。',
  'Maximum number of connections with a request; more requests are refused with 503. When too many are open, those that have waited longest for a request are closed. Lowered to what the limit of open files allows.':
    '正在处理请求的连接的最大数量；更多的请求以 503 拒绝。打开的连接过多时，等待请求最久的先关闭。不超过打开文件数上限所允许的数量。',
  'Keys with access to all routes, including admin routes (see docs/security.md). Without any, admin routes are limited to loopback.':
    '可使用管理员路由（docs/security.md 列出）及其他所有路由的密钥。没有设置时，只有本机可以使用。',
  'Security:': '安全：',
  'Separate port for admin routes, which are then not available on the main port; 0 picks a free port.':
    '管理员路由的单独端口，之后在另一个端口上就找不到它们；0 表示任选空闲端口。',
  'none: admin routes use port': '无：与 port 相同',
  'Address for adminPort.': 'adminPort 的监听地址。',
  'Make GET /metrics an admin route.': 'GET /metrics 是否也是管理员路由。',
  'Allow listening on non-loopback addresses without keys: anyone who can reach the port can use the model.':
    '即使不要求密钥也监听其他机器可达的地址：任何能访问端口的人都可使用模型。',
  'Additional host names accepted by a keyless loopback service, in addition to localhost; * for all. Other names are rejected to prevent DNS rebinding.':
    '服务只监听本机且不要求密钥时，除 localhost 及其地址外，客户端可以使用的主机名；* 表示全部。其他名称会被拒绝：可能是网页伪造的。',
  'Addresses of proxies whose X-Forwarded-For, -Proto and -Host headers are trusted; others are ignored.':
    '信任哪些代理（按地址）的 X-Forwarded-For、-Proto 和 -Host；其他来源的会被忽略。',
  'PEM file with the certificate chain. Enables HTTPS. Reloaded when it changes.':
    'PEM 文件，含证书及其到根之间的证书：服务使用 HTTPS。文件变化时重新读取。',
  'PEM file with the certificate’s private key.': 'PEM 文件，含证书的私钥。',
  'Database for keys, limits and usage: a SQLite file, or postgres://user@host/name to share between gateways. Clients must send one of its keys; create keys with hadal keys.':
    '保存密钥、限额和用量的位置：SQLite 文件的路径；多个网关共用时为 postgres://user@host/name。客户端必须发送其中一个密钥；用 hadal keys 创建。',
  'none: usage is not recorded': '无：不计量',
  'Operation:': '运行：',
  'Journal folder for usage not yet in the database; survives a kill. Must be exclusive to this gateway and persistent.':
    '用量写入数据库之前暂存的目录，为此网关独有，重启后不变：其中的内容在进程被杀后仍在。',
  'next to the SQLite file; with PostgreSQL ~/.local/state/hadal/usage':
    'SQLite 文件旁；使用 PostgreSQL 时为 ~/.local/state/hadal/usage',
  'Policy for prompt attacks, secrets and personal data in requests and responses: a preset (default, strict, watch, guide, off), or an object with a preset and overrides.':
    '如何处理请求和回答中的提示攻击、机密和个人数据：预设（default、strict、watch、guide、off），或含有预设及不同之处的对象。',
  'Maximum number of sequences per batch, or of texts or images per embedding pass.':
    '同时在一个批次中生成的序列数；或一次计算嵌入的文本或图像数。',
  'Batching:': '批处理：',
  'Maximum number of tokens per engine step, prompt and decode tokens together. Smaller values reduce inter-token latency; larger ones speed up prefill.':
    '引擎一步计算的 token 数，提示和新 token 合计。越小，token 间隔越有保证；越大，读取提示越快。',
  'How long an idle engine waits for more requests before its first step. Running sequences are never delayed.':
    '空闲的引擎为了让更多请求共享第一步而等待多久。运行中的序列不会被耽搁。',
  'Maximum number of queued requests; further ones get 429.': '可以等待批次位置的请求数；再多一个返回 429。',
  'SLO for time to first token. Requests that cannot meet it are rejected with 503 and Retry-After.':
    '承诺的首 token 最长等待时间：无法在此之前得到的请求立即被拒绝（503），并告知何时再来。',
  'none: queued requests wait indefinitely': '无：排队的就等待',
  'SLO for inter-token latency. Prefill chunks are sized from measured step times to meet it.':
    '承诺的 token 最大间隔：按实测的每步用时把提示分成足够小的块计算，使正在生成的请求不受影响。',
  'none: only maxPrefillTokensWhileDecoding applies': '无：只看 maxPrefillTokensWhileDecoding',
  'Waiting time that raises a request’s priority by one level, to prevent starvation.':
    '请求等待多久后按高一级优先级计算，以免一直等待。',
  'Engine share of each of apiKeys under contention, in the same order; 1 if unset.':
    '所有密钥都有请求在等待时，apiKeys 各自占用引擎的份额，按顺序；没有写的为 1。',
  'Allocate KV cells on demand and preempt requests when cells run short, instead of reserving the maximum for each request.':
    '请求以提示所需加少量 KV 单元启动，单元不足时暂时换出一些请求，而不是预留可能需要的全部。',
  'Host memory for preempted sequences and evicted prefixes; 0 disables it.':
    'KV 缓存之外，供换出的序列和离开缓存的前缀使用的内存；0 表示不保留。',
  'an eighth of the free memory, up to 1 GiB': '空闲内存的八分之一，最多 1 GiB',
  'Folder for hot prefixes such as system prompts. They are restored at startup with the same model and settings.':
    '在磁盘上保存许多请求共享的前缀（如系统提示）的目录：以相同模型和设置启动时会先载入它们。',
  'none are saved to disk': '不保存到磁盘',
  'Tune maxBatchSize, maxPrefillTokensWhileDecoding and timeoutMicros while serving, up to their initial values, to meet sloTtftMillis (default 500 ms) and sloItlMillis. Changes are logged with a reason, and reverted if they make things worse.':
    '服务期间在启动时的范围内调整 maxBatchSize、maxPrefillTokensWhileDecoding 和 timeoutMicros，以满足 sloTtftMillis（没有写时为 500 毫秒）和 sloItlMillis。每次更改连同原因写入日志，变差时撤销。',
  'How long a busy engine may stay silent before it is considered hung and restarted; longer for large models.':
    '引擎有任务却没有动静，多久后视为挂起并重新启动；大模型会得到更长时间。',
  'Default sampling temperature; 0 is greedy. Like all settings of this group, requests can override it.':
    '本组都针对没有说明的请求：选择 token 的随机程度；0 总是取最可能的。',
  'Requests:': '请求：',
  'Default top-k sampling: the number of most likely tokens to sample from; 0 disables it.':
    '只从这么多个最可能的 token 中选择；0 为关闭。',
  'Default top-p (nucleus) sampling: the cumulative probability to sample from; 1 disables it.':
    '只从累计概率达到该值的最可能 token 中选择；1 为关闭。',
  'Default min-p sampling: the minimum probability relative to the most likely token; 0 disables it.':
    '只从相对于最可能 token 的概率不低于该值的 token 中选择；0 为关闭。',
  'Default repetition penalty for earlier tokens; 1 disables it.':
    '出现过的 token 的可能性降低多少；1 为关闭。',
  'Default presence penalty, subtracted from the logits of earlier tokens.':
    '从出现过的 token 的 logits 中减去的值。',
  'Default frequency penalty, subtracted once per earlier occurrence.': '同上，按出现次数累加。',
  'Random seed. Requests with the same seed produce the same text.':
    '随机数的起点：随机种子相同的请求得到相同的文本。',
  'a new seed for each request': '每个请求重新生成',
  'Default maximum number of completion tokens.': '没有说明长度的请求的最大回答长度。',
  'the limit of the API or the context': '以 API 或上下文允许为限',
  'Default for thinking before the response, in models that support both modes.':
    '既能思考也能直接回答的模型是否先思考再回答。',
  'from the template': '按模板',
  'Maximum number of thinking tokens before the response.': '回答之前最多思考的 token 数；之后必须开始回答。',
  'no limit': '不限制',
  'Reasoning effort, for templates that support it.': '模板支持思考强度的模型思考多深入。',
  'Include the rendered prompt in chat responses, in llama-server’s __verbose field.':
    '对话的回答在 llama-server 的 __verbose 中说明模型收到了什么。',
  'Reject requests with unknown fields instead of reporting them in a header.':
    '拒绝含有未知字段的请求，而不是在响应头中列出它们。',
  'Run a warm-up request before GET /ready succeeds.':
    'GET /ready 就绪之前先计算一个短请求，使第一个请求无需等待准备工作。',
  'Start:': '启动：',
  'Lock the weights in memory. The service does not start if the system does not allow it.':
    '把权重留在内存中，从不换出。系统不允许时服务不会启动。',
  'Memory-map the model file so that processes share it, instead of reading it into private memory.':
    '映射模型文件，使各进程共享，而不是读入各自的内存。',
  'true if all devices support mapped files': '所有设备都能使用映射文件时为 true',
  'Keep a standby engine process that takes over on a crash. It doubles the memory for the KV cache.':
    '另外保持一个已加载的引擎进程，第一个终止时接替。它有自己的键和值：内存加倍。',
  'Allow CUDA graphs on NVIDIA GPUs.': 'NVIDIA GPU 是否可以运行录制的核函数图。',
  'decided by the CUDA backend': '由 CUDA 后端决定',
  'Serve the web console at /, with a playground and admin pages.':
    '服务器在 / 是否有网页：试用页面，以及管理员查看的内容。',
  'Serve GET /slots, which shows running generations.': 'GET /slots 是否显示正在生成的内容。',
  'Allow clients to load and unload LoRA adapters. Every client can then read any file this process can read.':
    '客户端可以加载和卸载 LoRA 适配器：那时每个客户端都能读取此进程可读的文件。',
  'Time for running requests to finish after SIGTERM.': '收到 SIGTERM 后，运行中的请求还可以继续多久。',
  'Minimum severity of log lines.': '打印的日志的最低级别。',
  'Folders searched for training runs to show in the console to administrators.':
    '训练任务所在（或其上层）的目录：管理员可在控制台中看到它们。',
  'Access log with one line per request (client, cost, outcome): as text, as JSON, or none.':
    '每个请求在日志中占一行：谁请求的、用量、如何结束。与其他行一样用文本，或用 JSON 对象，或不写。',
  'Format of log lines: text or JSON.': '日志行用文本，或每行一个 JSON 对象。',
  'Include prompts in JSON access logs and traces. Otherwise prompts are never recorded.':
    'JSON 访问日志和跟踪中也写入客户端的请求内容。不设置时从不记录提示。',
  'OpenTelemetry collector for request traces, over OTLP/HTTP; /v1/traces is appended.':
    '接收每个请求跟踪的 OpenTelemetry 收集器，使用 OTLP/HTTP；会追加 /v1/traces。',
  'OTEL_EXPORTER_OTLP_ENDPOINT; without either, tracing is off':
    '取自 OTEL_EXPORTER_OTLP_ENDPOINT；两者都没有时不跟踪',
  'Share of requests to trace, 0 to 1. Clients that send a trace context decide for themselves.':
    '被跟踪的请求比例，0 到 1。自带跟踪的客户端由它自己决定。',
  'Reload the config file when it or a file it imports changes; SIGHUP always reloads (docs/reload.md).':
    '配置文件或其导入的文件变化时重新读取；SIGHUP 总会触发（docs/reload.md）。',
  'Every flag is also a config key and a HADAL_* variable: docs/config.md.':
    '每个选项也是配置文件的一个键和一个 HADAL_* 变量：docs/config.md 中有全部。',
}
