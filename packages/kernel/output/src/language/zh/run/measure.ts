/** Of bench, tune and simulate, in Chinese. */

import type { Texts } from '../../words.ts'

export const measureTexts: Texts = {
  'written to {0}': '已写入 {0}',
  'not written to {0}: nothing kept the promise under real load. Tune again while nothing else runs, or with --validate 0':
    '没有写入 {0}：真实负载下没有一组设置满足承诺。请在没有其他程序运行时再次调优，或加上 --validate 0',
  'no request of the traffic fits into {0} tokens': '流量中没有一个请求能放进 {0} 个 token',
  '{0} of {1} requests are longer than {2} tokens: left out':
    '{1} 个请求中有 {0} 个长于 {2} 个 token：已略去',
  'Try maxBatchSize and timeoutMicros by hand; `npm run bench onnx` measures them.':
    '手动尝试 maxBatchSize 和 timeoutMicros；`npm run bench onnx` 可以测量它们。',
  'what is tuned are steps of generation, and an ONNX model makes none':
    '调优的对象是生成的各步，而 ONNX 模型不生成',
  'Try maxBatchSize and timeoutMicros by hand; `npm run bench image-text-serving` measures them.':
    '手动尝试 maxBatchSize 和 timeoutMicros；`npm run bench image-text-serving` 可以测量它们。',
  'what is tuned are steps of generation, and a model with towers makes none':
    '调优的对象是生成的各步，而带塔的模型不生成',
  'requests a second, by the 99th percentile that is promised (simulated)':
    '每秒请求数，按承诺的第 99 百分位（模拟）',
  'No settings kept the promise under real load, not at half the foreseen rate either: something else may be using the machine. What follows is foreseen only.':
    '真实负载下没有一组设置满足承诺，即使降到预计速率的一半也不行：可能有其他程序在使用本机。以下只是预计。',
  kept: '满足',
  promise: '承诺',
  failed: '失败',
  'under real load': '真实负载',
  'cannot keep it': '无法满足',
  foreseen: '预计',
  '{0} settings simulated': '模拟了 {0} 组设置',
  'speculation: {0} tokens a step, of {1} guessed': '推测解码：每步 {0} 个 token，猜测 {1} 个',
  'speculation: brings nothing here': '推测解码：在这里没有收益',
  'under real load all takes {0} times as long': '真实负载下全部用时为 {0} 倍',
  '{0} {1}: a step costs {2} ms, {3} for each new token, {4} for each prompt token, {5} for 1000 looked back at ({6}% off at the median)':
    '{0} 个{1}：一步用时 {2} 毫秒，每个新 token 加 {3}，每个提示 token 加 {4}，每回看 1000 个 token 加 {5}（中位误差 {6}%）',
  'nothing listens there': '那里没有程序在监听',
  'its list of models is empty': '模型列表为空',
  'status {0} for its list of models': '查询模型列表的状态码为 {0}',
  '{0}: {1} is not a number above 0': '{0}: {1} 不是大于 0 的数',
  '{0}: {1} is not a whole number of at least {2}': '{0}: {1} 不是不小于 {2} 的整数',
  '{0}: {1} is more than 24.8d': '{0}：{1} 超过 24.8d',
  '--url: {0} is no http URL': '--url: {0} 不是 http 网址',
  '{0}: {1} requests in {2}, {3} tokens/s{4}': '{0}：{2} 内 {1} 个请求，{3} token/秒{4}',
  ', {0} failed': '，{0} 个失败',
  ' of {0}': ' / {0}',
  '{0}: {1}{2} requests': '{0}：{1}{2} 个请求',
  'waiting for the requests under way; the same signal again ends at once':
    '等待进行中的请求；再发一次同样的信号立即结束',
  'a word is {0} tokens here, a prompt {1} more': '这里一个词为 {0} 个 token，一个提示另加 {1} 个',
  '{0} at {1}, {2}': '{0}，位于 {1}，{2}',
  'stopped before anything was measured': '尚未测量就已停止',
  'time to first token, p99, ms': '首 token 时间，p99，毫秒',
  'output tokens per second': '每秒输出 token 数',
  'times in milliseconds': '时间单位为毫秒',
  load: '负载',
  '{0}: {1} is not a whole number of at least 1': '{0}: {1} 不是不小于 1 的整数',
  '{0}, {1}: first request {2} ms, ready after {3} ms': '{0}，{1}：首个请求 {2} 毫秒，{3} 毫秒后就绪',
  'a first life, to learn the system prompt': '先运行一次，学习系统提示',
  'prompt tokens restored from the life before, on: {0}': '打开时从上一次运行恢复的提示 token：{0}',
  '{0}, a system prompt of {1} tokens, medians of {2} starts, ms':
    '{0}，系统提示 {1} 个 token，{2} 次启动的中位数，毫秒',
  pass: '次',
  step: '步',
  'a {0} is taken to cost {1} ms, {2} for each new token, {3} for each prompt token, {4} for 1000 tokens looked back at':
    '假定一{0}用时 {1} 毫秒，每个新 token 加 {2}，每个提示 token 加 {3}，每回看 1000 个 token 加 {4}',
  '{0} requests simulated in {1}; {2}': '用 {1} 模拟了 {0} 个请求；{2}',
  '{0}: --tenants have traffic of their own': '{0}：--tenants 有自己的流量',
  '--hours is how long --tenants send, and there are none': '--hours 是 --tenants 发送的时长，而没有给出租户',
  '{0} simulated {1} times, and of each alone, in {2}; seed {3}':
    '{2} 内把 {0} 模拟了 {1} 次，并对每个租户单独模拟；随机种子 {3}',
  policy: '策略',
  refused: '拒绝',
  aside: '换出',
  busy: '繁忙',
  'in line': '排队',
  '(a new one counts two); bound: twice the most that is served at once, which virtual token counters keep':
    '（新 token 算两个）；界限：同时服务量上限的两倍，虚拟 token 计数器能保证',
  'apart: the most by which one was served more than another, for their weights, while both had requests in line, in tokens\n':
    '差距：两者都有请求排队时，一方按权重比另一方多得到的最大服务量，以 token 计\n',
  who: '谁',
  bound: '界限',
  apart: '差距',
  "Jain's index": 'Jain 指数',
  'in line: of the time, with requests that waited': '排队：有请求在等待的时间比例',
  'of its due: what it was served of its max-min fair share, reckoned each minute by weights and what it asked for':
    '应得比：得到的服务占其最大最小公平份额的比例，每分钟按权重和需求计算',
  'times in seconds; alone: the p99 of one who has the service to itself':
    '时间单位为秒；独占时：独自使用服务时的 p99',
  tenant: '租户',
  'over limit': '超限',
  alone: '独占时',
  'of its due': '应得比',
  '--embed-share: {0} is not a number from 0 to 1': '--embed-share: {0} 不是 0 到 1 的数',
  '--rate: {0} is not a number above 0': '--rate: {0} 不是大于 0 的数',
  'there is no tenant {0}{1}': '没有租户 {0}{1}',
  '--hours: {0} is not a number above 0': '--hours: {0} 不是大于 0 的数',
  tokens: 'token',
  prefill: '预填充',
  timeout: '等待',
  threads: '线程',
  context: '上下文',
  guesses: '猜测',
  thread: '线程',
}
