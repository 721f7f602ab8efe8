/** What the checks of the doctor say: server, in Chinese. */

import type { Texts } from '../../words.ts'

export const doctorServerMade: Texts = {
  'no running server was given (--url)': '没有指定运行中的服务器（--url）',
  'Read the server log, or let `hadal doctor explain` analyze it.': '查看服务器的日志，并用 explain 解释。',
  'Pass a key of this server with --key-file.': '给 doctor 一个此服务器的密钥。',
  'it does not respond: {0}': '它没有回答：{0}',
  'Check that it runs, that the address is correct, and that no firewall blocks it. A server that accepts connections but does not respond hangs: its log shows where.':
    '看看它是否在运行，地址是否正确，中间有没有防火墙。接受连接却不说话的服务器已挂起：日志会说明位置。',
  'it responds': '能回答',
  'its model is not loaded{0}': '模型没有加载{0}',
  'Wait for it to load. If it does not, check the server log.': '等待加载；如果一直没有，日志会说明原因。',
  'it responds, but /health returns status {0}{1}': '能回答，/health 的状态为 {0}{1}',
  '(unknown route)': '，它不认识该路径',
  "Check whether this is the server's own address or that of a proxy in front of it.":
    '看看这是服务器自己的地址，还是前面另一个的。',
  'it accepts requests': '接收请求',
  'this server does not report readiness': '此服务器没有说明是否就绪',
  'its readiness is unknown: {0}': '不知道是否就绪：{0}',
  'it is shutting down: it finishes running requests and accepts no new ones':
    '正在结束：回答已有的请求，不接收新的',
  'it accepts no requests: a required model is not loaded': '不接收请求：必须存在的模型不在',
  'Use another replica. If the shutdown is unexpected, its log shows the cause.':
    '请求其他服务器。如果没有人要它结束，日志会说明是谁。',
  'it lists its models only to clients with a key': '只对有密钥的人列出模型',
  'its model list could not be read{0}': '无法读取模型列表{0}',
  'Check its response.': '看看它回答什么。',
  'it serves no model': '没有模型',
  'Set `model` or `models` in its config.': '在配置中指定（`models`），或用 `model`。',
  'it has {0}': '有 {0}',
  'it has {0} models': '有 {0} 个模型',
  '{0}: no replica is healthy': '{0}：没有正常的副本',
  '{0} could not be loaded': '无法加载 {0}',
  ', and would start in about {0} s': '，大约 {0} 秒后可用',
  'The next request starts it. If that takes too long, keep one engine: scaling.minReplicas 1.':
    '下一个请求会唤醒它。如果太慢，保留一个引擎：scaling.minReplicas 1。',
  '{0} is being loaded': '正在加载 {0}',
  'Wait, then check again.': '等待，然后再看。',
  'a model without a name': '没有名称的模型',
  'its metrics need an admin key (privateMetrics): they are not checked':
    '指标需要管理员密钥（privateMetrics）：没有检查任何数字',
  'it has no metrics: they are not checked': '没有指标：没有检查任何数字',
  'Start llama-server with --metrics, or SGLang with --enable-metrics.':
    'llama-server 和 SGLang 以 --metrics 或 --enable-metrics 启动时才有。',
  'its metrics could not be read{0}': '无法读取指标{0}',
  ': no line is in Prometheus format': '：没有一行是 Prometheus 格式',
  'another server': '另一个服务器',
  'another process responded a moment later: the server restarted, or several servers share this address':
    '片刻之后是另一个进程在回答：它重新启动了，或此地址后有多个',
  'With several servers, check each by its own address. With only one, its log shows how it ended.':
    '有多个时逐个询问：一个的数字不代表全部。如果只有一个，日志说明它如何结束。',
  '{0} of {1} models are not checked: there are too many': '{1} 个模型中有 {0} 个没有判断：太多',
  'Check each server separately.': '逐个询问各自负责一部分的服务器。',
  'its metrics were truncated after {0} series: the rest is not checked':
    '指标在 {0} 个序列后被截断：其后的没有检查',
  'Use fewer models or replicas per server to reduce the number of series.':
    '一个服务器后面的模型或副本少，序列就少。',
  '{0} series of {1}': '{1} 的 {0} 个序列',
  Answers: '响应',
  Ready: '就绪',
  Models: '模型',
  Metrics: '指标',
  'its batches': '批次',
  '{0}{1} steps so far, too few to evaluate': '{0}目前只有 {1} 步，不足以判断',
  'since it started': '自启动以来',
  ' of at most {0}': '，最多 {0}',
  '{0}batches average {1}{2} sequences ({3})': '{0}批次平均 {1}{2} 个序列（{3}）',
  'mean sequences of a step: {0}': '每步平均序列数：{0}',
  '{0}, and {1} requests are queued: the KV cache is {2} full, so no more fit':
    '{0}，{1} 在等待：键和值已占 {2}，放不下更多',
  '{0}: batches are full, and {1} requests are queued': '{0}：已满，{1} 在等待',
  'Raise {0}: the KV cache is only {1} full. Otherwise, run more engines.':
    '提高 {0}：键和值占 {1}，还有空间。否则运行更多引擎。',
  '{0}, but {1} requests are queued': '{0}，仍有 {1} 在等待',
  'A recent burst causes this, as do long prompts, which are prefilled in small chunks while others decode: raise {0}.':
    '刚到的突发会如此，长提示也会（与其他请求并行时每次只读少量 token）：提高 {0}。',
  '{0}: requests arrive one at a time, so the weights are read for each one separately':
    '{0}：请求逐个到来，每个都要单独读取权重',
  'This is not an error. Concurrent requests cost little more: send requests in parallel, or run fewer engines (scaling.minReplicas, deploy.replicas). {0} has no effect while the queue is empty.':
    '逐个并没有错。同时更多几乎不增加代价：并行发送请求而不是一个接一个，或减少引擎（scaling.minReplicas、deploy.replicas）。没有人等待时 {0} 不起作用。',
  'Free KV cache: raise {0} if memory is left, lower {1} or max_tokens, use a smaller quantization, or run more engines.':
    '腾出空间：内存有余时提高 {0}，降低 {1} 或 max_tokens，使用更小的量化，或运行更多引擎。',
  'its KV cache': '键和值',
  '{0}the KV cache is {1} full': '{0}键和值已占 {1}',
  '{0}it reports a KV cache that is {1} full, which is impossible': '{0}说键和值已占 {1}，不可能如此',
  'This address may sum several engines. Check one of them.': '此地址后可能把几个引擎相加：只问其中一个。',
  '{0}, and {1} {2} preempted a moment ago': '{0}，刚才 {1} 个{2}换出',
  'sequence was': '序列被',
  'sequences were': '序列被',
  '{0}: the next long prompt will be queued': '{0}：下一个长提示要等待',
  '{0}: little is free for more requests': '{0}：余量不多',
  preemptions: '换出的序列',
  '{0}{1} {2} preempted, of {3} finished': '{0}{1} 个{2}换出，共结束 {3} 个',
  '{0}: each must be recomputed': '{0}：每个都要重新读取',
  '{0} A smaller {1} reduces preemptions.': '{0} 更小的 {1} 可避免运行中的请求互相挤出。',
  'its prefix cache': '保留的前缀',
  '{0}prefix-cache hit rate {1} of prompt tokens': '{0}{1} 的提示 token 命中缓存',
  'If prompts share a prefix (instructions, documents, earlier messages), put the variable parts last: a date or an id at the front prevents hits. Behind a gateway, prefix routing sends a conversation to the replica that holds its prefix; hostCacheBytes keeps more prefixes.':
    '提示有共同开头（指令、文档、此前的对话）时，把不同的部分放在最后：开头的日期或 ID 会使每个都是新的。在网关之后，prefix 路由会把对话送到保留其开头的地方；hostCacheBytes 可保留更多。',
  Batches: '批次',
  'KV cache': '键和值',
  Preemptions: '换出的序列',
  'Prefix cache': '前缀缓存',
  'Its log shows how the engine ended each time.': '日志说明引擎每次如何结束。',
  'local engines': '自己的引擎',
  '{0}its engine accepts no requests{1}': '{0}引擎不接收请求{1}',
  ' and was restarted {0}': '，且重新启动了 {0}',
  '{0}its engine crashed a moment ago and was restarted ({1} in total)':
    '{0}引擎刚才结束并重新启动（共 {1}）',
  '{0}its engine was restarted {1} since the server started': '{0}自服务器启动以来引擎重新启动了 {1}',
  '{0}its engine has not restarted since the server started': '{0}引擎自服务器启动以来一直运行',
  'Most time goes into reading weights. Use a faster volume, keep the weights in the page cache, or use a smaller quantization.':
    '权重从磁盘读取：更快的卷、页缓存中的权重或更小的量化有用。',
  'Most time goes into the warm-up pass, which runs once before the first request.':
    '第一次计算在有人等待之前做一次。',
  'Most time goes into loading libraries. Pre-pull the image, and use a local disk.':
    '库从磁盘读取：节点上已有的镜像和本地磁盘有用。',
  'Most time goes into allocating the KV cache. Lower kvCacheBytes.':
    '为键和值分配内存：更小的 kvCacheBytes 用时更少。',
  'Most time goes into restoring prefixes from snapshotDir or computing them.':
    '前缀从 snapshotDir 读取，或重新计算。',
  'its startup time': '如何启动',
  ', {0} of it {1}': '，其中 {0} {1}',
  '{0}its engine took {1} to start{2}': '{0}引擎启动用时 {1}{2}',
  '{0} See docs/coldstart.md.': '{0} 见 docs/coldstart.md。',
  'The startup phases show where the time goes.': '启动的各部分说明时间用在哪里。',
  'upstream replicas': '其他服务器中的副本',
  '{0} (circuit open)': '{0}（熔断器断开）',
  '{0}{1} of {2} replicas are healthy': '{0}{2} 个副本中 {1} 个正常',
  '{0}no replica was found': '{0}没有已知的副本',
  '{0}, and none accepts requests': '{0}，没有一个接收请求',
  '; the circuit breaker of {0} is open': '；{0} 失败太多，现在不向其发送',
  'Check the health of each replica. A wrong healthPath makes a replica look down.':
    '逐个询问状态。服务器没有的 healthPath 看起来像已停止。',
  ', likely to be ready {0} from then': '，大约 {0} 后可用',
  '{0}is scaled to zero until the next request{1}': '{0}休眠，直到有人请求{1}',
  'If that takes too long, set scaling.minReplicas to 1 to keep one engine.':
    '如果太慢，scaling.minReplicas 1 保留一个引擎。',
  '{0}is starting for {1} {2}{3}': '{0}为 {1} {2}唤醒{3}',
  ', and takes longer than the last time': '，比上次用时更长',
  ' from then': ' 从那时起',
  ' from now': ' 从现在起',
  'Check the autoscaler and the cluster for why the engine is not ready yet.':
    '是否请求了引擎、为什么没有来，由自动伸缩器和集群说明。',
  '{0}{1} of {2} replicas {3} more than {4} % of their requests although they are healthy':
    '{0}{2} 个副本中有 {1} 个 {3} 在超过 {4} % 的请求上，尽管它们正常',
  Engine: '引擎',
  Start: '启动',
  Replicas: '副本',
  'docs/errors.md explains each code and its fix. The log has each failed request.':
    'docs/errors.md 说明各代码的含义和办法；日志有每一例。',
  'this server does not report {0}': '此服务器没有{0}的数据',
  '{0} {1} so far, {2} failed': '目前 {0} 个{1}，{2} 个失败',
  '{0} of {1} requests failed (5xx)': '{1} 个请求中有 {0} 个失败（5xx）',
  '{0}: above the {1} that slo.availability allows': '{0}：超过 slo.availability 允许的 {1}',
  'failed requests': '失败的请求',
  '{0} of {1} requests were rejected (429, 503)': '{1} 个请求中有 {0} 个被拒绝（429、503）',
  'none of {0} requests was rejected': '{0} 个请求都没有被拒绝',
  'For queue_full, upstream_busy and deadline_unmet, add engines or slots. For rate_limited, concurrency_limited and budget_exhausted, change the limits of the key with `hadal keys`.':
    'queue_full、upstream_busy 和 deadline_unmet 需要更多引擎或位置；rate_limited、concurrency_limited 和 budget_exhausted 是密钥的限额，用 `hadal keys` 修改。',
  'rejected requests': '被拒绝的请求',
  'client disconnects': '离开的客户端',
  '{0}clients disconnected before the end of {1} of {2} sequences': '{0}{2} 个序列中有 {1} 个在结束前被放弃',
  'Clients give up, or a proxy times out. Compare the proxy timeout with the response times here, use streaming, and check the latency findings above.':
    '客户端放弃，或中间的代理切断：把它的时限与这里的回答用时对照，让客户端使用流式输出，并看看上面关于延迟的说明。',
  'guard checks failed or timed out: {0}': '防护的检查失败或用时过长：{0}',
  'The policy decides whether such texts pass or are blocked. The log has the exceptions.':
    '策略说明这样的文本放行还是拦截。日志有抛出的内容。',
  'the guard takes {0} per text on average': '防护处理一条文本平均用时 {0}',
  '{0}; the P99 of {1} alone is {2} or longer': '{0}；百条中有一条仅 {1} 就用时 {2} 或更长',
  'This is more than {0} of the response time SLO. A busy process, slow patterns or long texts cause this. Measure each layer with one text.':
    '超过整个回答可用时间的 {0}。忙于其他工作的进程会如此，正则或长文本也会：看看各层处理一条用时多少。',
  'it uses the current config file': '按现在的配置文件运行',
  'the config file was rejected on reload: the previous settings remain in effect':
    '重新读取时配置文件被拒绝：按之前的运行',
  'Check it for errors.': '看看有什么问题。',
  'its config file': '配置文件',
  'the key database does not respond; the usage of {0} requests is in the journal':
    '密钥数据库没有回答；{0} 个请求的用量在日志中等待',
  'Cached keys remain valid for a while. Check that the database runs and that this server can reach it.':
    '见过的密钥暂时继续有效。看看数据库是否运行、此服务器能否访问。',
  'the key database responds': '密钥数据库能回答',
  'a key database': '密钥数据库',
  Errors: '错误',
  'Rejected requests': '拒绝',
  'Client disconnects': '离开的客户端',
  Config: '配置',
  'the queue': '谁在等待',
  '{0}it reports {1} queued requests, which is impossible': '{0}说有 {1} 个请求在等待，不可能如此',
  ', {0} more than a moment ago': '，比刚才多 {0}',
  'queued request': '个请求在等待',
  'queued requests': '个请求在等待',
  '{0}{1} {2} for a replica to wake': '{0}{1} {2}副本唤醒',
  'Check the decisions of the autoscaler.': '看看是否有副本到来：自动伸缩器说明做了什么。',
  '{0}: the queue is full ({1}), and further requests get 429': '{0}：队列已满（{1}），更多的会以 429 拒绝',
  '{0}: above slo.maxBacklog ({1}{2})': '{0}：高于 slo.maxBacklog 的 {1}{2}',
  ', by default': '，默认值',
  'Add engines: raise scaling.maxReplicas or deploy.replicas. On a single machine, check the batch findings first.':
    '更多引擎能接收更多：提高 scaling.maxReplicas 或 deploy.replicas。单机请先看看批次的说明。',
  'no request yet': '还没有请求',
  '{0} requests so far, too few to evaluate': '目前 {0} 个请求，不足以判断',
  'more than ': '超过 ',
  '{0}{1} {2} {3}, half within {4} ({5} requests {6})': '{0}{1} {2} {3}，一半在 {4} 内（{5} 个请求，{6}）',
  '{0}: the histogram is too coarse to compare with the {1} of {2}':
    '{0}：是否在 {2} 的 {1} 内，直方图无法说明',
  'Its largest bucket is below the target. Extend the buckets in the server.':
    '直方图上限太低：只能由写它的服务器更改。',
  '{0}: above the default {1} of {2}': '{0}：高于 {2} 的 {1}，没有人设置过它',
  'Set the service-level objectives in the config (slo.latencyMillis, slo.ttftMillis). {0}':
    '在配置中写明服务的承诺（slo.latencyMillis、slo.ttftMillis）。{0}',
  '{0}: above the {1} of {2}': '{0}：高于 {2} 的 {1}',
  'response times': '回答用时',
  'request latency:': '整个回答：',
  'time to first token': '首 token 何时到来',
  'slo.latencyMillis, which also bounds the first token': 'slo.latencyMillis，首 token 必须在此之前',
  'time to first token:': '首 token：',
  queueing: '等待位置',
  'Raise {0} if memory allows, or add engines.': '内存允许时更多位置（{0}），或更多引擎，可接收等待者。',
  prefill: '读取提示',
  'Share prompt prefixes, raise {0}, or use more GPUs.':
    '提示共有的开头只读一次，更大的 {0} 读得更快，更多 GPU 也是。',
  decode: '写出 token',
  'Use smaller batches ({0}), a smaller quantization, speculative decoding or a lower max_tokens.':
    '减小批次（{0}）、更小的量化、推测解码或更低的 max_tokens 可缩短。',
  'The server does not report where the time goes. Trace a request.': '看看时间用在哪里：服务器没有说明。',
  '{0} % of the time goes into {1}. {2}': '{0} % 的时间用于{1}。{2}',
  'queue times': '请求等待多久',
  '{0}P99 queue time is {1}{2} ({3})': '{0}百个中有一个等待位置 {1}{2} 或更长（{3}）',
  '{0}: more than half of the {1} response time SLO': '{0}：超过整个回答可用的 {1} 的一半',
  Queue: '等待队列',
  'Queue time': '排队时间',
  Latency: '延迟',
  'First token': '首 token',
  'between two samples': '两次查看之间',
  'its metrics could not be read': '无法读取指标',
  'See the finding about its metrics first.': '先看关于指标的检查结果。',
}
