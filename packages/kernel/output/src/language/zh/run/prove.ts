/** Of prove, in Chinese. */

import type { Texts } from '../../words.ts'

export const proveTexts: Texts = {
  claim: '论断',
  claimed: '声称',
  measured: '实测',
  verdict: '结论',
  why: '原因',
  how: '条件',
  rerun: '重测',
  help: '建议',
  needs: '需要',
  reproduced: '已复现',
  partly: '部分复现',
  'not reproduced': '未复现',
  'not here': '本机无法运行',
  'not reached': '未测到',
  'times on 2 cores': '2 核上的用时',
  'about {0} left': '约剩 {0}',
  'inspecting this machine': '正在查看本机',
  'other processes were running (load average {0} on {1} threads): timings are less reliable':
    '测量时还有其他工作在运行（{1} 个线程上的平均负载为 {0}）：计时结果参考价值较低',
  'interrupted before: {0}': '停止时尚未测量：{0}',
  'raw results, logs and report.html are in {0}': '原始结果、日志和 report.html 在 {0}',
  '--quick and --full cannot be combined': '--quick 和 --full 不能同时使用',
  '--fail-on must be one of {0}, not {1}': '--fail-on 接受 {0}，而不是 {1}',
  'unknown claim {0}': '没有论断 {0}',
  'unknown claim {0} (did you mean {1}?)': '没有论断 {0}（是否指 {1}？）',
  '{0}; list all {1} with `hadal prove --list`': '{0}；`hadal prove --list` 会列出全部 {1} 项',
}
