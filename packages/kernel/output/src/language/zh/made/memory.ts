/** Ways to need less memory for training, and their price, in Chinese. */

import type { Texts } from '../../words.ts'

export const memoryMade: Texts = {
  'loss in chunks': '分块计算损失',
  'none, and faster where the processor computes in it': '无，处理器支持时还更快',
  'products kept, the rest recomputed': '保留矩阵乘的结果，其余重新计算',
  'recomputed as far as necessary': '只重新计算必须的部分',
  'every layer recomputed': '每层重新计算',
  'every {0} layers recomputed': '每 {0} 层重新计算',
  '{0} % more operations': '多 {0} % 运算',
  'AdamW in 8 bits': '8 位 AdamW',
  'moments rounded at each update': '每次更新时矩被舍入',
  'half the windows at once, twice the passes': '一次一半窗口，次数加倍',
  'smaller products, which a processor does less well': '矩阵乘变小，处理器效率降低',
  'encoders process {0} rows at a time, recomputed in the backward pass': '塔一次读取 {0} 行，反向时重新读取',
  'one more pass forward': '多一次前向',
  'smaller products': '矩阵乘变小',
  'LoRA of rank {0}': '秩 {0} 的 LoRA',
  'QLoRA of rank {0}': '秩 {0} 的 QLoRA',
  '{0}; unpacks them for each product': '{0}；每次矩阵乘都要解包',
  'the batch over {0} ranks': '批次分到 {0} 个 rank',
  'each layer over {0} ranks': '每层分到 {0} 个 rank',
  'weights are gathered and freed per layer': '每层权重随用随取',
  'gradients meet once a step': '梯度每步汇总一次',
  'all states meet twice a layer, both ways': '每层所有状态双向各汇总两次',
  'and ZeRO-{0}: {1} too': '再加 ZeRO-{0}：{1}',
  'trains adapters on existing weights': '在已有权重旁训练适配器',
  optimizer: '优化器',
  gradients: '梯度',
  weights: '权重',
}
