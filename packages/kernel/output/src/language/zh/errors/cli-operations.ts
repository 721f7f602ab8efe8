/** Errors in Chinese. */

import { formatMillis } from '@hadal/base'

import { type ErrorWords, words } from '../../words.ts'

export const cliOperationsErrors: Readonly<Record<string, ErrorWords>> = {
  deploy_not_rendered: words<[folder: string]>(
    (folder) => `目录 ${folder} 中没有渲染过任何东西`,
    '`hadal deploy render` 会把它写在配置文件旁边。',
  ),
  guard_audit_missing: words<[path: string]>(
    (path) => `没有审计 ${path}`,
    '配置文件的 guard 设置中写了 audit.file 时，服务启动后就会写。用 --file 指定它。',
  ),
  guard_check_invalid: words<[module: string, why: string]>(
    (module, why) => `${module}：${why}`,
    '检查模块应写：export default { name, layer, check, action }，或这样的列表。',
  ),
  guard_data_unreadable: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '指定每行一个 JSON 对象的文件：{"text": "...", "label": 1, "source": "mine"}。字段见 docs/guard.md。',
  ),
  guard_nothing_to_measure: words<[what: string, command: string]>(
    (what, _command) => what,
    (_what, command) =>
      `指定会拦截的策略，例如 --preset default，或修改配置中的 guard 设置：\`${command} --help\`。`,
  ),
  guard_reviews_full: words<[path: string, most: number]>(
    (path, most) => `${path} 已有 ${most} 条复核或 16 MiB，不再保存更多`,
    '把文件移走：从中学到的会保留。',
  ),
  job_ended: words<[kind: string, how: string]>(
    (kind, how) => `${kind} ${how}`,
    '它的日志可能说明原因；内存不足时，系统会终止占用最多的进程。',
  ),
  job_unreadable: words<[kind: string, why: string]>(
    (kind, why) => `无法读取 ${kind} 的结果：${why}`,
    '磁盘可能已满，或结果超过 32 MiB：请在 shell 中用 `--json` 运行该命令。',
  ),
  look_busy: words<[waiting: number]>((waiting) => `已有 ${waiting} 个查看在进行`, '几秒后再问。'),
  look_failed: words<[what: string, why: string]>(
    (what, why) => `${what} 没有回答就结束了：${why}`,
    '缩小范围。如果再次出现，那是 Hadal 的缺陷：请连同所问内容一起报告。',
  ),
  look_too_long: words<[what: string, limitMillis: number]>(
    (what, limitMillis) => `${what} 超过 ${formatMillis(limitMillis)}，已放弃`,
    '再问一次，或缩小范围。同名命令没有这样的时限：`hadal deploy diff`、`hadal deploy lint`、`hadal doctor explain`。',
  ),
}
