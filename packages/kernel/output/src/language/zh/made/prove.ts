/** What is claimed, in Chinese. */

import type { Texts } from '../../words.ts'

export const proveMade: Texts = {
  'Dynamic batching': '动态批处理',
  '42 % more queries per second after tuning timeout and batch size':
    '调优超时与批次大小后，每秒查询数增加 42 %',
  'Mixed precision with a loss scale of 128': '损失缩放为 128 的混合精度',
  'no divergence where fp16 without a scale underflows': '不缩放的 fp16 下溢时也不发散',
  'Gradient checkpointing': '梯度检查点',
  '75 % less memory for 20 % more compute': '内存减少 75 %，计算增加 20 %',
  'Tensor parallelism': '张量并行',
  'a sharded model equals the unsharded one': '切分后的模型与未切分的相等',
  'Maintenance of the allocator': '分配器维护',
  'no out-of-memory where one happened without it': '原本会内存不足之处不再发生',
  'Cold start': '冷启动',
  'from 1200 to 350 ms, 71 % less': '从 1200 毫秒降到 350 毫秒，减少 71 %',
  'Three layers of input defence': '三层输入防护',
  'each layer stops attacks that the others let through': '每一层都拦住其他层放过的攻击',
  'Private training with DP-SGD': '使用 DP-SGD 的隐私训练',
  'epsilon 3 costs at most 2 % accuracy': 'epsilon 为 3 时准确率至多损失 2 %',
  'A custom operator': '自定义算子',
  'a fused operator of one’s own, equal to its reference and faster': '自己的融合算子，与参考实现相等且更快',
  'Image-text tuning with two rates': '两种学习率的图文微调',
  '18 % more Recall@1': 'Recall@1 提高 18 %',
  'LoRA, r = 16, alpha = 32, layered rates': 'LoRA，r = 16，alpha = 32，分层学习率',
  '40 times the parameter efficiency': '参数效率提高到 40 倍',
  'Quantisation-aware training': '量化感知训练',
  '0.3 % accuracy lost': '准确率损失 0.3 %',
  'Divergence guard': '发散保护',
  'a gradient norm above 100 stops a run before it is lost': '梯度范数超过 100 时在训练失败前停下',
  Autoscaling: '自动伸缩',
  'one engine fewer after 5 minutes below 30 %': '低于 30 % 持续 5 分钟后减少一个引擎',
  Alerts: '告警',
  'fire at a P99 above 500 ms and a backlog above 10': 'P99 超过 500 毫秒、积压超过 10 时触发',
  'Driver floor': '驱动程序下限',
  'a driver that is too old is found before anything is started': '过旧的驱动程序在启动之前就被发现',
}
