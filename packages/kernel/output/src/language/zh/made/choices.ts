/** What an engine chose when it started, and why, in Chinese: `name: value (reason)` as in English. */

import type { Texts } from '../../words.ts'

export const choiceTexts: Texts = {
  'batch invariance: {0}': '批次不变性: {0}',
  'flash attention: {0}': 'flash attention: {0}',
  'library: llama.cpp {0} from {1}': '动态库: llama.cpp {0}，来自 {1}',
  'device: {0} ({1} kernels)': '设备: {0} ({1} 核函数)',
  'device: {0}': '设备: {0}',
  'threads: {0} ({1}; fewer while others need the cores)': '线程数: {0} ({1}；其他程序需要时减少)',
  'threads: {0} of each run ({1})': '线程数: 每次运行 {0} ({1})',
  'threads: {0} ({1})': '线程数: {0} ({1})',
  'physical cores': '物理核',
  'logical processors': '逻辑处理器',
  bundled: '自带',
  'as configured': '按配置',
  'contextLength: {0} ({1})': '上下文长度: {0} ({1})',
  'what the model was trained for': '模型训练时的长度',
  'kv cells: {0} for each of {1} sequences': 'KV 单元: {1} 个序列各 {0}',
  'kv cells: {0} shared by {1} sequences (memory does not hold {2} for each; greedy text can depend on company)':
    'KV 单元: {1} 个序列共用 {0} (内存放不下各 {2}；贪心文本可能受同批请求影响)',
  'off (the kernels of a GPU do not promise it)': '关 (GPU 的核函数不作保证)',
  '{0} (as configured)': '{0} (按配置)',
  on: '开',
  off: '关',
  'on (it costs little up to {0} tokens of context)': '开 (上下文不超过 {0} 个 token 时代价很小)',
  'where the device has it (fastest)': '设备支持时使用 (最快)',
  'row by row, values in BF16 (batch-invariant)': '逐行，值为 BF16 (结果与同批请求无关)',
  'off (its results depend on company)': '关 (其结果受同批请求影响)',
  'where the device has it (shared cells are slow without)': '设备支持时使用 (共用单元没有它会很慢)',
  'speculation: off ({0})': '推测解码: 关 ({0})',
  'speculation: {0}, guessed from what was said before': '推测解码: {0}，由先前的文本猜测',
  'speculation: {0}, guessed by {1}': '推测解码: {0}，由 {1} 猜测',
  'this model cannot take tokens back': '此模型不能撤回 token',
  'it breaks batch invariance': '会使结果受同批请求影响',
  'pooling: {0} ({1})': '池化: {0} ({1})',
  'batching: {0} ({1})': '批处理: {0} ({1})',
  'runtime: onnxruntime-node {0} (CPU)': '运行时: onnxruntime-node {0} (CPU)',
  'guard: default (prompt attacks are stopped before a model sees them; --guard off turns it off)':
    '防护: default (提示攻击在模型看到之前被阻止；--guard off 可关闭)',
}
