/** Errors in Chinese. */

import { formatMillis } from '@hadal/base'
import { type ErrorWords, words } from '../../words.ts'

export const fleetErrors: Readonly<Record<string, ErrorWords>> = {
  deploy_invalid: words<[issues: readonly string[]]>(
    (issues) =>
      `有 ${issues.length} 个问题使此服务无法部署\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
    'docs/deploy.md 说明每个选择的依据；docs/config.md 列出 `deploy` 的各部分。',
  ),
  deploy_overlay_unknown: words<[name: string, known: readonly string[]]>(
    (name, _known) => `没有 overlay ${JSON.stringify(name)}`,
    (_name, known) =>
      known.length === 0
        ? '配置文件中没有任何 overlay：在 `deploy.overlays` 中定义。'
        : `现有 ${known.join('、')}。`,
  ),
  deploy_recipe_incomplete: words<[missing: readonly string[]]>(
    (missing) => `配方导入了没有随附的文件：${missing.join('、')}`,
    '指定包含其全部文件（含 train.ts 或 run.ts）的目录，而不是单个文件。',
  ),
  deploy_recipe_too_large: words<[bytes: number, limit: number, largest: string]>(
    (bytes, limit, largest) =>
      `配方的文件共 ${bytes} 字节，而 ConfigMap 最多 ${limit} 字节；最大的是 ${largest}`,
    '数据应放在卷上（--data-claim）。或把配方放进镜像，用 --recipe-in-image 指定其在镜像中的路径。',
  ),
  deploy_training_invalid: words<[name: string, issues: readonly string[]]>(
    (name, issues) =>
      `训练任务 ${JSON.stringify(name)} 有 ${issues.length} 处错误：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '改正列出的每个值；docs/deploy-training.md 说明各自的作用。',
  ),
  monitor_scrape_interval: words<[millis: number]>(
    (millis) => `monitor.scrapeIntervalMillis 是 ${formatMillis(millis)}：告警按分钟计算`,
    '把 monitor.scrapeIntervalMillis 设为 60s 或更小；通常是 15s。',
  ),
  rollout_does_not_fit: words<[workload: string, why: string]>(
    (workload, why) => `${workload} 放不下：${why}`,
    '减少副本或缩小副本，或增加节点；原因中说明缺什么。提到的污点需要相应的容忍。',
  ),
  rollout_immutable_field: words<[object: string, path: string, wayOut: string]>(
    (object, path, _wayOut) => `${object} 的 ${path} 一旦存在就不能修改`,
    (_object, _path, wayOut) => wayOut,
  ),
  rollout_kind_not_served: words<[apiVersion: string, kind: string, names: string, from: string]>(
    (apiVersion, kind, names, _from) => `集群不提供 ${apiVersion} 的 ${kind}（${names}）`,
    (_apiVersion, _kind, _names, from) => `安装 ${from}，或用 --skip-missing 略过这类对象。`,
  ),
  rollout_nothing_to_undo: words<[workload: string]>(
    (workload) => `${workload} 只有当前的修订版`,
    '应用那里应有的清单。',
  ),
  rollout_quota_exceeded: words<[workload: string, why: string]>(
    (workload, why) => `${workload} 超出配额：${why}`,
    '提高配额，或少申请一些：更少的副本，或更小的 requests。',
  ),
  rollout_revision_incomplete: words<[workload: string, revision: number, missing: readonly string[]]>(
    (workload, revision, missing) =>
      `${workload} 的修订版 ${revision} 需要已不存在的 ConfigMap ${missing.join('、')}`,
    '应用当时的清单（它会带上这些），或用 --to 回退到更早。',
  ),
  rollout_revision_not_found: words<[workload: string, revision: number, known: readonly number[]]>(
    (workload, revision, _known) => `${workload} 没有修订版 ${revision}`,
    (_workload, _revision, known) =>
      known.length === 0
        ? '没有更早的修订版。请应用当时的清单。'
        : `现有 ${known.join('、')}。更早的已按 revisionHistoryLimit 清除：请应用当时的清单。`,
  ),
  rollout_would_deadlock: words<[workload: string, why: string]>(
    (workload, why) => `${workload} 会死锁：${why}`,
    '`--strategy auto` 会原地逐个替换 Pod。或在清单中写 maxSurge 0 和 maxUnavailable 1。',
  ),
  scale_recording_empty: words<[name: string, what: string]>(
    (name, what) => `${name} 没有关于${what}的内容`,
    '选一段模型在提供服务且被监控的时间。`hadal monitor test --url` 显示缺少哪些指标。',
  ),
  scale_recording_invalid: words<[name: string, why: string]>(
    (name, why) => `${name} 不是负载记录：${why}`,
    '用 `hadal scale replay 24h --prometheus URL --save FILE` 记录一份。',
  ),
}
