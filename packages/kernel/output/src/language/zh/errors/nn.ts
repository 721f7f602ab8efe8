/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'
import { bulleted, listed } from './lists.ts'

export const nnErrors: Readonly<Record<string, ErrorWords>> = {
  nn_adapter_name_taken: words<[name: string]>(
    (name) => `已有名为 ${JSON.stringify(name)} 的适配器`,
    '先移除它，或换一个名字。',
  ),
  nn_adapter_unknown: words<[name: string, known: readonly string[]]>(
    (name, known) =>
      `没有名为 ${JSON.stringify(name)} 的适配器；${known.length === 0 ? '一个也没有' : `现有 ${known.join('、')}`}`,
    '先添加它，或使用列出的名字。',
  ),
  nn_adapters_merged: words<[what: string]>((what) => `适配器并入权重期间不能 ${what}`, '先调用 unmerge()。'),
  nn_adapters_not_combined: words<[issues: readonly string[]]>(
    (issues) => `这些适配器不能合成一个：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '合并同一模型的普通 LoRA 适配器；秩不同时用 kind "concatenation" 或 "svd"。',
  ),
  nn_changed_in_place: words<[layer: string, what: 'input' | 'output']>(
    (layer, what) => `类型为 "${layer}" 的层的${what}在运行后被就地修改`,
    '改用不带下划线的算子（relu 而不是 relu_），或使用 "exact" 模式。',
  ),
  nn_clip_folder_taken: words<[folder: string, file: string]>(
    (folder, file) => `${folder} 中有 ${file}，属于另一种布局的模型`,
    '写到单独的目录，或删除那里的模型。',
  ),
  nn_clip_layout_unsupported: words<[layout: string, issues: readonly string[]]>(
    (layout, issues) => `布局 ${layout} 放不下此模型：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '不写布局：会自动选择能放下模型的布局。',
  ),
  nn_fake_quant_unsupported: words<[issues: readonly string[]]>(
    (issues) => `这里不能使用伪量化：${bulleted(issues)}`,
    '两者去掉一个，或跳过列出的层。',
  ),
  nn_images_misshapen: words<[shape: readonly number[], size: number]>(
    (shape, size) => `像素的形状是 [${shape}]；图像塔读取 [images, 3, ${size}, ${size}]`,
    '把图像缩放到 vision_config 的 image_size：红、绿、蓝三个平面。',
  ),
  nn_invalid_model_config: words<[issues: readonly string[]]>(
    (issues) => `模型配置有 ${issues.length} 处错误：${bulleted(issues)}`,
    '改正列出的每个值；名称和含义与 Hugging Face 的 config.json 相同。',
  ),
  nn_nothing_observed: words<[name: string]>(
    (name) => `${name} 还没有范围：还没有前向观测过它`,
    '量化之前先打开观测器运行几遍，或加载带有范围的状态。',
  ),
  nn_nothing_to_pack: words<[windowLength: number, reason: string]>(
    (windowLength, reason) => `装不出一个 ${windowLength} 个 token 的窗口：${reason}`,
    '给出更多文本，或选择更短的窗口。',
  ),
  nn_objective_option_invalid: words<[issues: readonly string[]]>(
    (issues) => `训练目标有错误：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '改正列出的每个值，或不写以使用默认值。',
  ),
  nn_objective_shape_mismatch: words<[name: string, shape: readonly number[], wanted: readonly number[]]>(
    (name, shape, wanted) => `${name} 的形状是 [${shape}]，必须是 [${wanted}]`,
    '给出描述相同序列、类别或配对的张量；不做广播。',
  ),
  nn_optimizer_state_mismatch: words<[issues: readonly string[]]>(
    (issues) => `保存的状态与优化器不匹配：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '用与保存时相同种类、相同选项、相同参数的优化器。',
  ),
  nn_parameters_unobserved: words<[names: readonly string[]]>(
    (names) => `没有任何层报告使用了 ${listed(names)}`,
    '使用 "exact" 模式，用会报告的层构建模型（见隐私训练指南），或冻结这些参数。',
  ),
  nn_quant_scheme_invalid: words<[issues: readonly string[]]>(
    (issues) => `量化有 ${issues.length} 处错误：${bulleted(issues)}`,
    '改正列出的每个值。',
  ),
  nn_samples_unclear: words<[layer: string, shape: readonly number[], rows: number]>(
    (layer, shape, rows) => `类型为 "${layer}" 的层给出的是 [${shape.join(', ')}]；批次有 ${rows} 行`,
    '让各层读取的内容都以第 0 维为批次，或使用 "exact" 模式。',
  ),
  nn_scattering_size: words<[size: readonly [height: number, width: number], scales: number, least: number]>(
    ([height, width], scales, least) =>
      `${height} x ${width} 的图像无法在 ${scales} 个尺度上做散射变换：边长必须是 ${2 ** scales} 的倍数且不小于 ${least}`,
    '缩放或填充图像，或减少尺度。',
  ),
  nn_sequence_indivisible: words<[length: number, ranks: number]>(
    (length, ranks) => `${length} 个 token 的序列不能被 ${ranks} 个 rank 整除`,
    '选择长度为 parallel.tensor 倍数的窗口，或不写 parallel.sequence。',
  ),
  nn_sequence_too_long: words<[length: number, limit: number]>(
    (length, limit) => `${length} 个 token 的序列超过 max_position_embeddings ${limit}`,
    '缩短窗口，或以更大的 max_position_embeddings 构建模型。',
  ),
  nn_uses_untold: words<[names: readonly string[]]>(
    (names) => `模型以没有任何层报告过的方式使用 ${listed(names)}`,
    '使用 "exact" 模式，或通过 forEachRow、linearOf 或 embeddingOf 取用这类参数。',
  ),
  nn_weights_mismatch: words<[issues: readonly string[]]>(
    (issues) => `权重与模型不匹配：${bulleted(issues)}`,
    '用与这些权重一起保存的 config.json 构建模型。',
  ),
}
