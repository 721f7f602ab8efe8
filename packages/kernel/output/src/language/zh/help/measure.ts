/** Help in Chinese: of bench, tune and simulate. */

import type { Texts } from '../../words.ts'

export const measureHelp: Texts = {
  'Measure a server under load.': '测量负载下的服务器。',
  'Put load on any server that speaks OpenAI’s API, and show how it bears it.':
    '向任何支持 OpenAI API 的服务器施加负载，显示它的表现。',
  'the server': '服务器',
  'its model': '使用的模型',
  'the first one it lists': '它列出的第一个',
  'sent as Authorization: Bearer': '以 Authorization: Bearer 发送',
  'what is asked': '请求什么',
  'closed loop: so many clients at a time, level after level': '闭环：同时有这么多客户端，逐级进行',
  'open loop instead: so many Poisson arrivals a second, level after level':
    '改为开环：每秒这么多泊松到达，逐级进行',
  'of each level': '每一级的数量',
  '4 for each client; 30 s worth of arrivals': '每个客户端 4 个；30 秒的到达量',
  'of each level: no request starts later': '每一级的时长：之后不再开始新请求',
  '64, uniform:32,128 or lognormal:64,0.6[,512]': '64、uniform:32,128 或 lognormal:64,0.6[,512]',
  'the same, of answers': '同上，针对回答',
  'so much of every prompt’s beginning is the same': '每个提示开头相同的长度',
  'sent first and not counted': '先发送且不计入',
  'repeats prompts, lengths and arrivals': '使提示、长度和到达可以重复',
  'of one request': '单个请求的时限',
  'let answers end early; for servers that do not know ignore_eos':
    '允许回答提前结束；用于不认识 ignore_eos 的服务器',
  'write everything measured': '写出全部测量数据',
  'write a page with charts': '写出带图表的页面',
  'have a server of Hadal’s record itself after the warm-up': '让 Hadal 的服务器在预热后记录自身',
  'Start a service again and again, and show what its first request waits for.':
    '反复启动服务，显示第一个请求在等待什么。',
  'given to every start': '传给每次启动',
  'as `hadal serve` takes it': '写法同 `hadal serve`',
  'starts with everything off, and as many with everything on':
    '全部关闭时的启动次数，全部打开时也启动同样次数',
  'how long the beginning is that requests share': '请求共享的前缀有多长',
  'write a page in Markdown': '写出 Markdown 页面',
  'Find the batching settings of a service: measured here, for what it promises.':
    '找出服务的批处理设置：在本机实测，针对它的承诺。',
  'poisson, gamma, bursts, diurnal, or a file of requests as JSON lines':
    'poisson、gamma、bursts、diurnal，或 JSON lines 格式的请求文件',
  'mean requests a second': '平均每秒请求数',
  'how many': '数量',
  '64, uniform:32,128, lognormal:64,0.8[,512] or pareto:32,1.2[,4096]':
    '64、uniform:32,128、lognormal:64,0.8[,512] 或 pareto:32,1.2[,4096]',
  'of the requests, from 0 to 1: texts to embed': '请求中计算嵌入的文本所占比例，0 到 1',
  'of texts to embed': '计算嵌入的文本的长度',
  'clients that share the service; each sends less than the one before':
    '共用服务的客户端数；每个发送的都比前一个少',
  'beginnings that prompts have in common': '提示共有的前缀数',
  'of each of them; 0: none': '每个前缀的长度；0：无',
  'repeats the traffic': '使流量可以重复',
  'thread counts that are measured beside those it has now': '除当前线程数外还要测量的线程数',
  'settings that are tried under real load; 0: none': '在真实负载下尝试的设置数；0：不尝试',
  'each time': '每次多久',
  'put what was found into the config file': '把找到的设置写入配置文件',
  'write what steps cost, for `hadal simulate`': '写出每步的代价，供 `hadal simulate` 使用',
  'print what is measured as it comes, a JSON line each': '测量的同时打印，每行一个 JSON',
  'write everything that was found': '写出找到的全部内容',
  'write a page with the frontier': '写出带前沿图的页面',
  'Compare scheduling policies under simulated traffic, without a model.':
    '在模拟流量下比较调度策略，不需要模型。',
  'clients that share the service, each with traffic of its own: flood, trickle, steady, daily, batch, or a file of them that ends in .json':
    '共用服务的客户端，各有自己的流量：flood、trickle、steady、daily、batch，或以 .json 结尾的租户文件',
  'how long tenants send': '租户发送多久',
  'what steps cost, as `hadal tune --costs` wrote it': '每步的代价，由 `hadal tune --costs` 写出',
  'as of the service': '同服务',
  'as maxPrefillTokensWhileDecoding': '同 maxPrefillTokensWhileDecoding',
  'as timeoutMicros': '同 timeoutMicros',
  'whose keys and values there is room for': '能容纳其键和值的 token 数',
}
