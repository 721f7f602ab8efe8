/** Help in Chinese: of scale. */

import type { Texts } from '../../words.ts'

export const scaleHelp: Texts = {
  'As many engines in a cluster as are needed, until Ctrl-C: a controller that says why.':
    '让集群中的引擎与所需数量一致，直到 Ctrl-C：会说明原因的控制器。',
  'what `hadal deploy render` wrote for it, in place of the config file':
    '`hadal deploy render` 为它写出的内容，代替配置文件',
  'whom to ask': '询问谁',
  'deploy.prometheusUrl, or the operator’s': 'deploy.prometheusUrl，或 operator 的',
  'a token that it wants': '它要求的令牌',
  'where /health, /metrics and /decisions are': '/health、/metrics 和 /decisions 的地址',
  'say what would be done, and do nothing': '说明会做什么，但什么都不做',
  'with --once: print the decisions as JSON': '使用 --once 时：以 JSON 打印决定',
  'text or json': 'text 或 json',
  'each look, also where nothing is new': '每次查看都打印，即使没有新内容',
  'how long one answer may take': '一次回答最多用时',
  'was asked to stop and did; with --once: all of it was decided and done':
    '按要求停止；使用 --once 时：全部已决定并完成',
  'nobody decides, or something could not be decided or done': '没有人决定，或有些无法决定或完成',
  'Who decides, how many engines there are, the last decisions, and what cannot be believed.':
    '谁在决定、有多少引擎、最近的决定，以及哪些数据不可信。',
  'a scaler, or a server that runs with --replicas auto': '伸缩器，或以 --replicas auto 运行的服务器',
  'the cluster’s': '集群中的',
  'one of adminKeys, where that server wants one': 'adminKeys 之一，用于要求它的服务器',
  'somebody decides, and nothing keeps it from it': '有人在决定，且没有受到妨碍',
  'What it would have done, when and why, over a range that was recorded or made up.':
    '对一段记录或虚构的负载，它会在何时做什么，为什么。',
  'a made-up day, a file that --save wrote, or how far to look back in Prometheus: 24h':
    '虚构的日子、--save 写出的文件，或在 Prometheus 中回看多久：24h',
  'which one remembers the range': '记得这段时间的那一个',
  'a time as 2026-11-29T14:00Z, in place of a length or with it':
    '时间，如 2026-11-29T14:00Z，代替时长或与其并用',
  'until when': '到什么时候',
  'from one decision to the next': '两次决定的间隔',
  'keep what Prometheus said, to be replayed again': '保存 Prometheus 的回答，以便再次重放',
  'which one, where several are served': '提供多个模型时指定哪一个',
  'others beside it: hpa, keda, fixed:4, hadal:none, hadal:history':
    '与它并列比较的其他方式：hpa、keda、fixed:4、hadal:none、hadal:history',
  'in place of scaling.minReplicas': '代替 scaling.minReplicas',
  'in place of scaling.maxReplicas': '代替 scaling.maxReplicas',
  'at the beginning': '开始时的数量',
  'as recorded, or as the load needs': '按记录，或按负载所需',
  'how many changes are printed': '打印多少次变化',
  'a page with charts and every change': '带图表和每次变化的页面',
  'another day of the same kind': '同类的另一天',
  'For made-up days:': '虚构日子的选项：',
  'work at the most': '最大工作量',
  '0.55 of the most engines': '最多引擎的 0.55',
  'an engine takes so long to start': '引擎启动需要多久',
  'estimated or measured': '估计值或实测值',
  'What an engine is taken to be:': '对引擎的假定：',
  'measured starts: what `hadal bench coldstart --json` wrote':
    '实测的启动：`hadal bench coldstart --json` 写出的文件',
  'it answers so many at once': '同时能回答多少个',
  'of answers that do not wait': '无需等待的回答的用时',
  'as recorded, or half the SLO': '按记录，或 SLO 的一半',
  'that may wait for each engine': '每个引擎可以等待的数量',
  'one of deploy.overlays': 'deploy.overlays 之一',
  'Made-up days:': '虚构的日子：',
  'little at night, most at 14:00': '夜间很少，14:00 最多',
  'at 14:02 five times as much within two minutes': '14:02 起两分钟内增至五倍',
  'the exporter of the GPUs is silent for an hour, and from 15:00':
    'GPU 的 exporter 静默一小时，之后从 15:00 起',
  'five minutes of much and five of little, all day': '五分钟多、五分钟少，全天交替',
  'the same all day': '全天不变',
  'the same all day, and a third of it from 12:00 to 13:00': '全天不变，12:00 到 13:00 降为三分之一',
  'nothing from 19:00 to 7:30': '19:00 到 7:30 没有负载',
  'five diurnal days and a weekend': '五个 diurnal 日和一个周末',
  'gateways start anew four times': '网关重新启动四次',
  "Prometheus' clock is ten minutes off for hours": 'Prometheus 的时钟有几小时偏差十分钟',
}
