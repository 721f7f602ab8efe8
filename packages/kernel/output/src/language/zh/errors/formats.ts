/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'
import { type ErrorWords, words } from '../../words.ts'
import { schemaPlace } from './lists.ts'

export const formatsErrors: Readonly<Record<string, ErrorWords>> = {
  gguf_invalid: words<[path: string, offset: number, reason: string]>(
    (path, offset, reason) => `${path} 不是有效的 GGUF 文件：第 ${offset} 字节：${reason}`,
    '重新复制或下载文件，并与来源核对校验和。',
  ),
  gguf_value_invalid: words<[key: string, reason: string]>(
    (key, reason) => `GGUF 元数据 ${JSON.stringify(key)} ${reason}`,
    '用 `gguf` 构造值，如 gguf.uint32(32) 或 gguf.float32(1e-5)；此格式的类型是严格的。',
  ),
  image_cache_unwritable: words<[folder: string, reason: string]>(
    (folder, reason) => `无法在 ${folder} 中保存解码后的图像：${reason}`,
    '检查它是否为可写的目录；或不写它，给缓存更多内存。',
  ),
  image_fashion_mnist_missing: words<[path: string]>(
    (path) => `没有 ${path}：apt-get install dataset-fashion-mnist，或指定含有它的目录`,
    '配方以 -- --data FOLDER 接收该目录。四个文件的名称与原发行版相同，用 gzip 压缩。',
  ),
  image_format_unsupported: words<[name: string, format: string]>(
    (name, format) => `图像 ${name} 是 ${format}，不支持读取`,
    '转换成 PNG、JPEG、WebP、GIF、AVIF 或 SVG；以内容为准，与扩展名无关。',
  ),
  image_idx_invalid: words<[name: string, why: string]>(
    (name, why) => `${name} 不是字节的 IDX 文件：${why}`,
    '重新获取该文件；是否用 gzip 压缩都可以。',
  ),
  image_invalid: words<[name: string, reason: string]>(
    (name, reason) => `图像 ${name} 无法解码：${reason}`,
    '用看图程序打开；如果显示不完整，请重新复制或导出。',
  ),
  image_labels_unlike: words<[images: readonly number[], labels: readonly number[]]>(
    (images, labels) => `[${images}] 的图像与 [${labels}] 的标签不匹配`,
    '两个文件要取自同一发行版。',
  ),
  image_not_found: words<[name: string]>(
    (name) => `${name} 处没有图像`,
    '检查路径；数据文件中的路径相对于写有它的文件。',
  ),
  image_option_invalid: words<[option: string, value: unknown, wanted: string]>(
    (option, value, wanted) => `${option} 是 ${JSON.stringify(value)}，应为 ${wanted}`,
    '改正该选项。',
  ),
  image_too_many_bytes: words<[name: string, bytes: number, maxBytes: number]>(
    (name, bytes, maxBytes) => `图像 ${name} 有 ${formatBytes(bytes)}，上限为 ${formatBytes(maxBytes)}`,
    '缩小图像；如果来源可信，也可提高字节上限。',
  ),
  image_too_many_pixels: words<[name: string, width: number, height: number, maxPixels: number]>(
    (name, width, height, maxPixels) => `图像 ${name} 有 ${width} x ${height} 像素，总数上限为 ${maxPixels}`,
    '缩小图像；如果来源可信，也可提高 maxPixels。',
  ),
  image_too_slow: words<[name: string, timeoutMs: number]>(
    (name, timeoutMs) => `图像 ${name} 在 ${timeoutMs} 毫秒内没有解码完`,
    '简化它（矢量图可以无限嵌套）；如果来源可信，也可提高 timeoutMs。',
  ),
  image_unreadable: words<[name: string, reason: string]>(
    (name, reason) => `无法读取图像 ${name}：${reason}`,
    '检查路径是否为文件，以及是否可读。',
  ),
  images_unavailable: words<[reason: string]>(
    (reason) => `这里无法解码图像：sharp 没有加载成功：${reason}`,
    '连同本平台的部分一起安装：npm install --include=optional sharp。',
  ),
  onnx_external_data: words<[tensor: string, location: string]>(
    (tensor, location) => `${JSON.stringify(tensor)} 的值不在模型中，而在 ${JSON.stringify(location)}`,
    '把模型存成一个文件，在 Python 中：onnx.save(onnx.load(path), other_path)。',
  ),
  onnx_graph_invalid: words<[where: string, reason: string]>(
    (where, reason) => `${where} ${reason}`,
    '节点读取输入、initializer 和前面节点的输出，都按给定的名字。',
  ),
  onnx_invalid: words<[source: string, offset: number, reason: string]>(
    (source, offset, reason) => `${source} 不是有效的 ONNX 模型：第 ${offset} 字节：${reason}`,
    '重新复制或导出文件，并与来源核对校验和。',
  ),
  onnx_limit: words<[source: string, what: string, found: number, most: number]>(
    (source, what, found, most) => `${source} 有 ${found} ${what}，上限为 ${most}`,
    '如果文件可信，提高上限：decodeOnnx(bytes, { limits })。',
  ),
  onnx_tensor_invalid: words<[name: string, reason: string]>(
    (name, reason) => `张量 ${JSON.stringify(name)} ${reason}`,
    '形状、类型和值必须一致；onnxFloats 读取浮点数，onnxIntegers 读取整数。',
  ),
  privacy_attack_invalid: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 写成 ${expected}。`,
  ),
  privacy_epsilon_unreachable: words<[epsilon: number, delta: number, accountant: string, least: number]>(
    (epsilon, delta, accountant, least) =>
      `delta 为 ${delta} 时 epsilon ${epsilon} 低于核算方法 '${accountant}' 在任何噪声下能给出的 ${least.toPrecision(3)}`,
    (_epsilon, _delta, accountant) =>
      accountant === 'prv'
        ? "要求更大的 epsilon：'prv' 的上界本身含有 0.01 的误差。"
        : "要求更大的 epsilon 或 delta，或使用更紧的核算方法 'prv'。",
  ),
  privacy_ledger_invalid: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 设为 ${expected}。`,
  ),
  privacy_target_invalid: words<[name: string, value: unknown, expected: string]>(
    (name, value, expected) => `${name} 是 ${String(value)}；必须是 ${expected}`,
    (name, _value, expected) => `把 ${name} 设为 ${expected}。`,
  ),
  regex_invalid: words<[pattern: string, position: number, reason: string]>(
    (pattern, position, reason) => `模式 ${JSON.stringify(pattern)} 在位置 ${position} 处格式有误：${reason}`,
    '按 JavaScript 正则表达式的语法书写。',
  ),
  regex_too_large: words<[pattern: string, reason: string]>(
    (pattern, reason) => `模式 ${JSON.stringify(pattern)} 过大：${reason}`,
    '减小重复次数的上限，或拆分它。',
  ),
  regex_unsupported: words<[pattern: string, position: number, reason: string]>(
    (pattern, position, reason) =>
      `模式 ${JSON.stringify(pattern)} 在位置 ${position} 处无法强制执行：${reason}`,
    '改用字符类、分组、选择和量词表达。',
  ),
  safetensors_invalid: words<[path: string, where: string, reason: string]>(
    (path, where, reason) => `${path} 不是有效的 safetensors 文件：${where}：${reason}`,
    '重新复制或下载文件，并与来源核对校验和。',
  ),
  schema_invalid: words<[path: string, reason: string]>(
    (path, reason) => `schema 无效（${schemaPlace(path)}）：${reason}`,
    '改正该 JSON pointer 处的 schema。',
  ),
  schema_too_large: words<[path: string, reason: string]>(
    (path, reason) => `schema 过大（${schemaPlace(path)}）：${reason}`,
    '减小上限（maxLength、maxItems、重复次数），减少嵌套，或拆分 schema。',
  ),
  schema_unsupported: words<[path: string, reason: string]>(
    (path, reason) => `schema 无法强制执行（${schemaPlace(path)}）：${reason}`,
    '去掉该关键字，或改用可强制执行的关键字表达（packages/serving/grammar/README.md 列出）。',
  ),
  tensor_file_unreadable: words<[path: string, reason: string]>(
    (path, reason) => `无法读取 ${path}：${reason}`,
    '检查路径和权限；如果文件正在写入，等它写完。',
  ),
  tensor_file_unwritable: words<[path: string, reason: string]>(
    (path, reason) => `无法写入 ${path}：${reason}`,
    '检查目录是否存在、是否可写，以及磁盘是否有空间。',
  ),
  tensor_not_found: words<[path: string, name: string, names: readonly string[]]>(
    (path, name, _names) => `${path} 中没有张量 ${JSON.stringify(name)}`,
    (_path, _name, names) =>
      names.length === 0
        ? '文件中没有任何张量。'
        : `其中有 ${names.length} 个：${names.slice(0, 5).join('、')}${names.length > 5 ? '……' : ''}。`,
  ),
  tensor_source_invalid: words<[name: string, reason: string]>(
    (name, reason) => `张量 ${JSON.stringify(name)} ${reason}`,
    '每个张量要有自己的名字，值的个数要与形状一致。',
  ),
  tensor_type_unsupported: words<[name: string, type: string, task: string]>(
    (name, type, task) => `类型为 ${type} 的张量 ${JSON.stringify(name)} 不能 ${task}`,
    '浮点转换支持 F32、F16、BF16、Q8_0、Q6_K、Q4_K 和 Q4_0；任何已知类型都可按原始字节读写。',
  ),
}
