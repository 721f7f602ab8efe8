/** Of bench, tune and simulate, in Chinese. */

import type { Texts } from '../../words.ts'

export const measureTexts: Texts = {
  'written to {0}': '已写入 {0}',
  'not written to {0}: no settings met the SLO under real load. Tune again on an idle machine, or with --validate 0':
    '没有写入 {0}：真实负载下没有一组设置满足承诺。请在没有其他程序运行时再次调优，或加上 --validate 0',
  'no request of the traffic fits into {0} tokens': '流量中没有一个请求能放进 {0} 个 token',
  '{0} of {1} requests exceed {2} tokens and were skipped': '{1} 个请求中有 {0} 个长于 {2} 个 token：已略去',
  'Set maxBatchSize and timeoutMicros by hand; measure them with `npm run bench onnx`.':
    '手动尝试 maxBatchSize 和 timeoutMicros；`npm run bench onnx` 可以测量它们。',
  'tuning requires text generation, which ONNX models do not support':
    '调优的对象是生成的各步，而 ONNX 模型不生成',
  'Set maxBatchSize and timeoutMicros by hand; measure them with `npm run bench image-text-serving`.':
    '手动尝试 maxBatchSize 和 timeoutMicros；`npm run bench image-text-serving` 可以测量它们。',
  'tuning requires text generation, which CLIP models do not support':
    '调优的对象是生成的各步，而带塔的模型不生成',
  'requests/s by SLO for the P99 (simulated)': '每秒请求数，按承诺的第 99 百分位（模拟）',
  'No settings met the SLO under real load, even at half the predicted rate: other processes may be using the machine. The following values are predictions.':
    '真实负载下没有一组设置满足承诺，即使降到预计速率的一半也不行：可能有其他程序在使用本机。以下只是预计。',
  met: '满足',
  SLO: '承诺',
  failed: '失败',
  'under real load': '真实负载',
  'cannot meet SLO': '无法满足',
  predicted: '预计',
  '{0} settings simulated': '模拟了 {0} 组设置',
  'speculative decoding: {0} tokens per step, of {1} drafted': '推测解码：每步 {0} 个 token，猜测 {1} 个',
  'speculative decoding: no speedup': '推测解码：在这里没有收益',
  'under real load, steps take {0} times as long': '真实负载下全部用时为 {0} 倍',
  '{0} {1}: {2} ms per step, {3} per decode token, {4} per prompt token, {5} per 1000 context tokens (median error {6}%)':
    '{0} 个{1}：一步用时 {2} 毫秒，每个新 token 加 {3}，每个提示 token 加 {4}，每回看 1000 个 token 加 {5}（中位误差 {6}%）',
  'no server is listening': '那里没有程序在监听',
  'the model list is empty': '模型列表为空',
  'status {0} for the model list': '查询模型列表的状态码为 {0}',
  '{0}: {1} is not a positive number': '{0}: {1} 不是大于 0 的数',
  '{0}: {1} is not a whole number of at least {2}': '{0}: {1} 不是不小于 {2} 的整数',
  '{0}: {1} exceeds 24.8d': '{0}：{1} 超过 24.8d',
  '--url: {0} is not an http URL': '--url: {0} 不是 http 网址',
  '{0}: {1} requests in {2}, {3} tokens/s{4}': '{0}：{2} 内 {1} 个请求，{3} token/秒{4}',
  ', {0} failed': '，{0} 个失败',
  ' of {0}': ' / {0}',
  '{0}: {1}{2} requests': '{0}：{1}{2} 个请求',
  'waiting for running requests; send the signal again to exit now':
    '等待进行中的请求；再发一次同样的信号立即结束',
  'a word is {0} tokens, a prompt {1} more': '这里一个词为 {0} 个 token，一个提示另加 {1} 个',
  '{0} at {1}, {2}': '{0}，位于 {1}，{2}',
  'interrupted before the first measurement': '尚未测量就已停止',
  'time to first token, p99, ms': '首 token 时间，p99，毫秒',
  'output tokens per second': '每秒输出 token 数',
  'times in milliseconds': '时间单位为毫秒',
  load: '负载',
  '{0}: {1} is not a whole number of at least 1': '{0}: {1} 不是不小于 1 的整数',
  '{0}, {1}: first request {2} ms, ready after {3} ms': '{0}，{1}：首个请求 {2} 毫秒，{3} 毫秒后就绪',
  'first start, to learn the system prompt': '先运行一次，学习系统提示',
  'prompt tokens restored after restart, on: {0}': '打开时从上一次运行恢复的提示 token：{0}',
  '{0}, a system prompt of {1} tokens, medians of {2} starts, ms':
    '{0}，系统提示 {1} 个 token，{2} 次启动的中位数，毫秒',
  pass: '次',
  step: '步',
  'assumed cost of a {0}: {1} ms, plus {2} per decode token, {3} per prompt token, {4} per 1000 context tokens':
    '假定一{0}用时 {1} 毫秒，每个新 token 加 {2}，每个提示 token 加 {3}，每回看 1000 个 token 加 {4}',
  '{0} requests simulated in {1}; {2}': '用 {1} 模拟了 {0} 个请求；{2}',
  '{0} cannot be combined with --tenants': '{0}：--tenants 有自己的流量',
  '--hours requires --tenants': '--hours 是 --tenants 发送的时长，而没有给出租户',
  '{0} simulated {1} times, and each tenant alone, in {2}; seed {3}':
    '{2} 内把 {0} 模拟了 {1} 次，并对每个租户单独模拟；随机种子 {3}',
  policy: '策略',
  rejected: '拒绝',
  preempted: '换出',
  busy: '繁忙',
  queued: '排队',
  '(a new one counts two); bound: twice the maximum served at once, guaranteed by virtual token counters':
    '（新 token 算两个）；界限：同时服务量上限的两倍，虚拟 token 计数器能保证',
  'gap: maximum difference in weighted service between two tenants with queued requests, in tokens\n':
    '差距：两者都有请求排队时，一方按权重比另一方多得到的最大服务量，以 token 计\n',
  tenants: '谁',
  bound: '界限',
  gap: '差距',
  "Jain's index": 'Jain 指数',
  'queued: share of time with queued requests': '排队：有请求在等待的时间比例',
  'fair share: service relative to the max-min fair share, computed per minute from weights and demand':
    '应得比：得到的服务占其最大最小公平份额的比例，每分钟按权重和需求计算',
  'times in seconds; alone: p99 with exclusive use of the service':
    '时间单位为秒；独占时：独自使用服务时的 p99',
  tenant: '租户',
  'over limit': '超限',
  alone: '独占时',
  'fair share': '应得比',
  '--embed-share: {0} is not between 0 and 1': '--embed-share: {0} 不是 0 到 1 的数',
  '--rate: {0} is not a positive number': '--rate: {0} 不是大于 0 的数',
  'unknown tenant {0}{1}': '没有租户 {0}{1}',
  '--hours: {0} is not a positive number': '--hours: {0} 不是大于 0 的数',
  tokens: 'token',
  prefill: '预填充',
  timeout: '等待',
  threads: '线程',
  context: '上下文',
  drafts: '猜测',
  thread: '线程',
}
