/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'

import { type ErrorWords, words } from '../../words.ts'

interface Divergence {
  readonly step: number
  readonly trouble: string
  readonly layer: string
  readonly batch: string
  readonly tried: readonly string[]
}

const maxIssues = 8

export const trainRunsErrors: Readonly<Record<string, ErrorWords>> = {
  train_adapter_unsupported: words<[reasons: readonly string[]]>(
    (reasons) => `适配器无法写成 GGUF：${reasons.map((reason) => `\n  - ${reason}`).join('')}`,
    '把它并入基础权重：`hadal export <base> --adapter <folder> --out model.gguf`，或在程序中用 `mergedWeights` 和 `exportGguf`。',
  ),
  train_checkpoint_damaged: words<[path: string, reason: string]>(
    (path, reason) => `${path} 已损坏：${reason}`,
    '使用同一任务的其他检查点；`train` 会自动退回到前一个。',
  ),
  train_checkpoint_unwritten: words<
    [
      step: number,
      folder: string,
      reason: string,
      room: { readonly needBytes: number; readonly freeBytes: number | undefined },
      newest: string | undefined,
    ]
  >(
    (step, folder, reason, { needBytes, freeBytes }, _newest) =>
      `${folder} 中没有第 ${step} 步的检查点：${reason}（需要 ${formatBytes(needBytes)}${freeBytes === undefined ? '' : `，剩余 ${formatBytes(freeBytes)}`}）`,
    (_step, folder, _reason, { needBytes }, newest) =>
      `在 ${folder} 所在磁盘上腾出 ${formatBytes(2 * needBytes)}，或使其可写，然后重新启动任务。它会${newest === undefined ? '从头开始' : `从 ${newest} 之后继续`}。`,
  ),
  train_diverged: words<[failure: Divergence, kept: string]>(
    ({ step, trouble, layer, batch, tried }, _kept) =>
      `第 ${step} 步在 ${layer} 中、对 ${batch} 得到 ${trouble}；${tried.length === 0 ? '没有尝试任何补救' : `此前：${tried.map((one) => `\n  - ${one}`).join('')}`}`,
    (_failure, kept) =>
      `查看提到的批次。如果它们没有问题，把 schedule.peak 减半或把 schedule.warmupSteps 加倍，在新目录中重新开始。最后的正常权重：${kept}。`,
  ),
  train_export_mismatch: words<[issues: readonly string[]]>(
    (issues) =>
      `权重与配置不符：${issues
        .slice(0, maxIssues)
        .map((issue) => `\n  - ${issue}`)
        .join('')}${issues.length > maxIssues ? `\n  - 另有 ${issues.length - maxIssues} 处` : ''}`,
    '给出任务所用的配置。带 `adapter` 的任务只保存适配器：`exportPeft` 写出它们，`mergedWeights` 把它们并入基础权重。',
  ),
  train_export_unsupported: words<[format: string, what: string]>(
    (format, what) => `${what} 无法写成 ${format}`,
    '不用提到的内容训练模型，或选择其他格式：Hugging Face 目录可容纳任何 token 模型，PEFT 目录可容纳适配器及其输出头。',
  ),
  train_export_unwritable: words<[path: string, reason: string]>(
    (path, reason) => `无法写入导出 ${path}：${reason}`,
    '指定当前用户可写目录下的位置，所在磁盘要有空间。',
  ),
  train_folder_unusable: words<[folder: string, reason: string]>(
    (folder, reason) => `任务目录 ${folder} 无法使用：${reason}`,
    '给任务一个当前用户可写的目录，所在磁盘可写且有空间。',
  ),
  train_gguf_model_unreadable: words<[path: string, architecture: string]>(
    (path, architecture) => `${path} 是 ${architecture}；只读取 Llama 结构的模型`,
    '从生成该文件的 safetensors 目录开始。',
  ),
  train_invalid_run: words<[name: string, issues: readonly string[]]>(
    (name, issues) =>
      `任务 ${JSON.stringify(name)} 有 ${issues.length} 处错误：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '改正列出的每个值。',
  ),
  train_no_usable_checkpoint: words<[folder: string, issues: readonly string[]]>(
    (folder, issues) => `${folder} 中没有可读的检查点：${issues.join('；')}`,
    '从副本恢复损坏的文件。如果只有 checkpoints/best 为空，说明任务设置为不保留最佳（checkpoint.best）：请取 newestWeights。只有在任务目录中没有需要的内容时，才删除它以重新开始。',
  ),
  train_out_of_memory: words<[what: string, reason: string]>(
    (what, reason) => `${what} 放不进内存：${reason}`,
    '`hadal train RECIPE --plan` 说明任务占用了什么，以及各种节省办法能省多少：梯度检查点、适配器、8 位优化器、更短的窗口。不能分批读取的对比学习批次，可用更小的 batch.cacheRows 放下。',
  ),
  train_peft_invalid: words<[path: string, issues: readonly string[]]>(
    (path, issues) => `${path} 不是可用的适配器：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '给出含有 LoRA 或 DoRA 的 adapter_config.json 和 adapter_model.safetensors 的目录。',
  ),
  train_peft_pickled: words<[path: string]>(
    (path) => `${path} 是 pickle，这里不读取`,
    '用 peft 加载后重新保存：PeftModel.from_pretrained(base, folder).save_pretrained(folder) 会写出 adapter_model.safetensors。',
  ),
  train_run_changed: words<[folder: string, change: string]>(
    (folder, change) => `${folder} 中有另一个任务的检查点：${change}`,
    '恢复改动的内容以继续它，或给新任务单独的目录。wsd 任务可以从衰减之前的检查点延长，前提是删除之后的检查点。',
  ),
  train_run_locked: words<
    [
      folder: string,
      lock: string,
      holder: { readonly pid: number; readonly host: string; readonly since: string },
    ]
  >(
    (folder, _lock, { pid, host, since }) => `${host} 上的进程 ${pid} 自 ${since} 起在 ${folder} 中训练`,
    (_folder, lock, { host }) =>
      `等待它，停止它，或给此任务单独的目录。如果 ${host} 上已没有进程在那里训练，删除 ${lock}。`,
  ),
  train_stream_ended: words<[place: string]>(
    (place) => `窗口流在 ${place} 之后没有更多窗口`,
    '让流的 `next` 重新从第一批窗口开始，并用 `epoch` 计数：任务会按调度所说的时间读取。',
  ),
  train_vocabulary_mismatch: words<[tokens: number, rows: number]>(
    (tokens, rows) => `分词器有 ${tokens} 个 token，而模型的 vocab_size 只有 ${rows}`,
    '用训练模型时的分词器导出；训练时 vocab_size 要等于或大于它的 vocabSize。',
  ),
}
