/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'
import { shortPattern } from './lists.ts'

export const guardErrors: Readonly<Record<string, ErrorWords>> = {
  guard_attack_id_taken: words<[id: string]>((id) => `已有攻击 '${id}'`, '换一个 ID，或先遗忘那一个。'),
  guard_attack_unknown: words<[id: string]>(
    (id) => `没有攻击 '${id}'`,
    'ID 是 `entries` 中的那些，以及结论中作为最接近项给出的那些。',
  ),
  guard_attack_unreadable: words<[why: string]>(
    (why) => `无法学习：${why}`,
    '学习几个词以上、且语言属于某个编码器的文本。',
  ),
  guard_attack_would_block_benign: words<[blocked: number, of: number, examples: readonly string[]]>(
    (blocked, of, examples) =>
      `学习它会拦截 ${of} 条无害文本中的 ${blocked} 条，例如 ${examples.map((text) => JSON.stringify(text)).join('、')}`,
    '只学习其中属于攻击的部分，或交给其他层处理。',
  ),
  guard_audit_unusable: words<[path: string, why: string]>(
    (path, why) => `防护的审计 ${path} 无法使用：${why}`,
    '指定可写目录中的文件。损坏的文件请移走：会在原处新建。',
  ),
  guard_data_invalid: words<[where: string, why: string]>(
    (where, why) => `${where}：${why}`,
    '每行是一个对象，如 {"text": "...", "label": 1, "source": "mine", "lang": "en"}；1 为攻击，0 为无害。',
  ),
  guard_embedding_invalid: words<[encoder: string, why: string]>(
    (encoder, why) => `编码器 '${encoder}'：${why}`,
    '为每条文本给出一个有限数值的向量，长度与 `dimensions` 一致。',
  ),
  guard_file_unreadable: words<[what: string, path: string, why: string]>(
    (what, path, why) => `files.${what}：无法读取 ${path}：${why}`,
    '`hadal guard train` 和 `hadal guard eval --thresholds-from` 会写出这类文件。',
  ),
  guard_kind_unknown: words<[of: string, kind: string, known: readonly string[]]>(
    (of, kind, _known) => `${of} 没有类型 ${JSON.stringify(kind)}`,
    (_of, _kind, known) => `现有 ${known.join('、')}。`,
  ),
  guard_locked_out: words<[seconds: number]>(
    (seconds) => `你的请求被拒绝太多次；${seconds} 秒后再试`,
    '等待 Retry-After 给出的时间；管理员可以提前解除锁定。',
  ),
  guard_pattern_invalid: words<[name: string, pattern: string, why: string, help: string]>(
    (name, pattern, why, _help) => `模式 ${JSON.stringify(name)}（${shortPattern(pattern)}）无法使用：${why}`,
    (_name, _pattern, _why, help) => help,
  ),
  guard_policy_invalid: words<[issues: readonly string[]]>(
    (issues) => `防护策略有 ${issues.length} 处错误\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
    'docs/guard.md 说明策略可以写什么；预设有 default、strict、watch、guide 和 off。',
  ),
  guard_similarity_file_invalid: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '重新安装该包，或用生成它的脚本重新写出文件。',
  ),
  guard_similarity_uncalibrated: words<[encoders: string]>(
    (encoders) => `不知道无害文本在 ${encoders} 下的得分分布`,
    '传入 calibrateSimilarity(index, benignTexts) 得到的 `calibration`，或要求固定的 { cosine }。',
  ),
  guard_sqlite_missing: words<[why: string]>(
    (why) => `无法加载 better-sqlite3：${why}`,
    '在 Hadal 所在处安装：npm install better-sqlite3@12.11.1。或把防护的 audit 设为 null。',
  ),
  guard_too_few_sources: words<[source: string, what: string]>(
    (source, what) => `去掉 ${source} 后没有${what}可供训练`,
    '给出更多来自其他来源的数据（字段 "source" 说明来源），或按现状评测防护：--as-is。',
  ),
  guard_too_few_texts: words<[what: string, count: number, least: number]>(
    (what, count, least) => `${what}：有 ${count} 条，至少需要 ${least} 条`,
    '两类文本都要补充；每类有几百条以上，数字才有意义。',
  ),
  guard_weights_invalid: words<[where: string, why: string]>(
    (where, why) => `无法读取权重 ${where}：${why}`,
    '用 `hadal guard train` 重新训练，或重新安装 @hadal/guard 以恢复自带的权重。',
  ),
}
