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
  'The name clients use in model.': '客户端在 model 中使用的名称。',
  'from the file name': '取自文件名',
  'Other names of the model.': '模型的其他名称。',
  none: '无',
  'Words that GET /v1/models says of the model; they mean nothing here.':
    'GET /v1/models 中关于模型的说明文字；在这里没有其他含义。',
  'Whether a name that the model does not have means it all the same; else it is answered 404.':
    '模型没有的名称是否也指它；否则返回 404。',
  'Jinja template for chats instead of the model’s own: its source, the path of a file that holds it, or a name that llama.cpp has for it, such as chatml.':
    '代替模型自带模板的对话 Jinja 模板：源码、含源码的文件路径，或 llama.cpp 中的名称，如 chatml。',
  'the model’s own': '模型自带',
  'Longest prompt plus answer of one request.': '单个请求的提示加回答的最大长度。',
  'what the model was trained for, as far as memory allows': '模型训练时的长度，以内存允许为限',
  'Memory for the keys and values of all sequences.': '所有序列的键和值所用的内存。',
  'a quarter of the free memory': '空闲内存的四分之一',
  'Greedy text is the same whether a request runs alone or beside others, where the kernels allow it. Costs speed, most with long prompts.':
    '无论请求单独运行还是与其他请求一起运行，贪心生成的文本都相同（只要核函数允许）。会降低速度，长提示影响最大。',
  'true for a model trained for at most 512 tokens, where it costs little; else false':
    '训练长度不超过 512 个 token 的模型为 true，代价很小；否则为 false',
  'LoRA adapters to serve with the model. Requests that name none use all of them, each with its scale: 1 by default; 0 only loads it.':
    '与模型一起提供的 LoRA 适配器。没有指定适配器的请求会使用全部，各按其缩放：默认为 1；0 表示只加载。',
  'Give embeddings, beside text where the model generates any.':
    '提供嵌入；如果模型能生成文本，则同时提供文本。',
  'How the vectors of a text’s tokens become its embedding: mean, cls (the first), last, or none (all of them).':
    '如何由文本各 token 的向量得到其嵌入：mean、cls（第一个）、last 或 none（全部）。',
  'what the model was trained with; mean where it says nothing': '模型训练时的方式；没有说明时为 mean',
  'Serve a model that has a classification head as a reranker.': '把带分类头的模型作为重排序器提供。',
  'Guess tokens ahead and check several in one computation: auto where it was measured to be faster, on always at full length, off. Texts are distributed as without it.':
    '提前猜测 token，并在一次计算中检验多个：auto 在实测更快时使用，on 始终按最大长度，off 关闭。文本的分布与不使用时相同。',
  'A small model of the same vocabulary that guesses; named as model is. Without one, what was said before is the guess.':
    '负责猜测的同词表小模型；写法与 model 相同。不指定时，以先前的文本作为猜测。',
  'Tokens guessed ahead at most.': '最多提前猜测的 token 数。',
  'CPU threads that compute.': '用于计算的 CPU 线程数。',
  'the physical cores this process may use': '此进程可用的物理核',
  'Engine processes of the model on this machine; auto: as many as the load asks for, from scaling.minReplicas to scaling.maxReplicas. What is said of an engine is said of each; see docs/scale-local.md.':
    '本机上该模型的引擎进程数；auto：按负载在 scaling.minReplicas 与 scaling.maxReplicas 之间调整。对引擎的设置适用于每一个；见 docs/scale-local.md。',
  'Layers kept on a GPU, when the installed library has one.': '所装的库支持 GPU 时，放在 GPU 上的层数。',
  all: '全部',
  'Folder for downloaded models.': '存放下载模型的目录。',
  'none: HTTP': '无：HTTP',
  '$XDG_CACHE_HOME/hadal, or ~/.cache/hadal': '$XDG_CACHE_HOME/hadal，或 ~/.cache/hadal',
  'Never use the network to find a model.': '查找模型时从不使用网络。',
  'Memory for all models together, weights, keys and values: those that were used longest ago are unloaded for others.':
    '所有模型（权重、键和值）合计可用的内存：最久未使用的会被卸载，给其他模型让位。',
  'as much as there is': '有多少用多少',
  'Models that are loaded at the same time, at most.': '最多同时加载的模型数。',
  'any number': '不限',
  'Unload a model when nobody has asked for it for so long.': '模型多久没有人使用就卸载。',
  never: '从不',
  'Address to listen on. Anything but this machine itself needs keys, or allowKeyless.':
    '监听的地址。除本机地址外，都需要密钥或 allowKeyless。',
  'Network:': '网络：',
  'Port to listen on, by default the one llama-server has, too; 0 picks a free one.':
    '监听的端口，默认与 llama-server 相同；0 表示任选空闲端口。',
  'Keys of which clients must send one as Authorization: Bearer. None means everybody is let in.':
    '客户端须以 Authorization: Bearer 发送其中一个密钥。没有密钥表示任何人都可使用。',
  'Origins of web pages that may call, such as https://chat.example; localhost for those of this machine, * for all.':
    '可以调用的网页来源，如 https://chat.example；localhost 表示本机的来源，* 表示全部。',
  'Largest request body.': '请求体的最大大小。',
  'Largest request line with its headers.': '请求行连同请求头的最大大小。',
  'Headers of one request at most.': '单个请求最多的请求头数。',
  'Connections at the same time; idle ones make way, and one more is dropped unanswered.':
    '同时存在的连接数；空闲连接会让位，再多一个则不作回答直接断开。',
  "Keys of those who may use the administrator's routes (docs/security.md lists them), and all others. Without any, only this machine itself may.":
    '可使用管理员路由（docs/security.md 列出）及其他所有路由的密钥。没有设置时，只有本机可以使用。',
  'Security:': '安全：',
  "Port of its own for the administrator's routes, which are then not found at the other one; 0 picks a free one.":
    '管理员路由的单独端口，之后在另一个端口上就找不到它们；0 表示任选空闲端口。',
  'none: they are at port': '无：与 port 相同',
  'Address of adminPort.': 'adminPort 的监听地址。',
  "Whether GET /metrics is an administrator's route, too.": 'GET /metrics 是否也是管理员路由。',
  'Listen where other machines reach it although no key is asked for: whoever reaches the port may use the model.':
    '即使不要求密钥也监听其他机器可达的地址：任何能访问端口的人都可使用模型。',
  'Names by which clients may call a service that listens on this machine only and asks for no key, beside localhost and its addresses; * for all. Other names are refused: a web page could have made them up.':
    '服务只监听本机且不要求密钥时，除 localhost 及其地址外，客户端可以使用的主机名；* 表示全部。其他名称会被拒绝：可能是网页伪造的。',
  'Proxies whose X-Forwarded-For, -Proto and -Host are believed, by address; those of others are ignored.':
    '信任哪些代理（按地址）的 X-Forwarded-For、-Proto 和 -Host；其他来源的会被忽略。',
  'PEM file with the certificate and those between it and the root: the service speaks HTTPS. It is read again when it changes.':
    'PEM 文件，含证书及其到根之间的证书：服务使用 HTTPS。文件变化时重新读取。',
  "PEM file with the certificate's key.": 'PEM 文件，含证书的私钥。',
  'Where keys, their limits and their usage are kept: the path of a SQLite file, or postgres://user@host/name where several gateways share them. Clients must send one of its keys; hadal keys makes them.':
    '保存密钥、限额和用量的位置：SQLite 文件的路径；多个网关共用时为 postgres://user@host/name。客户端必须发送其中一个密钥；用 hadal keys 创建。',
  'none: nobody is counted': '无：不计量',
  'Operation:': '运行：',
  'Folder for usage on its way to the database, of this gateway alone and the same after a restart: what is there outlives a kill.':
    '用量写入数据库之前暂存的目录，为此网关独有，重启后不变：其中的内容在进程被杀后仍在。',
  'beside the SQLite file; with PostgreSQL ~/.local/state/hadal/usage':
    'SQLite 文件旁；使用 PostgreSQL 时为 ~/.local/state/hadal/usage',
  'What is done about prompt attacks, secrets and personal data in what is asked and answered: a preset (default, strict, watch, guide, off), or an object with a preset and what shall be otherwise.':
    '如何处理请求和回答中的提示攻击、机密和个人数据：预设（default、strict、watch、guide、off），或含有预设及不同之处的对象。',
  'Sequences that generate at the same time, in one batch; texts or images that one pass embeds.':
    '同时在一个批次中生成的序列数；或一次计算嵌入的文本或图像数。',
  'Batching:': '批处理：',
  'Tokens computed in one engine step, prompts and new ones together. Smaller bounds the time between tokens; larger reads prompts faster.':
    '引擎一步计算的 token 数，提示和新 token 合计。越小，token 间隔越有保证；越大，读取提示越快。',
  'How long an idle engine waits for more requests to share the first step with. Running sequences are never delayed.':
    '空闲的引擎为了让更多请求共享第一步而等待多久。运行中的序列不会被耽搁。',
  'Requests that may wait for a place in the batch; one more is answered 429.':
    '可以等待批次位置的请求数；再多一个返回 429。',
  'The longest wait for a first token that is promised: who could not have it by then is refused (503) at once, and told when to come back.':
    '承诺的首 token 最长等待时间：无法在此之前得到的请求立即被拒绝（503），并告知何时再来。',
  'none: who is in line waits': '无：排队的就等待',
  'The longest time between two tokens that is promised: prompts are computed in chunks so small, by what steps were measured to take, that those who generate keep it.':
    '承诺的 token 最大间隔：按实测的每步用时把提示分成足够小的块计算，使正在生成的请求不受影响。',
  'none: maxPrefillTokensBesideDecodes alone': '无：只看 maxPrefillTokensBesideDecodes',
  'How long a request waits to count as one priority more urgent, so that none waits for ever.':
    '请求等待多久后按高一级优先级计算，以免一直等待。',
  'What each of apiKeys gets of the engine when all have requests waiting, in their order; 1 where nothing is said.':
    '所有密钥都有请求在等待时，apiKeys 各自占用引擎的份额，按顺序；没有写的为 1。',
  'Start requests with cells for their prompt and a little more, and put some aside when cells run short, instead of reserving what each may come to need.':
    '请求以提示所需加少量 KV 单元启动，单元不足时暂时换出一些请求，而不是预留可能需要的全部。',
  'Memory beside the KV cache for sequences that were put aside and beginnings that left it; 0 keeps none.':
    'KV 缓存之外，供换出的序列和离开缓存的前缀使用的内存；0 表示不保留。',
  'an eighth of the free memory, 1 GiB at most': '空闲内存的八分之一，最多 1 GiB',
  'Folder where beginnings that many requests share, such as system prompts, are kept on disk: a start with the same model and settings begins with them.':
    '在磁盘上保存许多请求共享的前缀（如系统提示）的目录：以相同模型和设置启动时会先载入它们。',
  'none is kept on disk': '不保存到磁盘',
  'Adjust maxBatchSize, maxPrefillTokensBesideDecodes and timeoutMicros while serving, within what the service was started with, for sloTtftMillis (500 ms where nothing is said) and sloItlMillis. Each change is logged with its reason, and taken back where it makes things worse.':
    '服务期间在启动时的范围内调整 maxBatchSize、maxPrefillTokensBesideDecodes 和 timeoutMicros，以满足 sloTtftMillis（没有写时为 500 毫秒）和 sloItlMillis。每次更改连同原因写入日志，变差时撤销。',
  'How long the engine may have work and say nothing before it is taken for hung and started again; a large model gets more.':
    '引擎有任务却没有动静，多久后视为挂起并重新启动；大模型会得到更长时间。',
  'Of requests that say nothing, as all of this group: how random the choice of tokens is; 0 always takes the likeliest.':
    '本组都针对没有说明的请求：选择 token 的随机程度；0 总是取最可能的。',
  'Requests:': '请求：',
  'Only so many of the likeliest tokens can be chosen; 0 turns it off.':
    '只从这么多个最可能的 token 中选择；0 为关闭。',
  'Only the likeliest tokens that make up this probability can be chosen; 1 turns it off.':
    '只从累计概率达到该值的最可能 token 中选择；1 为关闭。',
  'Only tokens can be chosen that are at least so likely, relative to the likeliest; 0 turns it off.':
    '只从相对于最可能 token 的概率不低于该值的 token 中选择；0 为关闭。',
  'How much less likely tokens become that came before; 1 turns it off.':
    '出现过的 token 的可能性降低多少；1 为关闭。',
  'What is taken from the logits of tokens that came before.': '从出现过的 token 的 logits 中减去的值。',
  'The same for each time they came.': '同上，按出现次数累加。',
  'Where chance begins: requests with the same seed get the same text.':
    '随机数的起点：随机种子相同的请求得到相同的文本。',
  'a fresh one for each request': '每个请求重新生成',
  'Longest answer of requests that do not say how long it may be.': '没有说明长度的请求的最大回答长度。',
  'what the API or the context allows': '以 API 或上下文允许为限',
  'Whether a model that can do either thinks before it answers.':
    '既能思考也能直接回答的模型是否先思考再回答。',
  'as the template has it': '按模板',
  'Tokens of thought before an answer, at most; then the answer has to begin.':
    '回答之前最多思考的 token 数；之后必须开始回答。',
  'no limit': '不限制',
  'How hard a model thinks whose template knows efforts.': '模板支持思考强度的模型思考多深入。',
  'Answers of chats say what the model was given, in llama-server’s __verbose.':
    '对话的回答在 llama-server 的 __verbose 中说明模型收到了什么。',
  'Refuse requests with fields that are not known here, instead of naming them in a header.':
    '拒绝含有未知字段的请求，而不是在响应头中列出它们。',
  'Compute a short request before GET /ready says yes, so that the first one finds everything at hand.':
    'GET /ready 就绪之前先计算一个短请求，使第一个请求无需等待准备工作。',
  'Start:': '启动：',
  'Keep the weights in memory, never paged out. Where the system does not allow it, the service does not start.':
    '把权重留在内存中，从不换出。系统不允许时服务不会启动。',
  'Map the model’s file, so that processes share it, instead of reading it into memory of their own.':
    '映射模型文件，使各进程共享，而不是读入各自的内存。',
  'true where every device can use a mapped file': '所有设备都能使用映射文件时为 true',
  'Keep a second engine process loaded that takes over when the first one dies. It has keys and values of its own: twice the memory for them.':
    '另外保持一个已加载的引擎进程，第一个终止时接替。它有自己的键和值：内存加倍。',
  'Whether an NVIDIA GPU may run recorded graphs of its kernels.': 'NVIDIA GPU 是否可以运行录制的核函数图。',
  'as the CUDA backend decides': '由 CUDA 后端决定',
  'Whether the server has a web page at /: a playground, and what administrators look at.':
    '服务器在 / 是否有网页：试用页面，以及管理员查看的内容。',
  'Whether GET /slots says what is being generated.': 'GET /slots 是否显示正在生成的内容。',
  'Clients may load and unload LoRA adapters: every client can then read the files that this process can.':
    '客户端可以加载和卸载 LoRA 适配器：那时每个客户端都能读取此进程可读的文件。',
  'How long running requests may go on after SIGTERM.': '收到 SIGTERM 后，运行中的请求还可以继续多久。',
  'Least severe log line that is printed.': '打印的日志的最低级别。',
  'Folders in which, or below which, training runs are: administrators see them in the console.':
    '训练任务所在（或其上层）的目录：管理员可在控制台中看到它们。',
  'A line in the log for each request: who asked, what it cost, how it ended. As text among the other lines, as a JSON object, or none.':
    '每个请求在日志中占一行：谁请求的、用量、如何结束。与其他行一样用文本，或用 JSON 对象，或不写。',
  'Lines of the log as text, or each as a JSON object.': '日志行用文本，或每行一个 JSON 对象。',
  'What clients ask stands in JSON access lines and in traces, too. Without it no prompt is ever written down.':
    'JSON 访问日志和跟踪中也写入客户端的请求内容。不设置时从不记录提示。',
  'Collector of OpenTelemetry that gets a trace of each request, over OTLP/HTTP; /v1/traces is appended.':
    '接收每个请求跟踪的 OpenTelemetry 收集器，使用 OTLP/HTTP；会追加 /v1/traces。',
  'that of OTEL_EXPORTER_OTLP_ENDPOINT; without either nothing is traced':
    '取自 OTEL_EXPORTER_OTLP_ENDPOINT；两者都没有时不跟踪',
  'Share of requests that are traced, 0 to 1. A client that traces decides for its own.':
    '被跟踪的请求比例，0 到 1。自带跟踪的客户端由它自己决定。',
  'Read the config file again when it, or a file that it imports, changes; SIGHUP always does (docs/reload.md).':
    '配置文件或其导入的文件变化时重新读取；SIGHUP 总会触发（docs/reload.md）。',
  'Every flag is also a config key and a HADAL_* variable: docs/config.md.':
    '每个选项也是配置文件的一个键和一个 HADAL_* 变量：docs/config.md 中有全部。',
}
