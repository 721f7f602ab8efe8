/** Errors in Chinese. */

import type { HadalError } from '@hadal/base'
import { type ErrorWords, words } from '../../words.ts'
import { bracketed, bulleted } from './lists.ts'

const maxShown = 20

export const nnDataErrors: Readonly<Record<string, ErrorWords>> = {
  nn_architecture_unknown: words<[found: string, known: readonly string[]]>(
    (found, known) => `不认识架构 ${found}；认识的有 ${known.join('、')}`,
    '选择 config.json 的 architectures 和 model_type 为其中之一的检查点。',
  ),
  nn_chat_template_failed: words<[why: string]>(
    (why) => `对话模板失败：${why}`,
    '没有模板时给出一个；否则按提示改正模板，或消息的顺序、角色。',
  ),
  nn_chat_template_not_incremental: words<[turn: number, why: string]>(
    (turn, why) => `在渲染后的文本中找不到第 ${turn} 条消息里 assistant 的话：${why}`,
    "把对话在每个回答之后截断，只学最后一轮（turns: 'last'），或使用只追加的模板。",
  ),
  nn_checkpoint_dtype_unsupported: words<[name: string, stored: string]>(
    (name, stored) => `${name} 以 ${stored} 存储；可加载的是 F32、F16 和 BF16`,
    '使用未量化的检查点，或先转换成 BF16。',
  ),
  nn_checkpoint_file_missing: words<[path: string, wanted: string]>(
    (path, wanted) => `缺少 ${path}：${wanted}`,
    '复制或下载整个目录；权重必须是 safetensors，较旧的 .bin 文件请先转换。',
  ),
  nn_checkpoint_invalid: words<[folder: string, issues: readonly HadalError[]]>(
    (folder, issues) => {
      const shown = issues.slice(0, maxShown).map(({ code, message }) => `\n  - ${code}：${message}`)
      const more = issues.length > maxShown ? `\n  另有 ${issues.length - maxShown} 处` : ''
      return `无法加载 ${folder}；有 ${issues.length} 处错误：${shown.join('')}${more}`
    },
    (_folder, issues) => [...new Set(issues.map(({ help }) => help))].slice(0, 5).join(' '),
  ),
  nn_checkpoint_json_invalid: words<[path: string, reason: string]>(
    (path, reason) => `${path}：${reason}`,
    '重新复制或下载文件，并与来源核对。',
  ),
  nn_checkpoint_shape_mismatch: words<[name: string, stored: readonly number[], wanted: readonly number[]]>(
    (name, stored, wanted) => `${name} 的形状是 ${bracketed(stored)}；模型要求 ${bracketed(wanted)}`,
    '使用与这些权重一起保存的 config.json；量化后的权重不能加载。',
  ),
  nn_checkpoint_tensor_missing: words<[name: string, shape: readonly number[], where: string]>(
    (name, shape, where) => `${where} 中缺少形状为 ${bracketed(shape)} 的 ${name}`,
    (name) =>
      name === 'lm_head.weight'
        ? '如果输出头与嵌入共享权重，config.json 必须写 "tie_word_embeddings": true。'
        : '把文件中的名字与 config.json 对照；两者必须来自同一模型。',
  ),
  nn_checkpoint_value_too_large: words<[name: string, stored: string]>(
    (name, stored) => `以 ${stored} 存储的 ${name} 含有在 float16 中不是有限值的数`,
    '以 bfloat16 或 float32 加载。',
  ),
  nn_data_empty: words<[files: number, why: string]>(
    (files, why) => `${files} 个数据文件中没有可用内容：${why}`,
    '每行给出一条，如 {"text": "..."} 或 {"messages": [{"role": "user", "content": "..."}, ...]}。',
  ),
  nn_data_file_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取数据文件 ${JSON.stringify(path)}：${why}`,
    '指定存在且可读的文件。',
  ),
  nn_data_options_invalid: words<[issues: readonly string[]]>(
    (issues) => `数据选项有 ${issues.length} 处错误：${bulleted(issues)}`,
    '改正列出的每个值。',
  ),
  nn_data_row_invalid: words<[path: string, line: number, why: string]>(
    (path, line, why) => `${path}:${line}：${why}`,
    "改正该行，或略过这类行：onBadRow: 'skip'，命令行用 --skip-bad。",
  ),
  nn_data_state_mismatch: words<[why: string]>(
    (why) => `保存的数据位置不匹配：${why}`,
    '用保存时任务的文件、随机种子、打乱缓冲区和划分继续，或开始新任务。',
  ),
  nn_parquet_unusable: words<[path: string, why: string]>(
    (path, why) => `Parquet 文件 ${JSON.stringify(path)} 无法使用：${why}`,
    '重新获取或写出文件，row group 小于 1 GiB；textField 和 messagesField 可指定其他列。',
  ),
  nn_special_token_invalid: words<[token: string, reason: string]>(
    (token, reason) => `特殊 token ${JSON.stringify(token)} ${reason}`,
    '给每个特殊 token 单独的文本，如 <|im_end|>。',
  ),
  nn_token_id_invalid: words<[id: number, vocabSize: number]>(
    (id, vocabSize) => `token ID ${id} 超出大小为 ${vocabSize} 的词表`,
    '用生成这些 ID 的分词器解码。',
  ),
  nn_tokenizer_file_invalid: words<[reason: string]>(
    (reason) => `这不是可用的 tokenizer.json：${reason}`,
    '使用属于该模型的 tokenizer.json，完整且未改动。',
  ),
  nn_tokenizer_model_mismatch: words<[tokenizer: number, model: number]>(
    (tokenizer, model) => `分词器有 ${tokenizer} 个 token，而模型的 vocab_size 只有 ${model}`,
    '使用属于该模型的 tokenizer.json；vocab_size 可以大于分词器，不能更小。',
  ),
  nn_tokenizer_not_in_llama: words<[patterns: readonly string[]]>(
    (patterns) => `llama.cpp 没有与模式 ${patterns.join(' 然后 ')} 对应的预分词器`,
    '用 qwen2Pattern（默认）或 gpt2Pattern 训练分词器。',
  ),
  nn_tokenizer_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法从 ${JSON.stringify(path)} 读取分词器：${why}`,
    '指定 tokenizer.json，或含有它的 Hugging Face 模型目录。',
  ),
  nn_tokenizer_unsupported: words<[feature: string]>(
    (feature) => `tokenizer.json 用到 ${feature}，Hadal 没有实现`,
    '从 GGUF 文件提供这类模型：由 llama.cpp 带来分词器。',
  ),
  nn_vocab_size_invalid: words<[vocabSize: number, least: number]>(
    (vocabSize, least) => `vocabSize ${vocabSize} 不是不小于 ${least} 的整数`,
    (_vocabSize, least) => `至少用 ${least}：256 个字节加上每个特殊 token。`,
  ),
}
