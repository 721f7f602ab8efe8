/** Help in Chinese: of monitor and doctor. */

import type { Texts } from '../../words.ts'

export const operateHelp: Texts = {
  'Monitor a service: generate rules, alerts and dashboards, and run a local stack.':
    '监控服务：由其配置得到规则、告警和仪表盘，以及带有它们的本地监控栈。',
  'Run Prometheus and Alertmanager for a local server until Ctrl-C.':
    '在本机运行 Prometheus 和 Alertmanager，读取本地服务器，直到 Ctrl-C。',
  'file with one of adminKeys, if the metrics are private': 'adminKeys 之一，用于指标不公开的服务器',
  'CA certificate of the server': '为服务器证书签名的证书',
  'DCGM exporter URL': 'DCGM exporter',
  'GPUs are not monitored': '不监控 GPU',
  'additional metrics URLs, such as training runs or other servers': '其他指标：训练任务的，或第二个服务器的',
  'loopback address to listen on': '回环地址',
  'Prometheus port': 'Prometheus 的端口',
  '9090, or a free port': '9090，或空闲端口',
  'Alertmanager port': 'Alertmanager 的端口',
  '9093, or a free port': '9093，或空闲端口',
  'folder for files and data': '文件和数据所在位置',
  'data retention, up to 2 GB': '数据保留多久，最多 2 GB',
  'check once and exit': '看一次就停止',
  'stopped on request; with --once: healthy': '按要求停止；使用 --once 时：一切正常',
  'a target is down or an alert is firing': '有目标不可用，或有告警触发',
  'Show the targets and alerts of the running stack.': '运行中的监控栈现在看到什么：目标和告警。',
  healthy: '一切正常',
  'Write rules with tests, runbooks, Alertmanager routes and Grafana dashboards.':
    '写出规则及其测试、运维手册、Alertmanager 的路由和 Grafana 仪表盘。',
  'output folder': '写到哪里',
  'Validate the generated files with promtool, amtool, the rule tests and the available metrics.':
    '以上内容是否正确：用 promtool 和 amtool、规则的测试，以及现有的指标。',
  'server whose metrics must include every name used': '必须含有所需全部指标名称的服务器',
  'Diagnose this machine, its GPUs, the service, the cluster or a running server.':
    '本机、GPU、服务、集群或运行中的服务器有什么问题。',
  'check groups: environment, gpu, service, cluster, server': 'environment、gpu、service、cluster、server',
  'the first three': '前三个',
  'also show passed checks and their measurements': '也显示正常的项目及其数字',
  'also check a running server (default for the group server: http://127.0.0.1:8080)':
    '同时检查运行中的服务器（使用 server 组时默认为 http://127.0.0.1:8080）',
  'also check a cluster: kubeconfig file': '同时检查集群：有哪些',
  'also check a cluster: context': '同时检查集群：其中哪一个',
  'save the collected data without secrets, to share with others': '保存读到的内容（不含机密），供他人查看',
  'check a saved capture instead of this machine; - for standard input':
    '判断这样的快照，代替本机；- 为标准输入',
  'service config file': '服务的配置文件',
  'healthy, or notes only': '一切正常，最多有提示',
  warnings: '有警告',
  errors: '错误',
  'some checks were inconclusive, and nothing worse was found': '有内容无法查明，且没有发现更严重的问题',
  'invalid command line': '命令行有误',
  'Find the root cause in logs, error texts, dmesg, nvidia-smi output and events, with evidence and commands to run.':
    '从日志、错误文本、dmesg、nvidia-smi 和事件中找出一个原因：附证据和应输入的命令。',
  'files (gzip is supported), folders or captures; - for standard input':
    '文件（可用 gzip 压缩）、含这些文件的目录、快照；- 为标准输入',
  'a capture of `hadal doctor --capture`': '`hadal doctor --capture` 写出的快照',
  'merged into one timeline': '放在同一时间线上',
  'nothing found, or a note': '没有发现，或只有提示',
  'a warning': '有警告',
  'an error': '有错误',
  'something critical': '有严重问题',
  'unknown: failure-like lines that match no catalogued cause': '未知：有看似失败的行，但目录中没有对应原因',
  'some input could not be read': '有内容无法读取',
  'KUBECONFIG, ~/.kube/config': 'KUBECONFIG、~/.kube/config',
}
