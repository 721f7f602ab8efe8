/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

export const cliOperateErrors: Readonly<Record<string, ErrorWords>> = {
  doctor_capture_unwritable: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '指定一个当前用户可写目录中的文件。',
  ),
  doctor_fixture_unreadable: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '检查路径；- 表示读取标准输入。',
  ),
  explain_no_capture: words<[path: string]>(
    (path) => `${path} 不是快照`,
    '`hadal doctor --capture FILE` 会写出快照。日志不要用 --fixture 指定。',
  ),
  explain_terminal: words<[]>(
    () => '标准输入是终端',
    '用管道传入日志，如 `sudo dmesg | hadal doctor explain -`，或指定文件。',
  ),
  explain_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '指定文本文件、gzip 压缩的文本文件、含这类文件的目录，或用 - 读取标准输入。其他压缩格式请先解压：`zstd -dc FILE | hadal doctor explain -`。',
  ),
  monitor_key_file_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '指定当前用户可读的文件；含密钥的文件不应有其他内容。',
  ),
  monitor_metrics_refused: words<[url: string, status: number | undefined]>(
    (url, status) => `${url} 的回答是${status === undefined ? '指标以外的内容' : `状态码 ${status}`}`,
    (_url, status) =>
      status === 401 || status === 403
        ? '它的指标不公开：把 adminKeys 中的一个单独放进文件，用 --key-file 指定。'
        : '用 --url 指定 Hadal 服务器的地址（有 adminPort 时用它的地址）。',
  ),
  monitor_not_answering: words<[url: string, log: string]>(
    (url, _log) => `${url} 没有回答`,
    (_url, log) => `它可能正在重启：再问一次，或查看 ${log}。`,
  ),
  monitor_not_loopback: words<[address: string]>(
    (address) => `${address} 不是回环地址，而这两个程序都不要求密码`,
    '不写 --listen，或指定 127.0.0.1 或 ::1。从其他机器访问：ssh -L 9090:127.0.0.1:9090 this-machine。',
  ),
  monitor_not_ready: words<[name: string, seconds: number, log: string]>(
    (name, seconds, _log) => `${name} 在 ${seconds} 秒后仍未就绪`,
    (_name, _seconds, log) =>
      `${log} 显示它在做什么：读取大量数据需要很久。用 --state 换一个目录会从空数据开始。`,
  ),
  monitor_not_running: words<[folder: string]>(
    (folder) => `没有以 ${folder} 为数据目录的监控在运行`,
    '用 `hadal monitor up` 启动，使用相同的 --config 或 --state。',
  ),
  monitor_port_taken: words<[port: number, flag: string]>(
    (port, _flag) => `端口 ${port} 已被占用`,
    (_port, flag) => `用 ${flag} 指定其他端口，或不写它：会自动找空闲端口。`,
  ),
  monitor_program_ended: words<[name: string, how: string, log: string, lines: readonly string[]]>(
    (name, how, _log, lines) => [`${name} 已结束（${how}）`, ...lines].join('\n  '),
    (_name, _how, log, lines) =>
      lines.some((line) => /no space left on device|ENOSPC|file too large/i.test(line))
        ? '磁盘已满：腾出空间，或用 --state 把数据放到别处。'
        : `${log} 中有它的全部输出。它读取的文件就在旁边。`,
  ),
  monitor_programs_missing: words<[programs: readonly string[], packages: readonly string[]]>(
    (programs, _packages) => `PATH 中没有：${programs.join('、')}`,
    (_programs, packages) =>
      `Debian 和 Ubuntu：apt-get install ${packages.join(' ')}。其他系统：把 Prometheus 和 Alertmanager 的程序放入 PATH。`,
  ),
  monitor_running: words<[folder: string, pid: number]>(
    (folder, pid) => `进程 ${pid} 已在监控，数据在 ${folder}`,
    '`hadal monitor status` 显示现状。要监控另一个服务器，请用 --state 指定其他目录。',
  ),
  monitor_state_unwritable: words<[folder: string, why: string]>(
    (folder, why) => `无法写入 ${folder}：${why}`,
    '指定一个可写且磁盘有空间的目录：`hadal monitor up` 用 --state，`hadal monitor render` 用 --out。',
  ),
  scale_file_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '指定 `hadal scale replay --save` 写出的文件、一个虚构的日子（`hadal scale replay --help` 列出），或在 Prometheus 中回看多久，例如 24h。',
  ),
  scale_lease_lost: words<[lease: string, holder: string]>(
    (lease, holder) => `Lease ${lease} 由 ${holder} 持有`,
    '无需处理：多个伸缩器中只有一个行动，其余等待。`hadal scale status` 显示是哪一个。',
  ),
  scale_listen_failed: words<[address: string, why: string]>(
    (address, why) => `无法监听 ${address}：${why}`,
    '用 --listen 指定其他地址；端口 0 表示任意空闲端口。',
  ),
  scale_nothing: words<[why: string]>(
    (why) => `没有可伸缩的对象：${why}`,
    "在配置中设置 scaling: { autoscaler: 'hadal' }，用 `hadal deploy apply` 应用后重新启动。加 --dry-run 则只说会怎么做，可与任何其他自动伸缩器并存。",
  ),
  scale_plan_unreadable: words<[path: string, why: string]>(
    (path, why) => `${path} 不是伸缩器的计划：${why}`,
    '用读取它的同一版本 Hadal 重新渲染：`hadal deploy render` 会把它写入伸缩器的 ConfigMap。',
  ),
  scale_range_failed: words<[url: string, what: string, why: string]>(
    (url, what, why) => `${url} 没有给出${what}：${why}`,
    '用 --prometheus 指定监控此服务的 Prometheus。范围较长时可能需要更大的 --step。',
  ),
  scale_status_unreadable: words<[where: string, why: string]>(
    (where, why) => `${where} 没有说明做了什么决定：${why}`,
    '用 --url 指定 `hadal scale` 或 `hadal serve --replicas auto` 的地址。',
  ),
  scale_target_busy: words<[target: string]>(
    (target) => `${target} 一直在变`,
    '如果正在发布，则无需处理：下次查看时会再试。`kubectl get --show-managed-fields` 显示是谁在写。',
  ),
  scale_target_gone: words<[target: string, why: string]>(
    (target, why) => `${target}：${why}`,
    '`hadal deploy apply` 会把它部署上去；`hadal deploy status` 显示现状。一旦存在，伸缩器就会继续。',
  ),
  scale_token_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法从 ${path} 读取 Prometheus 的令牌：${why}`,
    '用 --prometheus-token-file 指定只含令牌的文件。',
  ),
  scale_unknown: words<[where: string]>(
    (where) => `在 ${where} 没有已知的伸缩器`,
    '用 `hadal scale` 启动一个，或用 `hadal deploy render` 渲染；-n、--context 或 --url 可指定其他位置。',
  ),
}
