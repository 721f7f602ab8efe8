/** Help in Chinese: of scale. */

import type { Texts } from '../../words.ts'

export const scaleHelp: Texts = {
  'Scale the engines in a cluster to the load until Ctrl-C, and explain each decision.':
    '让集群中的引擎与所需数量一致，直到 Ctrl-C：会说明原因的控制器。',
  'scaling plan from `hadal deploy render`, instead of the config file':
    '`hadal deploy render` 为它写出的内容，代替配置文件',
  'Prometheus URL': '询问谁',
  'deploy.prometheusUrl, or the operator’s URL': 'deploy.prometheusUrl，或 operator 的',
  'file with the bearer token for Prometheus': '它要求的令牌',
  'address of /health, /metrics and /decisions': '/health、/metrics 和 /decisions 的地址',
  'show what would be done without doing it': '说明会做什么，但什么都不做',
  'with --once: print decisions as JSON': '使用 --once 时：以 JSON 打印决定',
  'text or json': 'text 或 json',
  'log every check, even without changes': '每次查看都打印，即使没有新内容',
  'timeout per HTTP request': '一次回答最多用时',
  'stopped on request; with --once: all decisions were made and applied':
    '按要求停止；使用 --once 时：全部已决定并完成',
  'no active controller, or a decision failed': '没有人决定，或有些无法决定或完成',
  'Show the active controller, engine counts, recent decisions and unusable metrics.':
    '谁在决定、有多少引擎、最近的决定，以及哪些数据不可信。',
  'URL of a scaler, or of a server running with --replicas auto': '伸缩器，或以 --replicas auto 运行的服务器',
  'the scaler in the cluster': '集群中的',
  'file with one of adminKeys, if the server requires one': 'adminKeys 之一，用于要求它的服务器',
  'a controller is active and working': '有人在决定，且没有受到妨碍',
  'Replay the scaler over a recorded or synthetic time range and explain its decisions.':
    '对一段记录或虚构的负载，它会在何时做什么，为什么。',
  'a synthetic day, a file written by --save, or how far to look back in Prometheus, such as 24h':
    '虚构的日子、--save 写出的文件，或在 Prometheus 中回看多久：24h',
  'Prometheus URL with the recorded range': '记得这段时间的那一个',
  'start time such as 2026-11-29T14:00Z, instead of or in addition to a length':
    '时间，如 2026-11-29T14:00Z，代替时长或与其并用',
  'end time': '到什么时候',
  'time between decisions': '两次决定的间隔',
  'save the Prometheus data for another replay': '保存 Prometheus 的回答，以便再次重放',
  'model, if several are served': '提供多个模型时指定哪一个',
  'scalers to compare with: hpa, keda, fixed:4, hadal:none, hadal:history':
    '与它并列比较的其他方式：hpa、keda、fixed:4、hadal:none、hadal:history',
  'minimum, overrides scaling.minReplicas': '代替 scaling.minReplicas',
  'maximum, overrides scaling.maxReplicas': '代替 scaling.maxReplicas',
  'initial number of engines': '开始时的数量',
  'as recorded, or as required by the load': '按记录，或按负载所需',
  'number of changes to print': '打印多少次变化',
  'write an HTML report with charts and every change': '带图表和每次变化的页面',
  'random seed of the day': '同类的另一天',
  'Synthetic days:': '虚构日子的选项：',
  'peak load, in engines': '最大工作量',
  '0.55 of the maximum number of engines': '最多引擎的 0.55',
  'startup time of an engine': '引擎启动需要多久',
  'measured, otherwise estimated': '估计值或实测值',
  'Engine assumptions:': '对引擎的假定：',
  'measured startup times from `hadal bench coldstart --json`':
    '实测的启动：`hadal bench coldstart --json` 写出的文件',
  'concurrent requests per engine': '同时能回答多少个',
  'P99 duration without queueing': '无需等待的回答的用时',
  'as recorded, or half the SLO': '按记录，或 SLO 的一半',
  'maximum queued requests per engine': '每个引擎可以等待的数量',
  'an overlay from deploy.overlays': 'deploy.overlays 之一',
  'Synthetic days available:': '虚构的日子：',
  'low at night, peak at 14:00': '夜间很少，14:00 最多',
  'five times the load within two minutes at 14:02': '14:02 起两分钟内增至五倍',
  'the GPU exporter is down for an hour, and again from 15:00': 'GPU 的 exporter 静默一小时，之后从 15:00 起',
  'alternates between high and low every five minutes, all day': '五分钟多、五分钟少，全天交替',
  'constant load': '全天不变',
  'constant, dropping to a third from 12:00 to 13:00': '全天不变，12:00 到 13:00 降为三分之一',
  'no load from 19:00 to 7:30': '19:00 到 7:30 没有负载',
  'five diurnal days and a weekend': '五个 diurnal 日和一个周末',
  'gateways restart four times': '网关重新启动四次',
  "Prometheus' clock is ten minutes off for hours": 'Prometheus 的时钟有几小时偏差十分钟',
}
