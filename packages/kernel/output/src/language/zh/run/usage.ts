/** What is wrong with a command line, in Chinese. */

import type { Texts } from '../../words.ts'

export const usageTexts: Texts = {
  "unknown command '{0}'": "未知命令 '{0}'",
  "unknown option '{0}'": "未知选项 '{0}'",
  "missing required argument '{0}'": "缺少必需的参数 '{0}'",
  "option '{0}' argument missing": "选项 '{0}' 缺少值",
  "required option '{0}' not specified": "没有给出必需的选项 '{0}'",
  "option '{0}' argument '{1}' is invalid. Allowed choices are {2}.":
    "选项 '{0}' 的值 '{1}' 无效。可选：{2}。",
  "command-argument value '{0}' is invalid for argument '{1}'. Allowed choices are {2}.":
    "参数 '{1}' 的值 '{0}' 无效。可选：{2}。",
  'too many arguments: {0} instead of {1}': '参数过多：给出 {0} 个，应为 {1} 个',
  '; did you mean {0}?': '；是否想写 {0}？',
  '--language: "{0}" is none of {1}': '--language: "{0}" 不是 {1} 之一',
  'This is a bug in Hadal; please report it with the lines above.':
    '这是 Hadal 的缺陷；请连同上面的内容一起报告。',
}
