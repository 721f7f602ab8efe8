/** Help in Chinese: of monitor and doctor. */

import type { Texts } from '../../words.ts'

export const operateHelp: Texts = {
  'Watch a service: rules, alerts and dashboards from its config, and a local stack that has them.':
    '监控服务：由其配置得到规则、告警和仪表盘，以及带有它们的本地监控栈。',
  'Prometheus and Alertmanager on this machine, reading a local server, until Ctrl-C.':
    '在本机运行 Prometheus 和 Alertmanager，读取本地服务器，直到 Ctrl-C。',
  'one of adminKeys, where its metrics are private': 'adminKeys 之一，用于指标不公开的服务器',
  'the certificate that signed the server’s': '为服务器证书签名的证书',
  'a DCGM exporter': 'DCGM exporter',
  'GPUs are not watched': '不监控 GPU',
  'other metrics: of a training run, or of a second server': '其他指标：训练任务的，或第二个服务器的',
  'a loopback address': '回环地址',
  'of Prometheus': 'Prometheus 的端口',
  '9090, or a free one': '9090，或空闲端口',
  'of Alertmanager': 'Alertmanager 的端口',
  '9093, or a free one': '9093，或空闲端口',
  'where files and data are': '文件和数据所在位置',
  'how long data is kept, up to 2 GB': '数据保留多久，最多 2 GB',
  'look once and stop': '看一次就停止',
  'was asked to stop and did; with --once: all is well': '按要求停止；使用 --once 时：一切正常',
  'something is down, or an alert fires': '有目标不可用，或有告警触发',
  'What the stack that runs sees now: targets and alerts.': '运行中的监控栈现在看到什么：目标和告警。',
  'all is well': '一切正常',
  'Write rules with their tests, runbooks, Alertmanager’s routes and Grafana dashboards.':
    '写出规则及其测试、运维手册、Alertmanager 的路由和 Grafana 仪表盘。',
  'where to': '写到哪里',
  'Whether all of that is right: by promtool and amtool, the rules’ tests, and the metrics there are.':
    '以上内容是否正确：用 promtool 和 amtool、规则的测试，以及现有的指标。',
  'a server whose metrics must have every name that is asked for': '必须含有所需全部指标名称的服务器',
  'What is wrong with this machine, its GPUs, the service, the cluster or a running server.':
    '本机、GPU、服务、集群或运行中的服务器有什么问题。',
  'environment, gpu, service, cluster, server': 'environment、gpu、service、cluster、server',
  'the first three': '前三个',
  'also what is well, with its figures': '也显示正常的项目及其数字',
  'a running server, too (with the group server by default: http://127.0.0.1:8080)':
    '同时检查运行中的服务器（使用 server 组时默认为 http://127.0.0.1:8080）',
  'a cluster, too: which there are': '同时检查集群：有哪些',
  'a cluster, too: which of them': '同时检查集群：其中哪一个',
  'keep what was read, without secrets, for somebody else to look at':
    '保存读到的内容（不含机密），供他人查看',
  'judge such a capture in place of this machine; - for standard input':
    '判断这样的快照，代替本机；- 为标准输入',
  'the config file of the service': '服务的配置文件',
  'all is well, but for notes': '一切正常，最多有提示',
  'there are warnings': '有警告',
  'there are errors': '有错误',
  'something could not be found out, and nothing worse was found': '有内容无法查明，且没有发现更严重的问题',
  'the command line is wrong': '命令行有误',
  'One cause out of logs, error texts, dmesg, nvidia-smi and events: with the evidence and what to type.':
    '从日志、错误文本、dmesg、nvidia-smi 和事件中找出一个原因：附证据和应输入的命令。',
  'files, also packed with gzip, folders of them, captures; - is standard input':
    '文件（可用 gzip 压缩）、含这些文件的目录、快照；- 为标准输入',
  'a capture of `hadal doctor --capture`': '`hadal doctor --capture` 写出的快照',
  'on one timeline': '放在同一时间线上',
  'nothing, or a note': '没有发现，或只有提示',
  'a warning': '有警告',
  'an error': '有错误',
  'something critical': '有严重问题',
  'unknown: lines look like failures, and none is in the catalogue':
    '未知：有看似失败的行，但目录中没有对应原因',
  'something could not be read': '有内容无法读取',
  'KUBECONFIG, ~/.kube/config': 'KUBECONFIG、~/.kube/config',
}
