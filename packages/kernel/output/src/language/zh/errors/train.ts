/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

const maxNamed = 8

/** As in the English error. */
interface UnsupportedLayer {
  readonly name: string
  readonly layer: string
  readonly why: string
  readonly mixesSamples: boolean
  readonly instead?: string
}

export const trainErrors: Readonly<Record<string, ErrorWords>> = {
  train_budget_spent: words<[spent: number, budget: number, delta: number, steps: number]>(
    (spent, budget, delta, steps) =>
      `delta 为 ${delta} 时，epsilon ${budget} 已用 ${spent.toFixed(4)}，共 ${steps} 步；再走一步就会超出`,
    '按现状使用权重。或在清楚代价的前提下提高 privacy.epsilon：privacy.noiseMultiplier 不变时任务会继续。',
  ),
  train_calibration_empty: words<[what: string]>(
    (what) => `没有可用于校准的样本：${what}`,
    '把样本与模型放在一起：任务完成时在配方中 saveImageRun(run, { calibrationRows: 512 })。',
  ),
  train_image_changed: words<[name: string]>(
    (name) => `图像 ${name} 在任务开始后发生了变化`,
    '恢复原样后继续任务，或用现有内容开始新任务。更大的 `cache` 使每个文件只读一次。',
  ),
  train_image_model_invalid: words<[path: string, reason: string]>(
    (path, reason) => `${path}：${reason}`,
    '重新写出目录：任务完成时在配方中 saveImageRun(run)。',
  ),
  train_layers_not_private: words<[layers: readonly UnsupportedLayer[]]>(
    (layers) =>
      `有 ${layers.length} 层不能做隐私训练：${layers.map(({ name, layer, why, instead }) => `\n  - ${name || '模型本身'}（${layer}）：${why}${instead === undefined ? '' : `；改用 ${instead}`}`).join('')}`,
    (layers) => {
      if (!layers.some(({ mixesSamples }) => mixesSamples))
        return '把 privacy.mode 设为 exact，逐行处理：较慢，适用于任何不混合各行的层。'
      return layers.some(({ instead }) => instead !== undefined)
        ? '用列出的层构建模型，或设置 privacy.replaceLayers，以 GroupNorm 代替 BatchNorm。'
        : '从模型中去掉这些层，或冻结它们：混合各行的层没有单行的梯度。'
    },
  ),
  train_no_usable_images: words<
    [where: string, skipped: readonly { readonly place: string; readonly reason: string }[]]
  >((where, skipped) => {
    const lines = skipped.slice(0, maxNamed).map(({ place, reason }) => `\n  - ${place}：${reason}`)
    const more = skipped.length > maxNamed ? `\n  - 另有 ${skipped.length - maxNamed} 处` : ''
    return `${where} 中没有可用的图像${lines.join('')}${more}`
  }, '每行给出如 {"image": "cat.jpg", "caption": "a cat"}，路径相对于该文件；或给出每张图像旁有同名文本的目录。'),
  train_onnx_unsupported: words<[what: string, why: string, help: string]>(
    (what, why, _help) => `${what} 无法写成 ONNX：${why}`,
    (_what, _why, help) => help,
  ),
  train_privacy_invalid: words<[issues: readonly string[]]>(
    (issues) => `隐私训练有 ${issues.length} 处错误：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '改正列出的每个值；docs/private-training.md 说明如何选择。',
  ),
  train_rank_environment: words<[issues: readonly string[]]>(
    (issues) =>
      `环境说明这是多个 rank 之一，但没有说是哪一个：${issues.map((issue) => `\n  - ${issue}`).join('')}`,
    '像 torchrun 那样设置 RANK、WORLD_SIZE、MASTER_ADDR 和 MASTER_PORT；或全部取消，用 --nproc 启动各 rank。',
  ),
  train_ranks_differ: words<[rank: number, what: string]>(
    (rank, what) => `rank ${rank} ${what}`,
    '给每个 rank 相同的配方、参数和数据，各机器使用共享目录。检查配方中是否用了时钟或 Math.random。',
  ),
  train_recipe_failed: words<[file: string, why: string]>(
    (file, why) => `${file} 抛出：${why}`,
    '改正配方，或 -- 之后的参数。',
  ),
  train_recipe_invalid: words<[file: string, why: string]>(
    (file, why) => `${file}：${why}`,
    '写成 export default { name, folder, model, data, ... }，或导出返回它的函数。自行训练的配方没有默认导出。',
  ),
  train_wandb_not_installed: words<[reason: string]>(
    (reason) => `无法加载 @wandb/sdk：${reason}`,
    '在启动任务的目录中运行 `npm install @wandb/sdk`，或从 listeners 中去掉 wandbLog。',
  ),
  train_wandb_refused: words<[project: string, reason: string]>(
    (project, reason) => `Weights & Biases 不接受项目 ${project} 的任务：${reason}`,
    '把 WANDB_API_KEY 设为 https://wandb.ai/authorize 显示的密钥，确认能访问 WANDB_BASE_URL，或从 listeners 中去掉 wandbLog。',
  ),
}
