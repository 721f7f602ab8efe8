/** What the checks of the doctor say: server, in Chinese. */

import type { Texts } from '../../words.ts'

export const doctorServerMade: Texts = {
  'no running server was named (--url)': '没有指定运行中的服务器（--url）',
  'Look into the server’s log, and let it be explained.': '查看服务器的日志，并用 explain 解释。',
  'Give the doctor a key of this server.': '给 doctor 一个此服务器的密钥。',
  'it does not answer: {0}': '它没有回答：{0}',
  'See whether it runs, whether this is its address, and whether a firewall is between. One that takes the connection and says nothing hangs: its log tells where.':
    '看看它是否在运行，地址是否正确，中间有没有防火墙。接受连接却不说话的服务器已挂起：日志会说明位置。',
  'it answers': '能回答',
  'its model is not loaded{0}': '模型没有加载{0}',
  'Wait until it is; if it never is, its log says why.': '等待加载；如果一直没有，日志会说明原因。',
  'it answers, and has status {0} for /health{1}': '能回答，/health 的状态为 {0}{1}',
  ', which it does not know': '，它不认识该路径',
  'See whether this address is the server’s own, or another one’s in front of it.':
    '看看这是服务器自己的地址，还是前面另一个的。',
  'it takes requests': '接收请求',
  'this server does not say whether it is ready': '此服务器没有说明是否就绪',
  'whether it is ready is not known: {0}': '不知道是否就绪：{0}',
  'it ends: it answers what it has and takes nothing new': '正在结束：回答已有的请求，不接收新的',
  'it takes no requests: a model that has to be there is not': '不接收请求：必须存在的模型不在',
  'Ask another one. If nobody wanted it to end, its log says who did.':
    '请求其他服务器。如果没有人要它结束，日志会说明是谁。',
  'it lists its models only to those who have a key': '只对有密钥的人列出模型',
  'its list of models could not be read{0}': '无法读取模型列表{0}',
  'See what it answers.': '看看它回答什么。',
  'it has no model': '没有模型',
  'Name one in its config (`models`), or as `model`.': '在配置中指定（`models`），或用 `model`。',
  'it has {0}': '有 {0}',
  'it has {0} models': '有 {0} 个模型',
  '{0}: no replica is well': '{0}：没有正常的副本',
  '{0} could not be loaded': '无法加载 {0}',
  ', and would be there in about {0} s': '，大约 {0} 秒后可用',
  'The next request wakes it. If that takes too long, keep one engine: scaling.minReplicas 1.':
    '下一个请求会唤醒它。如果太慢，保留一个引擎：scaling.minReplicas 1。',
  '{0} is being loaded': '正在加载 {0}',
  'Wait, and look again.': '等待，然后再看。',
  'a model without a name': '没有名称的模型',
  'its metrics need an administrator’s key (privateMetrics): nothing of its figures is checked':
    '指标需要管理员密钥（privateMetrics）：没有检查任何数字',
  'it has no metrics: nothing of its figures is checked': '没有指标：没有检查任何数字',
  'llama-server and SGLang have them when started with --metrics or --enable-metrics.':
    'llama-server 和 SGLang 以 --metrics 或 --enable-metrics 启动时才有。',
  'its metrics could not be read{0}': '无法读取指标{0}',
  ': there is no line in Prometheus’ format': '：没有一行是 Prometheus 格式',
  'another server': '另一个服务器',
  'another process answered a moment later: it began anew, or several stand behind this address':
    '片刻之后是另一个进程在回答：它重新启动了，或此地址后有多个',
  'Of several, ask each by its own address: figures of one are not those of all. If there is only one, its log says how it ended.':
    '有多个时逐个询问：一个的数字不代表全部。如果只有一个，日志说明它如何结束。',
  '{0} of {1} models are not judged: it has too many': '{1} 个模型中有 {0} 个没有判断：太多',
  'Ask each server that has a part of them.': '逐个询问各自负责一部分的服务器。',
  'its metrics were cut after {0} series: what stands behind is not checked':
    '指标在 {0} 个序列后被截断：其后的没有检查',
  'Fewer models or replicas behind one server have fewer series.': '一个服务器后面的模型或副本少，序列就少。',
  '{0} series of {1}': '{1} 的 {0} 个序列',
  Answers: '响应',
  Ready: '就绪',
  Models: '模型',
  Metrics: '指标',
  'its batches': '批次',
  '{0}{1} steps so far, too few to judge by': '{0}目前只有 {1} 步，不足以判断',
  'since it began': '自启动以来',
  ' of at most {0}': '，最多 {0}',
  '{0}your batches average {1}{2} sequences ({3})': '{0}批次平均 {1}{2} 个序列（{3}）',
  'mean sequences of a step: {0}': '每步平均序列数：{0}',
  '{0}, and {1} wait: keys and values are {2} full, so no more fit':
    '{0}，{1} 在等待：键和值已占 {2}，放不下更多',
  '{0}: they are full, and {1} wait': '{0}：已满，{1} 在等待',
  'Raise {0}: keys and values are {1} full, so there is room for more. Else run more engines.':
    '提高 {0}：键和值占 {1}，还有空间。否则运行更多引擎。',
  '{0}, and still {1} wait': '{0}，仍有 {1} 在等待',
  'A burst that has just come does that, and so do long prompts, of which few tokens are read beside others: raise {0}.':
    '刚到的突发会如此，长提示也会（与其他请求并行时每次只读少量 token）：提高 {0}。',
  '{0}: requests come one at a time, so the weights are read for each alone':
    '{0}：请求逐个到来，每个都要单独读取权重',
  'Nothing is wrong with one at a time. More at once cost little more: send requests side by side rather than one after another, or have fewer engines (scaling.minReplicas, deploy.replicas). {0} changes nothing where nobody waits.':
    '逐个并没有错。同时更多几乎不增加代价：并行发送请求而不是一个接一个，或减少引擎（scaling.minReplicas、deploy.replicas）。没有人等待时 {0} 不起作用。',
  'Make room: raise {0} where memory is left, lower {1} or max_tokens, use a smaller quantization, or run more engines.':
    '腾出空间：内存有余时提高 {0}，降低 {1} 或 max_tokens，使用更小的量化，或运行更多引擎。',
  'its keys and values': '键和值',
  '{0}keys and values are {1} full': '{0}键和值已占 {1}',
  '{0}it says that keys and values are {1} full, which cannot be': '{0}说键和值已占 {1}，不可能如此',
  'Several engines may be added up behind this address: ask one of them.':
    '此地址后可能把几个引擎相加：只问其中一个。',
  '{0}, and {1} {2} put aside a moment ago': '{0}，刚才 {1} 个{2}换出',
  'sequence was': '序列被',
  'sequences were': '序列被',
  '{0}: the next long prompt waits': '{0}：下一个长提示要等待',
  '{0}: little is left for more': '{0}：余量不多',
  'sequences that are put aside': '换出的序列',
  '{0}{1} {2} put aside, of {3} that ended': '{0}{1} 个{2}换出，共结束 {3} 个',
  '{0}: each has to be read again': '{0}：每个都要重新读取',
  '{0} A smaller {1} keeps the ones that run from pushing each other out.':
    '{0} 更小的 {1} 可避免运行中的请求互相挤出。',
  'beginnings of prompts that it keeps': '保留的前缀',
  '{0}{1} of prompt tokens were in the cache': '{0}{1} 的提示 token 命中缓存',
  'Where prompts share a beginning (instructions, documents, a conversation so far), put what differs last: a date or an id at the front makes each of them new. Behind a gateway, routing prefix sends a conversation where its beginning is; hostCacheBytes keeps more of them.':
    '提示有共同开头（指令、文档、此前的对话）时，把不同的部分放在最后：开头的日期或 ID 会使每个都是新的。在网关之后，prefix 路由会把对话送到保留其开头的地方；hostCacheBytes 可保留更多。',
  Batches: '批次',
  'Keys and values': '键和值',
  'Sequences put aside': '换出的序列',
  'Prefix cache': '前缀缓存',
  'Its log says how the engine ended each time.': '日志说明引擎每次如何结束。',
  'engines of its own': '自己的引擎',
  '{0}its engine takes no requests{1}': '{0}引擎不接收请求{1}',
  ' and was started again {0}': '，且重新启动了 {0}',
  '{0}its engine ended a moment ago and was started again ({1} in all)':
    '{0}引擎刚才结束并重新启动（共 {1}）',
  '{0}its engine was started again {1} since the server began': '{0}自服务器启动以来引擎重新启动了 {1}',
  '{0}its engine runs since the server began': '{0}引擎自服务器启动以来一直运行',
  'Weights are read from the disk: a faster volume, weights in the page cache or a smaller quantization help.':
    '权重从磁盘读取：更快的卷、页缓存中的权重或更小的量化有用。',
  'The first pass is computed once before anybody waits for it.': '第一次计算在有人等待之前做一次。',
  'Libraries are read from the disk: an image that the node has already, and a local disk help.':
    '库从磁盘读取：节点上已有的镜像和本地磁盘有用。',
  'Memory for keys and values is taken: a smaller kvCacheBytes takes less time.':
    '为键和值分配内存：更小的 kvCacheBytes 用时更少。',
  'Beginnings are read from snapshotDir, or computed.': '前缀从 snapshotDir 读取，或重新计算。',
  'how it started': '如何启动',
  ', {0} of it {1}': '，其中 {0} {1}',
  '{0}its engine took {1} to start{2}': '{0}引擎启动用时 {1}{2}',
  '{0} See docs/coldstart.md.': '{0} 见 docs/coldstart.md。',
  'The parts of a start say where its time goes.': '启动的各部分说明时间用在哪里。',
  'replicas in other servers': '其他服务器中的副本',
  '{0} (circuit open)': '{0}（熔断器断开）',
  '{0}{1} of {2} replicas are well': '{0}{2} 个副本中 {1} 个正常',
  '{0}no replica is known': '{0}没有已知的副本',
  '{0}, and none takes requests': '{0}，没有一个接收请求',
  '; {0} failed so often that nothing is sent there now': '；{0} 失败太多，现在不向其发送',
  'Ask each one how it is. A healthPath that the server does not have looks like one that is down.':
    '逐个询问状态。服务器没有的 healthPath 看起来像已停止。',
  ', likely to be there {0} from then': '，大约 {0} 后可用',
  '{0}sleeps until somebody asks{1}': '{0}休眠，直到有人请求{1}',
  'scaling.minReplicas 1 keeps an engine where that is too long.':
    '如果太慢，scaling.minReplicas 1 保留一个引擎。',
  '{0}wakes for {1} {2}{3}': '{0}为 {1} {2}唤醒{3}',
  ', and takes longer than the last time': '，比上次用时更长',
  ' from then': ' 从那时起',
  ' from now': ' 从现在起',
  'Whether an engine was asked for, and why it does not come, the autoscaler and the cluster say.':
    '是否请求了引擎、为什么没有来，由自动伸缩器和集群说明。',
  '{0}{1} of {2} replicas {3} at more than {4} % of what they are asked, although they are well':
    '{0}{2} 个副本中有 {1} 个 {3} 在超过 {4} % 的请求上，尽管它们正常',
  Engine: '引擎',
  Start: '启动',
  Replicas: '副本',
  'docs/errors.md says what each code means and what helps; the log has each case.':
    'docs/errors.md 说明各代码的含义和办法；日志有每一例。',
  'this server says nothing of {0}': '此服务器没有{0}的数据',
  '{0} {1} so far, {2} failed': '目前 {0} 个{1}，{2} 个失败',
  '{0} of {1} requests failed (5xx)': '{1} 个请求中有 {0} 个失败（5xx）',
  '{0}: more than the {1} that slo.availability allows': '{0}：超过 slo.availability 允许的 {1}',
  'requests that failed': '失败的请求',
  '{0} of {1} requests were turned away (429, 503)': '{1} 个请求中有 {0} 个被拒绝（429、503）',
  'none of {0} requests was turned away': '{0} 个请求都没有被拒绝',
  'queue_full, upstream_busy and deadline_unmet want more engines or places; rate_limited, concurrency_limited and budget_exhausted are limits of keys, which `hadal keys` changes.':
    'queue_full、upstream_busy 和 deadline_unmet 需要更多引擎或位置；rate_limited、concurrency_limited 和 budget_exhausted 是密钥的限额，用 `hadal keys` 修改。',
  'requests that it turned away': '被拒绝的请求',
  'clients that leave': '离开的客户端',
  '{0}{1} of {2} sequences were left before their end': '{0}{2} 个序列中有 {1} 个在结束前被放弃',
  'Clients give up, or a proxy in between cuts them off: compare its time limit with what answers take here, let clients stream, and see what latency says above.':
    '客户端放弃，或中间的代理切断：把它的时限与这里的回答用时对照，让客户端使用流式输出，并看看上面关于延迟的说明。',
  'checks of the guard failed or took too long: {0}': '防护的检查失败或用时过长：{0}',
  'The policy says whether such a text goes on or is blocked. The log has what was thrown.':
    '策略说明这样的文本放行还是拦截。日志有抛出的内容。',
  'the guard takes {0} for a text on average': '防护处理一条文本平均用时 {0}',
  '{0}; for one in a hundred {1} alone takes {2} or longer': '{0}；百条中有一条仅 {1} 就用时 {2} 或更长',
  'That is more than {0} of what a whole answer may take. A process that is busy elsewhere does that, and so do patterns or long texts: see what each layer takes for one.':
    '超过整个回答可用时间的 {0}。忙于其他工作的进程会如此，正则或长文本也会：看看各层处理一条用时多少。',
  'it runs by the config file as it is': '按现在的配置文件运行',
  'the config file was refused when it was read again: it runs by the one before':
    '重新读取时配置文件被拒绝：按之前的运行',
  'See what is wrong with it.': '看看有什么问题。',
  'its config file': '配置文件',
  'the database of keys does not answer; the usage of {0} requests waits in the journal':
    '密钥数据库没有回答；{0} 个请求的用量在日志中等待',
  'Keys that were seen before go on for a while. See whether the database runs, and whether this server reaches it.':
    '见过的密钥暂时继续有效。看看数据库是否运行、此服务器能否访问。',
  'the database of keys answers': '密钥数据库能回答',
  'a database of keys': '密钥数据库',
  Errors: '错误',
  Refusals: '拒绝',
  'Clients that leave': '离开的客户端',
  Config: '配置',
  'who waits': '谁在等待',
  '{0}it says that {1} requests wait, which cannot be': '{0}说有 {1} 个请求在等待，不可能如此',
  ', {0} more than a moment ago': '，比刚才多 {0}',
  'request waits': '个请求在等待',
  'requests wait': '个请求在等待',
  '{0}{1} {2} for a replica to wake': '{0}{1} {2}副本唤醒',
  'See whether one comes: the autoscaler says what it did.': '看看是否有副本到来：自动伸缩器说明做了什么。',
  '{0}: the line is full ({1}), and more are turned away with 429':
    '{0}：队列已满（{1}），更多的会以 429 拒绝',
  '{0}: above the {1} of slo.maxBacklog{2}': '{0}：高于 slo.maxBacklog 的 {1}{2}',
  ', by default': '，默认值',
  'More engines take more: raise scaling.maxReplicas or deploy.replicas. On one machine see what its batches say first.':
    '更多引擎能接收更多：提高 scaling.maxReplicas 或 deploy.replicas。单机请先看看批次的说明。',
  'no request yet': '还没有请求',
  '{0} requests so far, too few to judge by': '目前 {0} 个请求，不足以判断',
  'more than ': '超过 ',
  '{0}{1} {2} {3}, half within {4} ({5} requests {6})': '{0}{1} {2} {3}，一半在 {4} 内（{5} 个请求，{6}）',
  '{0}: whether that is within the {1} of {2} its buckets do not say':
    '{0}：是否在 {2} 的 {1} 内，直方图无法说明',
  'Its histogram ends too early: only the server that writes it can change that.':
    '直方图上限太低：只能由写它的服务器更改。',
  '{0}: above the {1} of {2}, which nobody set': '{0}：高于 {2} 的 {1}，没有人设置过它',
  'Say in the config what this service promises (slo.latencyMillis, slo.ttftMillis). {0}':
    '在配置中写明服务的承诺（slo.latencyMillis、slo.ttftMillis）。{0}',
  '{0}: above the {1} of {2}': '{0}：高于 {2} 的 {1}',
  'how long answers take': '回答用时',
  'whole answers:': '整个回答：',
  'when the first token comes': '首 token 何时到来',
  'slo.latencyMillis, before which the first token has to come': 'slo.latencyMillis，首 token 必须在此之前',
  'first tokens:': '首 token：',
  'waiting for a place': '等待位置',
  'More places ({0}) where memory allows, or more engines, take those who wait.':
    '内存允许时更多位置（{0}），或更多引擎，可接收等待者。',
  'reading prompts': '读取提示',
  'Beginnings that prompts share are read once, a larger {0} reads faster, and so do more GPUs.':
    '提示共有的开头只读一次，更大的 {0} 读得更快，更多 GPU 也是。',
  'writing tokens': '写出 token',
  'Fewer in a batch ({0}), a smaller quantization, speculative decoding or a lower max_tokens make it shorter.':
    '减小批次（{0}）、更小的量化、推测解码或更低的 max_tokens 可缩短。',
  'See where the time goes: the server does not say.': '看看时间用在哪里：服务器没有说明。',
  '{0} % of the time goes into {1}. {2}': '{0} % 的时间用于{1}。{2}',
  'how long requests wait': '请求等待多久',
  '{0}one in a hundred waits {1}{2} or longer for its place ({3})':
    '{0}百个中有一个等待位置 {1}{2} 或更长（{3}）',
  '{0}: more than half of the {1} that a whole answer may take': '{0}：超过整个回答可用的 {1} 的一半',
  'Waiting line': '等待队列',
  'Time in line': '排队时间',
  Latency: '延迟',
  'First token': '首 token',
  'between two looks': '两次查看之间',
  'its metrics could not be read': '无法读取指标',
  'See the finding about its metrics first.': '先看关于指标的检查结果。',
}
