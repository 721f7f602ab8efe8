/** What reports of measurements hold that pages have in English, in Chinese. */

import type { Texts } from '../../words.ts'

export const measureMade: Texts = {
  '99 of 100 {0}': '100 个中有 99 个{0}',
  'first tokens within {0} ms': '首 token 不超过 {0} 毫秒',
  'tokens within {0} ms': 'token 间隔不超过 {0} 毫秒',
  'embeddings within {0} ms': '嵌入不超过 {0} 毫秒',
  'first tokens within {0} ms, tokens within {1} ms': '首 token 不超过 {0} 毫秒，token 间隔不超过 {1} 毫秒',
  '{0} client': '{0} 个客户端',
  '{0} clients': '{0} 个客户端',
  '{0} req/s': '{0} 请求/秒',
  'partial: stopped in level {0} of {1} ({2})': '不完整：在第 {0} 级（共 {1} 级，{2}）停止',
  'measuring steps with {0} thread': '正在用 {0} 个线程测量各步',
  'measuring steps with {0} threads': '正在用 {0} 个线程测量各步',
  'measuring what guesses bring': '正在测量猜测的收益',
  'measuring what comes on top of steps': '正在测量各步之外的用时',
  searching: '正在搜索',
  'drawing the frontier': '正在绘制前沿',
  'guide: batches of {0}, {1} ms': '指南：批次 {0}，{1} 毫秒',
  'first request': '首个请求',
  'spawn to ready': '启动到就绪',
  'spawn to first token': '启动到首 token',
  'engine, all': '引擎，全部',
  'engine, {0}': '引擎，{0}',
  'guide, first request': '指南，首个请求',
  change: '变化',
  tuned: '调优结果',
  'tuned, number {0}': '调优结果 {0}',
  'as it is': '现状',
  '{0}: {1} requests, {2} a second': '{0}：{1} 个请求，每秒 {2} 个',
}
