/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

export const baseErrors: Readonly<Record<string, ErrorWords>> = {
  accounts_unavailable: words<[]>(
    () => '现在无法校验密钥',
    '请重试。若由你运行此服务：检查它的数据库是否正常。',
  ),
  batch_closed: words<[]>(() => '此批处理函数已关闭，不再接收条目', '等不再有人调用时才调用 close()。'),
  batch_option_invalid: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 设为 ${expected}。`,
  ),
  batch_queue_full: words<[maxQueueSize: number, priority: number]>(
    (maxQueueSize, priority) => `已有 ${maxQueueSize} 个优先级为 ${priority} 的条目在等待`,
    '等待给出的秒数后重试，或增大 maxQueueSize 或 maxBatchSize。',
  ),
  batch_result_count: words<[results: unknown, items: number]>(
    (results, items) => `函数收到 ${items} 个条目，返回了 ${results} 个结果`,
    '返回一个数组，按顺序给每个条目一个结果；其中的 Error 只会使它自己的条目失败。',
  ),
  batch_timeout: words<[waitedMillis: number]>(
    (waitedMillis) => `${Math.round(waitedMillis)} 毫秒内没有批次取走此条目`,
    "稍后重试，允许在队列中等更久，或把 timeoutAction 设为 'delay'。",
  ),
  budget_exhausted: words<[budget: string, left: string, needed: string, until: string]>(
    (budget, left, needed, until) =>
      `此密钥每月预算 ${budget}，还剩 ${left}，而此请求可能用到 ${needed}`.concat(
        `; the next month begins at ${until}`,
      ),
    '少要一些 token，或用 `hadal keys limit` 提高预算。',
  ),
  chat_not_continuable: words<[what: string]>(
    (what) => `最后一条消息无法续写：它是 ${what}`,
    '让消息以 assistant 的一条结尾，其中有 content 或 reasoning，且没有工具调用。',
  ),
  chat_template_busy: words<[model: string]>(
    (model) => `等待 ${model} 的缓慢对话模板的请求太多`,
    '在给定的秒数后重试，或为该模型使用另一个对话模板。',
  ),
  chat_template_failed: words<[model: string, why: string]>(
    (model, why) => `${model} 的对话模板失败：${why}`,
    '按提示调整消息的顺序或角色，或者用 /v1/completions 发送自己的提示。',
  ),
  concurrency_limited: words<[limit: number]>(
    (limit) => `此密钥最多同时处理 ${limit} 个请求，已达上限`,
    '等其中一个结束后重试。',
  ),
  config_file_ambiguous: words<[paths: readonly string[]]>(
    (paths) => `找到了 ${paths.join(' 和 ')}`,
    '只保留一个，或用 --config 指定。',
  ),
  config_file_failed: words<[path: string, reason: string]>(
    (path, reason) => `${path}：${reason}`,
    '配置文件是 JSON，或写有 export default defineService({ ... }) 的模块。',
  ),
  config_file_not_found: words<[path: string]>(
    (path) => `没有配置文件 ${path}`,
    '检查路径，或不写它：当前目录中的 hadal.config.ts、.mts、.js、.mjs 或 .json 会自动找到。',
  ),
  config_invalid: words<[issues: readonly string[]]>(
    (issues) => `有 ${issues.length} 项设置有误\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
    'docs/config.md 列出所有设置；`hadal serve --help` 列出选项。',
  ),
  database_unusable: words<[shown: string, why: string]>(
    (shown, why) => `数据库 ${shown} 无法使用：${why}`,
    '设置 `database` 是 SQLite 文件的路径，或 postgres://user@host/name。',
  ),
  doctor_capture_invalid: words<[name: string, why: string]>(
    (name, why) => `${name} 不是快照：${why}`,
    '在有问题的机器上用 `hadal doctor --capture FILE` 写出快照。日志请用 `hadal doctor explain`。',
  ),
  invalid_key_limits: words<[issues: readonly string[]]>(
    (issues) => issues.join('；'),
    '改正上面指出的内容。',
  ),
  invalid_unit: words<[text: string, expected: string]>(
    (text, expected) => `${JSON.stringify(text)} 不是${expected}`,
    '大小写成 512MiB 或 4GiB，时长写成 250ms、30s 或 5m。',
  ),
  journal_in_use: words<[folder: string, pid: number]>(
    (folder, pid) => `进程 ${pid} 正在把用量写入 ${folder}`,
    '让每个进程各用一个目录：设置 `journalDir`。',
  ),
  journal_unwritable: words<[folder: string, why: string]>(
    (folder, why) => `无法把用量写入 ${folder}：${why}`,
    '把 `journalDir` 设为当前用户可写的目录。',
  ),
  key_expired: words<[shown: string, at: string]>(
    (shown, at) => `API 密钥 ${shown} 已于 ${at} 过期`,
    '申请新的密钥：`hadal keys create`。',
  ),
  key_missing: words<[]>(
    () => '没有提供 API 密钥',
    '以 Authorization: Bearer 或 x-api-key 发送一个密钥。`hadal keys create` 可以创建。',
  ),
  key_unknown: words<[shown: string]>(
    (shown) => `这里不认识 API 密钥 ${shown}`,
    '检查是否复制完整。`hadal keys list` 列出现有的密钥和已吊销的密钥。',
  ),
  model_forbidden: words<[model: string, allowed: readonly string[]]>(
    (model, allowed) => `此密钥不能使用 ${model}；可以使用 ${allowed.join('、')}`,
    '换一个模型，或用 `hadal keys limit --models` 放行它。',
  ),
  model_unpriced: words<[model: string]>(
    (model) => `此密钥的预算以金额计，而 ${model} 没有价格`,
    '换一个模型，或在设置 `prices` 中给它定价。',
  ),
  no_such_key: words<[named: string, matches: number]>(
    (named, matches) =>
      matches === 0
        ? `没有密钥 ${JSON.stringify(named)}`
        : `有 ${matches} 个密钥符合 ${JSON.stringify(named)}`,
    '`hadal keys list` 显示它们的 ID。',
  ),
  profile_trace_too_large: words<[what: string, limit: string]>(
    (what: string, limit: string) => `跟踪有 ${what}；最多读取 ${limit}`,
    '少记录几步（profile.steps），或不记录内存（profile.memory）。',
  ),
  profile_trace_unreadable: words<[reason: string]>(
    (reason: string) => `不是 Chrome 跟踪：${reason}`,
    '给出 Hadal、PyTorch（export_chrome_trace）或 Chrome 写出的 JSON，原样或 gzip 压缩。',
  ),
  rate_limited: words<[what: 'requests' | 'tokens', limit: number, needed: number, left: number]>(
    (what, limit, needed, left) =>
      what === 'requests'
        ? `此密钥每分钟可发 ${limit} 个请求，已经用完`
        : `此密钥每分钟可用 ${limit} 个 token：还剩 ${left} 个，而此请求可能用到 ${needed} 个`,
    '等待给出的秒数后重试。',
  ),
  sqlite_missing: words<[why: string]>(
    (why) => `无法加载 better-sqlite3：${why}`,
    '在 Hadal 所在处安装：npm install better-sqlite3@12.11.1。或改用 PostgreSQL：postgres://user@host/name。',
  ),
  token_limit_exceeded: words<[limit: number, needed: number]>(
    (limit, needed) => `此请求可能用到 ${needed} 个 token，而此密钥一整分钟只能用 ${limit} 个`,
    '少要一些 token，或发送更短的提示。',
  ),
  upstream_busy: words<[id: string, maxQueue: number]>(
    (id, maxQueue) => `已有 ${maxQueue} 个请求在等待 ${id}`,
    '等待给出的秒数后重试，或给模型更多副本、每个副本更多位置，或更长的队列。',
  ),
  upstream_failed: words<[id: string, why: string]>(
    (id, why) => `${id} 失败：${why}`,
    '请重试。如果同一请求再次造成此问题，查看运行该模型的服务器的日志。',
  ),
  upstream_interrupted: words<[id: string, why: string]>(
    (id, why) => `${id} 的回答中断：${why}`,
    '重新发送请求。',
  ),
  upstream_late: words<[id: string, withinMillis?: number]>(
    (id, withinMillis) =>
      withinMillis === undefined
        ? `请求等待 ${id} 太久，已赶不上首字节的时限`
        : `${id} 的首字节会在 ${withinMillis} 毫秒之后才到`,
    '等待给出的秒数后重试，或使用更晚的 deadline_ms。',
  ),
  upstream_option_invalid: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 设为 ${expected}。`,
  ),
  upstream_refused: words<[id: string, why: string]>(
    (_id, why) => why,
    (id) => `这是运行 ${id} 的服务器所说；按它的要求修改请求。`,
  ),
  upstream_timeout: words<[id: string, millis: number]>(
    (id, millis) => `${id} 在 ${millis} 毫秒内没有给出任何字节`,
    '请重试。如果它确实需要这么久，给它更长的首字节时限，或非流式回答的时限。',
  ),
  upstream_unavailable: words<[id: string, why: string]>(
    (id, why) => `无法连接 ${id}：${why}`,
    '等待给出的秒数后重试。日志说明了各副本的问题。',
  ),
}
