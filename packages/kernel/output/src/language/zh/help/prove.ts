/** Help in Chinese: of prove. */

import type { Texts } from '../../words.ts'

export const proveHelp: Texts = {
  'Measure on this machine what is claimed of each technique: claim, measured, verdict.':
    '在本机实测对每项技术的论断：论断、实测、结论。',
  'their ids (default: all); --list shows them': '论断的 ID（默认：全部）；--list 会列出',
  'all within 5 minutes on 2 cores (the default)': '全部在 2 核上 5 分钟内完成（默认）',
  'the real thing: more seeds, real data where it is installed, minutes each':
    '完整实测：更多随机种子，装有真实数据时使用，每项数分钟',
  'these alone, separated by commas': '只测量这些，用逗号分隔',
  'print the claims, what they need and how long they take': '打印论断、所需条件和用时',
  'where raw results, logs, report.json and report.html go':
    '原始结果、日志、report.json 和 report.html 写到哪里',
  'write the page with plots there, too': '另外把带图表的页面写到那里',
  'write the report with all raw results into one file': '把含全部原始结果的报告写入一个文件',
  'measure nothing: judge and show what an earlier --out holds': '不作测量：判断并显示先前 --out 中的内容',
  'claims of one’s own in place of those of Hadal': '用自己的论断代替 Hadal 的',
  'of one claim': '单项论断的时限',
  'a minute and 8 times what is expected': '一分钟加预期用时的 8 倍',
  'exit with 1 also for these: not-reproduced, partly, not-here':
    '对这些结论也以 1 退出：not-reproduced、partly、not-here',
}
