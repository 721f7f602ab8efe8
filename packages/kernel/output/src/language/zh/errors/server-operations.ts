/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

export const serverOperationsErrors: Readonly<Record<string, ErrorWords>> = {
  deploy_file_unknown: words<[path: string]>(
    (path) => `没有渲染过文件 ${JSON.stringify(path)}`,
    'GET /hadal/deploy 列出文件；其他 overlay 或改过的配置会有不同的文件。',
  ),
  guard_learnt_unknown: words<[id: string]>(
    (id) => `没有学过名为 ${JSON.stringify(id)} 的内容`,
    'GET /hadal/guard/learnt 列出已学的内容。',
  ),
  guard_off: words<[]>(() => '此服务没有防护', '指定一个预设来试，或不要以 `guard: "off"` 启动服务。'),
  guard_preset_unknown: words<[preset: string, presets: readonly string[]]>(
    (preset, _presets) => `没有预设 ${JSON.stringify(preset)}`,
    (_preset, presets) => `现有 ${presets.join('、')}。`,
  ),
  guard_review_text_differs: words<[id: number]>(
    (id) => `这不是结论 ${id} 所针对的文本`,
    '给出与发送时完全相同的文本，或不带文本复核该结论。',
  ),
  guard_review_unknown: words<[id: string]>(
    (id) => `没有复核 ${JSON.stringify(id)}`,
    'GET /hadal/guard/reviews 列出现有的复核。',
  ),
  guard_verdict_unknown: words<[id: number]>(
    (id) => `审计中没有结论 ${id}`,
    'GET /hadal/guard/verdicts 列出现有的结论。',
  ),
  job_kind_unavailable: words<[kind: string, kinds: readonly string[]]>(
    (kind, _) => `此服务器不运行作业 ${JSON.stringify(kind)}`,
    (_, kinds) => (kinds.length === 0 ? '它不运行任何作业。' : `它运行 ${kinds.join('、')}。`),
  ),
  job_running: words<[kind: string, id: string]>(
    (kind, id) => `作业 ${kind} 已在运行：${id}`,
    (_, id) => `等它结束，或终止它：DELETE /hadal/jobs/${id}。`,
  ),
  job_unknown: words<[id: string]>(
    (id) => `没有作业 ${JSON.stringify(id)}`,
    'GET /hadal/jobs 列出现有的作业。',
  ),
  job_unstarted: words<[kind: string, why: string]>(
    (kind, why) => `作业 ${kind} 没有启动：${why}`,
    '系统说明了原因：可能进程过多，或内存不足。',
  ),
  jobs_full: words<[most: number]>(
    (most) => `已有 ${most} 个作业在运行，不再同时运行更多`,
    '等其中一个结束，或终止它：DELETE /hadal/jobs/:id。',
  ),
  operation_unavailable: words<[what: string, why: string]>(
    (what, _why) => `此服务器没有 ${what}`,
    (_, why) => why,
  ),
  run_not_found: words<[id: string]>(
    (id) => `没有名为 ${JSON.stringify(id)} 的任务`,
    'GET /hadal/runs 列出现有的任务。目录中有 metrics.jsonl、run.json 或 checkpoints/ 才算任务。',
  ),
  run_profile_missing: words<[name: string]>(
    (name) => `${name} 没有记录性能剖析`,
    '用 --profile 训练：`hadal train RECIPE --profile` 在前三步之后记录三步。',
  ),
  run_profile_unreadable: words<[name: string, why: string]>(
    (name, why) => `无法读取 ${name} 的性能剖析：${why}`,
    '等它写完，或用 --profile 重新记录。更大的可用 `hadal profile FOLDER` 读取。',
  ),
  run_report_not_found: words<[]>(
    () => '没有此名称或地址的报告',
    '从任务中重新打开：每个地址只能打开一份报告一次。',
  ),
  run_report_too_large: words<[path: string, maxMebibytes: number]>(
    (path, most) => `${path} 大于 ${most} MiB`,
    '在任务目录中打开该文件。',
  ),
  runbook_unknown: words<[alert: string]>(
    (alert) => `没有 ${JSON.stringify(alert)} 的运维手册`,
    'GET /hadal/alerts 列出告警；docs/runbooks/README.md 列出页面。',
  ),
  tune_config_changed: words<[file: string]>(
    (file) => `显示差异之后 ${file} 又被改动`,
    '重新查看差异：带 `dryRun` 的 POST /hadal/tune/apply。',
  ),
  tune_settings_unfit: words<[issues: readonly string[]]>(
    (issues) => issues.join('；'),
    '选择一起调优的设置，或先在配置文件中修改其他设置。',
  ),
}
