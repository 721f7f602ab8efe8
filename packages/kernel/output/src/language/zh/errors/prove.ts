/** Errors in Chinese: of what is claimed, and its measuring. */

import { type ErrorWords, words } from '../../words.ts'

export const proveErrors: Readonly<Record<string, ErrorWords>> = {
  claim_crashed: words<[id: string, how: string, lastWords: string]>(
    (id, how, lastWords) => `${id} 的进程以 ${how} 结束${lastWords === '' ? '' : `：${lastWords}`}`,
    (_id, how) =>
      how === 'SIGKILL'
        ? '多半是内存用尽时由内核所为（`dmesg` 会有记录）：结束其他程序，或用 --only 单独测量它。'
        : '它的日志在其目录的 log.txt 中。其他论断照常测量。',
  ),
  claim_failed: words<[id: string, why: string]>(
    (id, why) => `无法测量 ${id}：${why}`,
    '它的日志说明了位置，在其目录的 log.txt 中。其他论断照常测量。',
  ),
  claim_not_judged: words<[id: string, why: string]>(
    (id, why) => `无法判断 ${id} 的实测结果：${why}`,
    '结果由测量它的版本判断；请用 --only 重新测量该论断。',
  ),
  claim_timed_out: words<[id: string, limit: string]>(
    (id, limit) => `${id} 没有在 ${limit} 内完成`,
    '机器繁忙或较慢时给它更多时间：`--limit 30m`。它的日志在其目录的 log.txt 中。',
  ),
  claims_file_invalid: words<[file: string, why: string]>(
    (file, why) => `${file}：${why}`,
    '它应导出 `claims`，即 @hadal/prove 的 defineClaim 返回值的列表：docs/prove.md。',
  ),
  prove_folder_unreadable: words<[folder: string, why: string]>(
    (folder, why) => `${folder} 中没有结果：${why}`,
    '指定先前 `hadal prove --out` 写出的目录；其中有 report.json。',
  ),
  prove_folder_unwritable: words<[folder: string, why: string]>(
    (folder, why) => `无法写入 ${folder}：${why}`,
    '用 --out 指定其他目录。',
  ),
  prove_program_failed: words<[command: string, how: string, said: string]>(
    (command, how, said) => `\`${command}\` ${how}${said === '' ? '' : `：${said}`}`,
    '单独运行该命令以查看它的全部输出。',
  ),
  prove_promtool_unclear: words<[said: string]>(
    (said) => `promtool test rules 的输出：${said}`,
    '其他版本的 Prometheus 可能输出别的格式；已知 2.53 可用。',
  ),
}
