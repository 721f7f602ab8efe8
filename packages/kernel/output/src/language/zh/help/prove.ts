/** Help in Chinese: of prove. */

import type { Texts } from '../../words.ts'

export const proveHelp: Texts = {
  'Verify the claim about each technique by measuring on this machine.':
    '在本机实测对每项技术的论断：论断、实测、结论。',
  'claim ids (default: all); see --list': '论断的 ID（默认：全部）；--list 会列出',
  'all claims within 5 minutes on 2 cores (the default)': '全部在 2 核上 5 分钟内完成（默认）',
  'full measurement: more seeds, real data if installed, minutes per claim':
    '完整实测：更多随机种子，装有真实数据时使用，每项数分钟',
  'only these claims, separated by commas': '只测量这些，用逗号分隔',
  'print the claims with their requirements and durations': '打印论断、所需条件和用时',
  'output folder for raw results, logs, report.json and report.html':
    '原始结果、日志、report.json 和 report.html 写到哪里',
  'also write the HTML report to this file': '另外把带图表的页面写到那里',
  'write the report with all raw results to one file': '把含全部原始结果的报告写入一个文件',
  'do not measure; evaluate and show the results of an earlier --out':
    '不作测量：判断并显示先前 --out 中的内容',
  'file of custom claims, instead of the bundled ones': '用自己的论断代替 Hadal 的',
  'time limit per claim': '单项论断的时限',
  'one minute plus 8 times the expected time': '一分钟加预期用时的 8 倍',
  'also exit with 1 for these verdicts: not-reproduced, partly, not-here':
    '对这些结论也以 1 退出：not-reproduced、partly、not-here',
}
