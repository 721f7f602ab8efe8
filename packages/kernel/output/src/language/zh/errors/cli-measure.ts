/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

/** As in the English error. */
interface LostRank {
  readonly rank: number
  readonly what: string
  readonly step: number | undefined
  readonly output: readonly string[]
  readonly log: string | undefined
}

function describeLost({ rank, what, step }: LostRank): string {
  return `rank ${rank} ${what}，${step === undefined ? '在第一步之前' : `在第 ${step} 步之后`}`
}

function ending({ output }: LostRank): string {
  return output.length === 0 ? '' : `\n  其输出的结尾：${output.map((line) => `\n  | ${line}`).join('')}`
}

const named = (ranks: readonly number[]): string => `rank ${ranks.join('、')}`

const whenRefused: Readonly<Record<number, string>> = {
  400: '换一个请求：`hadal profile --help` 列出可用的内容。',
  401: '性能剖析供管理员使用：用 --api-key 指定 adminKeys 之一。',
  403: '性能剖析供管理员使用：用 --api-key 指定 adminKeys 之一，有 adminPort 时用它的地址。',
  409: '等其中一个结束。',
}

export const cliMeasureErrors: Readonly<Record<string, ErrorWords>> = {
  nsys_missing: words<[]>(
    () => 'PATH 中没有 nsys',
    '安装 Nsight Systems，或把含有它的 CUDA toolkit 的 bin 目录加入 PATH；或者不用 --nsys。',
  ),
  nsys_no_report: words<[path: string]>(
    (path) => `nsys 已结束，没有留下 ${path}`,
    '看看 nsys 对本机怎么说：nsys status --environment。2020.3 之前的版本不会自行导出。',
  ),
  nsys_reader_missing: words<[why: string]>(
    (why) => `无法加载 better-sqlite3：${why}`,
    '在 Hadal 所在处安装：npm install better-sqlite3@12.11.1。',
  ),
  nsys_report_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法把 ${path} 当作 Nsight Systems 报告读取：${why}`,
    '重新导出：nsys export --type sqlite REPORT.nsys-rep。',
  ),
  onnx_not_downloaded: words<[url: string]>(
    (url) => `${url} 不会被下载：ONNX 模型从文件提供`,
    '把它下载下来（连同旁边的权重文件，如果有），再指定该文件。',
  ),
  onnx_not_for_images: words<[path: string, why: string]>(
    (path, why) => `${path} 无法对图像分类：${why}`,
    '用 `hadal export --format onnx` 导出（会写入 hadal.input 和 hadal.classes），或把它们加到 metadata_props：docs/onnx-serving.md。',
  ),
  profile_not_recorded: words<[folder: string]>(
    (folder) => `${folder} 没有性能剖析`,
    '用 `hadal train RECIPE --profile` 记录，然后指定任务目录，或一个跟踪文件（trace.json、trace.json.gz）。',
  ),
  profile_refused: words<[url: string, why: string, status: number]>(
    (url, why, _status) => `${url} 不记录性能剖析：${why}`,
    (_url, _why, status) =>
      whenRefused[status] ??
      '指定 Hadal 服务器的地址（有 adminPort 时用它的地址），并用 --model 指定其中一个模型。',
  ),
  profile_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '指定做过剖析的任务目录，或 Hadal、PyTorch 或 Chrome 写出的跟踪。',
  ),
  tenants_invalid: words<[where: string, issues: readonly string[], builtIn: readonly string[]]>(
    (where, issues, _builtIn) => `${where}：${issues.join('；')}`,
    (_where, _issues, builtIn) => `内置的有 ${builtIn.join('、')}。docs/simulate.md 给出了租户文件的示例。`,
  ),
  train_metrics_unbound: words<[host: string, port: number, why: string]>(
    (host, port, why) => `无法在 ${host} 的端口 ${port} 上提供指标：${why}`,
    '可能已有别的任务或程序占用：换一个 --metrics-port，或用 0 任选空闲端口。',
  ),
  train_rank_failed: words<[lost: LostRank]>(
    (lost) => `${describeLost(lost)}${ending(lost)}`,
    (lost) =>
      `${/SIGKILL/.test(lost.what) ? '如果没有人杀掉它，那就是系统因内存不足所为：内核日志会有记录，减小 --batch-windows 可以少用内存。' : ''}${lost.log === undefined ? '' : `它的输出：${lost.log}。`}同一条命令会从最后一个检查点继续；--restarts 指定自动继续的次数。`,
  ),
  train_rank_hangs: words<[lost: readonly LostRank[], timeoutSeconds: number, others: readonly number[]]>(
    (lost, timeoutSeconds, others) =>
      `${lost.map(describeLost).join('；')}：${timeoutSeconds} 秒没有动静${others.length === 0 ? '' : `，${named(others)} 在等待`}${ending(lost[0]!)}`,
    (_lost, timeoutSeconds) =>
      `同一条命令会从最后一个检查点继续；--restarts 指定自动继续的次数。如果这里的一步、一次评估或一个检查点超过 ${timeoutSeconds} 秒，请增大 --parallel-timeout-seconds。`,
  ),
  train_rank_unstarted: words<[rank: number, reason: string]>(
    (rank, reason) => `无法启动 rank ${rank}：${reason}`,
    'EAGAIN：此用户不能再有更多进程（ulimit -u，或容器的 pids.max）；ENOMEM：没有内存。用 --nproc 少启动几个，或提高上限。',
  ),
}
