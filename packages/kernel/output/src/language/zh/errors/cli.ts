/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

export const cliErrors: Readonly<Record<string, ErrorWords>> = {
  bundled_model_missing: words<[name: string, available: readonly string[]]>(
    (name, _available) => `没有自带模型 ${name}`,
    (_name, available) =>
      available.length > 0
        ? `自带的有：${available.join('、')}。`
        : '指定其他模型：--model path.gguf 或 --model hf:owner/repo:quant。',
  ),
  caption_begin_missing: words<[folder: string]>(
    (folder) => `${folder} 中的分词器没有图注起始 token`,
    '在 tokenizer_config.json 中以 bos_token 指定；CLIP 的是 <|startoftext|>。',
  ),
  chat_template_unreadable: words<[path: string, why: string, names: readonly string[]]>(
    (path, why, _names) => `无法读取对话模板 ${JSON.stringify(path)}：${why}`,
    (_path, _why, names) => `给出 Jinja 源码、含源码的文件路径，或以下之一：${names.join('、')}。`,
  ),
  config_unwritable: words<[path: string, why: string]>(
    (path, why) => `无法修改 ${path}：${why}`,
    '手动写入：把显示的那段粘贴进去。',
  ),
  export_differs: words<[path: string, issues: readonly string[], report: string]>(
    (path, issues, _report) => `${path} 与来源模型不一致：${issues.join('；')}`,
    (_path, _issues, report) =>
      `文件已保留；${report} 说明了差别所在。--type F32 不作任何舍入：如果它能通过，请使用更多位数。`,
  ),
  export_no_adapter: words<[folder: string, isThere: boolean]>(
    (folder, isThere) =>
      isThere
        ? `${folder} 及其 adapter/ 中都没有 adapter_config.json；仅凭任务的检查点无法知道是什么适配器`
        : `没有目录 ${folder}`,
    '指定 PEFT 格式的适配器：adapter_config.json 和 adapter_model.safetensors。配方用 exportPeft 写出。',
  ),
  export_no_model: words<[folder: string, isThere: boolean]>(
    (folder, isThere) =>
      isThere
        ? `${folder} 及其 model/、hugging-face/ 中都没有 config.json；仅凭任务的检查点无法知道是什么模型`
        : `没有目录 ${folder}`,
    '指定 Hugging Face 格式的模型：config.json、safetensors 和 tokenizer.json。配方用 exportHuggingFace 写出，双塔模型用 exportTowers，图像分类模型用 saveImageRun。',
  ),
  export_quantization_unreadable: words<[path: string, issues: readonly string[]]>(
    (path, issues) => `${path}：${issues.join('；')}`,
    '用 exportHuggingFace 和任务的 quantization 写出，或去掉它：权重就会按原样导出。',
  ),
  export_tokenizer_foreign: words<[folder: string]>(
    (folder) => `无法导出 ${folder} 的分词器：它不是这里认识的字节级 BPE`,
    '用 llama.cpp 的 convert_hf_to_gguf.py 转换该目录。',
  ),
  export_two_towers: words<[folder: string]>(
    (folder) => `${folder} 是双塔模型，而导出的验证比较的是 token 的 logits`,
    '@hadal/train 的 `exportTowers` 可按 Hugging Face 或 open_clip 的布局写出：docs/image-text.md。`hadal serve`、`hadal retrieve` 和 `hadal classify` 可直接使用该目录。',
  ),
  image_drawing_refused: words<[name: string]>(
    (name) => `图像 ${name} 是 SVG 图形，不为客户端渲染`,
    '渲染成 PNG 再发送。',
  ),
  invalid_distribution: words<[text: string]>(
    (text) => `${JSON.stringify(text)} 不是长度分布`,
    '写成 64、uniform:32,128、lognormal:64,0.6,512（中位数、sigma、上限）或 pareto:32,1.2,4096（下限、alpha、上限）。',
  ),
  load_failed: words<[failed: number, requests: number]>(
    (failed, requests) => `${requests} 个请求中有 ${failed} 个失败`,
    '报告列出了错误代码。降低负载或增大 --timeout 可能有用。',
  ),
  op_folder_invalid: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '`hadal op new my::vector_add` 会写出一个。其 op.ts 默认导出 { definition, reference, arguments }：docs/custom-operators.md。',
  ),
  op_folder_taken: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '给算子换一个名字或目录：`hadal op new my::vector_add --folder elsewhere`。',
  ),
  recipe_not_found: words<[recipe: string]>(
    (recipe) => `没有配方 ${recipe}`,
    '指定 TypeScript 或 JavaScript 文件，或含有 train.ts 或 run.ts 的目录。',
  ),
  report_unwritable: words<[path: string, why: string]>(
    (path, why) => `无法写入 ${path}：${why}`,
    '指定一个已存在且可写目录中的文件。',
  ),
  service_not_started: words<[why: string]>(
    (why) => `要测量的服务没有启动：${why}`,
    '用相同的选项手动启动：hadal serve。',
  ),
  simulation_file_invalid: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '流量文件每行一个 JSON 对象，按到达顺序排列，字段见 docs/simulate.md。代价文件由 `hadal tune --costs` 写出。',
  ),
  target_refused: words<[url: string, why: string]>(
    (url, why) => `${url} 的回答是 ${why}`,
    '检查 --model、--api-key 和 --endpoint。不认识 ignore_eos 的服务器需要 --no-ignore-eos。',
  ),
  target_unreachable: words<[url: string, why: string]>(
    (url, why) => `${url}：${why}`,
    '用 `hadal serve` 启动一个，或指定其他服务器：用 --url，或作为 `hadal profile` 的参数。',
  ),
  tune_unmeasured: words<[steps: number]>(
    (steps) => `引擎只报告了 ${steps} 步，太少，无法从中得出代价`,
    '确认模型能生成文本或计算嵌入，且上下文至少有 64 个 token。',
  ),
  usage: words<[what: string, command: string]>(
    (what, _command) => what,
    (_what, command) => `\`${command} --help\` 列出可用的内容。`,
  ),
  verify_resume_failed: words<[what: string, code: number]>(
    (what, code) => `${what}：进程以退出码 ${code} 结束`,
    '如果是 train_run_changed，说明配方每次加载给出的任务不同：检查其中是否用了时钟或 Math.random。',
  ),
  verify_resume_too_short: words<[steps: number, fewest: number]>(
    (steps, fewest) => `训练任务有 ${steps} 步；至少需要 ${fewest} 步才能中断`,
    '给它更多步：--schedule-total-steps 12。',
  ),
}
