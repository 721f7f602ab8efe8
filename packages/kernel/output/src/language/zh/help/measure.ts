/** Help in Chinese: of bench, tune and simulate. */

import type { Texts } from '../../words.ts'

export const measureHelp: Texts = {
  'Measure performance under load.': '测量负载下的服务器。',
  'Benchmark any OpenAI-compatible server.': '向任何支持 OpenAI API 的服务器施加负载，显示它的表现。',
  'server URL': '服务器',
  'model name': '使用的模型',
  'the first model listed by the server': '它列出的第一个',
  'sent as Authorization: Bearer': '以 Authorization: Bearer 发送',
  'API endpoint to call': '请求什么',
  'closed loop: numbers of concurrent clients to test': '闭环：同时有这么多客户端，逐级进行',
  'open loop: Poisson arrival rates to test, in requests/s': '改为开环：每秒这么多泊松到达，逐级进行',
  'requests per level': '每一级的请求数',
  '4 per client, or 30 s of arrivals': '每个客户端 4 个；30 秒的到达量',
  'duration of each level; no request starts later': '每一级的时长：之后不再开始新请求',
  'prompt length: 64, uniform:32,128 or lognormal:64,0.6[,512]':
    '64、uniform:32,128 或 lognormal:64,0.6[,512]',
  'output length, in the same format': '同上，针对回答',
  'length of the prefix shared by all prompts': '每个提示开头相同的长度',
  'warm-up requests, excluded from the results': '先发送且不计入',
  'random seed for prompts, lengths and arrivals': '使提示、长度和到达可以重复',
  'timeout per request': '单个请求的时限',
  'allow early end of output; for servers without ignore_eos':
    '允许回答提前结束；用于不认识 ignore_eos 的服务器',
  'write all measurements': '写出全部测量数据',
  'write an HTML report with charts': '写出带图表的页面',
  'record a profile on the Hadal server after the warm-up': '让 Hadal 的服务器在预热后记录自身',
  'Measure cold starts: where time goes until the first response.':
    '反复启动服务，显示第一个请求在等待什么。',
  'flags passed to every start': '传给每次启动',
  'model reference, as for `hadal serve`': '写法同 `hadal serve`',
  'starts per variant: with all optimizations off, and on': '全部关闭时的启动次数，全部打开时也启动同样次数',
  'length of the shared prefix': '请求共享的前缀有多长',
  'write a Markdown report': '写出 Markdown 页面',
  'Find the best batching settings for the SLO by measuring on this machine.':
    '找出服务的批处理设置：在本机实测，针对它的承诺。',
  'traffic: poisson, gamma, bursts, diurnal, or a JSON Lines file of requests':
    'poisson、gamma、bursts、diurnal，或 JSON lines 格式的请求文件',
  'mean request rate, in requests/s': '平均每秒请求数',
  'number of steps': '步数',
  'number of days': '天数',
  'number of requests': '请求的数量',
  'length: 64, uniform:32,128, lognormal:64,0.8[,512] or pareto:32,1.2[,4096]':
    '64、uniform:32,128、lognormal:64,0.8[,512] 或 pareto:32,1.2[,4096]',
  'share of embedding requests, 0 to 1': '请求中计算嵌入的文本所占比例，0 到 1',
  'input length of embedding requests': '计算嵌入的文本的长度',
  'number of clients; each sends less than the previous one': '共用服务的客户端数；每个发送的都比前一个少',
  'number of shared prompt prefixes': '提示共有的前缀数',
  'length of each shared prefix; 0 disables them': '每个前缀的长度；0：无',
  'random seed of the traffic': '使流量可以重复',
  'thread counts to measure in addition to the current one': '除当前线程数外还要测量的线程数',
  'number of candidates to validate under real load; 0 disables validation':
    '在真实负载下尝试的设置数；0：不尝试',
  'duration of each validation': '每次多久',
  'write the result to the config file': '把找到的设置写入配置文件',
  'write the measured step costs, for `hadal simulate`': '写出每步的代价，供 `hadal simulate` 使用',
  'print measurements as they arrive, as JSON Lines': '测量的同时打印，每行一个 JSON',
  'write the full result': '写出找到的全部内容',
  'write an HTML report with the Pareto frontier': '写出带前沿图的页面',
  'Compare scheduling policies under simulated traffic, without a model.':
    '在模拟流量下比较调度策略，不需要模型。',
  'tenants with their own traffic: flood, trickle, steady, daily, batch, or a .json file of tenants':
    '共用服务的客户端，各有自己的流量：flood、trickle、steady、daily、batch，或以 .json 结尾的租户文件',
  'simulated hours of tenant traffic': '租户发送多久',
  'step costs written by `hadal tune --costs`': '每步的代价，由 `hadal tune --costs` 写出',
  'as in the service': '同服务',
  'see maxPrefillTokensWhileDecoding': '同 maxPrefillTokensWhileDecoding',
  'see timeoutMicros': '同 timeoutMicros',
  'KV cache capacity, in tokens': '能容纳其键和值的 token 数',
}
