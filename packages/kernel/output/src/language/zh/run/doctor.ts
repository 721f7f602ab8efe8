/** Of doctor and its explain, in Chinese. */

import type { Texts } from '../../words.ts'

export const doctorTexts: Texts = {
  'captured at {0} UTC\n': '{0} UTC 的快照\n',
  'saved to {0}, without secrets; check it anywhere with hadal doctor --fixture {1}':
    '已保存到 {0}，不含机密；在任何地方都可用 hadal doctor --fixture {1} 判断',
  'collecting: {0} of {1} remaining': '正在读取：{1} 项中还剩 {0} 项',
  '. Did you mean {0}?': '。是否想写 {0}？',
  'unknown group {0}; groups are {1}{2}': '没有组 {0}；现有 {1}{2}',
  '--fixture replaces this machine and cannot be combined with --capture or --url':
    '--fixture 代替本机接受判断：不能与 --capture 或 --url 并用',
  'no checks ran': '没有检查任何内容',
  'not applicable: {0}': '与此无关：{0}',
  'passed: {0}': '正常：{0}',
  'specify one or more files, or - for standard input': '给出一个或几个文件，或用 - 读取标准输入',
  '  and {0} more (--json has them)': '  另有 {0} 项（--json 显示全部）',
  Timeline: '时间线',
  ' ({0} times)': '（{0} 次）',
  'no timestamps': '时间未知',
  ', {0} times': '，{0} 次',
  '  Lines that look like failures:': '  这些行看似失败：',
  'No known cause': '没有目录中已知的原因',
  'nothing found': '没有发现',
  '{0}: no failure-like lines': '{0}：没有看似失败的行',
  'No text to explain': '没有可解释的文本',
  'source: {0}{1}': '来源：{0}{1}',
  '  seen {0} times': '  出现 {0} 次',
  'read: {0}': '已读取：{0}',
  'Related findings': '同时看到',
  'Other findings': '看到了，但本身不是原因',
  Consequences: '它引起了',
  '1 error': '1 个错误',
  '{0} errors': '{0} 个错误',
  '1 warning': '1 个警告',
  '{0} warnings': '{0} 个警告',
  '{0} inconclusive': '{0} 项无法查明',
  '1 note': '1 条提示',
  '{0} notes': '{0} 条提示',
  '{0} passed': '{0} 项正常',
  '{0} not applicable': '{0} 项与此无关',
}
