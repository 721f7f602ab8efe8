/** What the checks of the doctor say: facts, in Chinese. */

import type { Texts } from '../../words.ts'

export const doctorFactsMade: Texts = {
  'its output could not be parsed': '它的输出无法理解',
  '{0} could not be read: {1}': '无法读取 {0}：{1}',
  'Check it manually, or take another capture (source {0}).': '手动查看，或重新获取快照（来源 {0}）。',
  '{0}: only available on Linux': '只有 Linux 能说明{0}',
  'a token': '一个 token',
  none: '无',
  '{0} processors': '{0} 个处理器',
  '{0} (models)': '{0}（模型）',
  '{0} (temporary files)': '{0}（临时文件）',
  '{0} (working folder)': '{0}（工作目录）',
  'local ({0})': '本地（{0}）',
  '{0}: whole ({1})': '{0}：完整（{1}）',
  '{0}, {1} threads, CPU only': '{0}，{1} 个线程，用于处理器',
}
