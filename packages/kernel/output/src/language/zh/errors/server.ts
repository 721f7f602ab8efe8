/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'
import { type ErrorWords, words } from '../../words.ts'

/** As in the English error. */
interface Issue {
  readonly param: string
  readonly message: string
}

const shownIssues = 10

const slotActions = new Map([
  ['save', '保存'],
  ['restore', '恢复'],
  ['erase', '清除'],
])

export const serverErrors: Readonly<Record<string, ErrorWords>> = {
  adapter_changes_off: words<[]>(
    () => '这里不允许客户端加载或卸载适配器',
    '用 --adapter-changes 启动服务器；那时每个客户端都能读取此进程可读的文件。',
  ),
  body_too_large: words<[limitBytes: number]>(
    (limitBytes) => `请求体大于 ${limitBytes} 字节`,
    '缩短提示，或以更大的 bodyLimitBytes 启动服务（createServer 中：limits.maxBodyBytes）。',
  ),
  client_gone: words<[]>(() => '客户端关闭了连接', '无需处理，除非客户端想等更久。'),
  embedding_not_pooled: words<[model: string]>(
    (model) => `${model} 为每个 token 给出一个向量，而此 API 只能容纳一个`,
    '使用 POST /embedding，或以其他 --pooling 启动服务。',
  ),
  fim_unsupported: words<[model: string]>(
    (model) => `${model} 没有做过中间填充训练`,
    '去掉 suffix，或提供有相应 token 的模型，如 Qwen2.5-Coder 或 StarCoder2。',
  ),
  generation_interrupted: words<[]>(() => '引擎没有做完就结束了这次生成', '重新发送请求。'),
  headers_too_large: words<[limitBytes: number]>(
    (limitBytes) => `请求头大于 ${formatBytes(limitBytes)}`,
    '发送更少或更短的头，或以更大的 headerLimitBytes 启动服务。',
  ),
  image_address_refused: words<[param: string, scheme: string]>(
    (param, scheme) => `${param} 是一个地址（${scheme}），而此服务器不抓取任何内容`,
    '直接发送图像：data:image/png;base64,...，或只发 base64。',
  ),
  internal_error: words<[requestId: string]>(
    (requestId) => `服务器处理请求 ${requestId} 时出错`,
    '请连同服务器日志中带有此请求 ID 的行一起报告。',
  ),
  invalid_api_key: words<[given: boolean]>(
    (given) => (given ? '这里不认识此 API 密钥' : '没有提供 API 密钥'),
    "发送头 'Authorization: Bearer KEY'，KEY 为此服务器配置的密钥。",
  ),
  invalid_request: words<[issues: readonly Issue[]]>((issues) => {
    const shown = issues.slice(0, shownIssues).map(({ param, message }) => `${param || '请求体'} ${message}`)
    const more = issues.length - shown.length
    return shown.join('；') + (more > 0 ? `；另有 ${more} 处` : '')
  }, '改正指出的字段。'),
  invalid_utf8: words<[]>(() => '请求体不是有效的 UTF-8', '以 UTF-8 编码 JSON。'),
  listen_failed: words<[port: number, host: string, why: string]>(
    (port, host, why) => `无法监听 ${host} 的端口 ${port}：${why}`,
    '使用本机的地址，如 127.0.0.1 或 0.0.0.0，端口从 1024 起。',
  ),
  malformed_http: words<[why: string]>(
    (why) => `不是格式正确的 HTTP 请求：${why}`,
    '使用带一个 Host 头的 HTTP/1.1，以及 Content-Length 或 Transfer-Encoding: chunked。服务器有证书（tlsCert）时才用 TLS。',
  ),
  malformed_json: words<[why: string]>((why) => `请求体不是 JSON：${why}`, '发送一个 JSON 对象。'),
  model_elsewhere: words<[model: string]>(
    (model) => `${JSON.stringify(model)} 在另一个服务器中，此请求无法转交给它`,
    '请求那个服务器，或使用这里加载的模型。',
  ),
  model_load_failed: words<[model: string, why: string]>(
    (model, why) => `无法加载 ${model}：${why}`,
    '等待给出的秒数后重试，或换一个模型；服务器日志里有更多信息。',
  ),
  model_loading: words<[]>(() => '模型仍在加载', '等待给出的秒数后重试；加载完成后 GET /ready 返回 200。'),
  model_not_found: words<[model: string | undefined, served: readonly string[]]>(
    (model, _served) => (model === undefined ? '没有指定模型' : `没有提供模型 ${JSON.stringify(model)}`),
    (_model, served) => `把 "model" 设为 ${served.map((id) => JSON.stringify(id)).join(' 或 ')}。`,
  ),
  model_over_budget: words<[model: string, needBytes: number, freeBytes: number]>(
    (model, needBytes, freeBytes) =>
      `${model} 需要 ${formatBytes(needBytes)}，而预算中可用 ${formatBytes(freeBytes)}`,
    '给它更小的 kvCacheBytes 或更大的 memoryBudgetBytes，或少固定几个模型。',
  ),
  model_pinned: words<[model: string]>(
    (model) => `${model} 已固定`,
    '卸载其他模型，或不用 `pinned` 提供它。',
  ),
  no_free_slot: words<[slots: number]>((slots) => `全部 ${slots} 个槽位都在忙`, '等待给出的秒数后重试。'),
  port_in_use: words<[port: number, host: string]>(
    (port, host) => `${host} 的端口 ${port} 已被占用`,
    (port) => `换一个端口，例如 ${port === 65535 ? port - 1 : port + 1}，或停止占用它的程序。`,
  ),
  props_fixed: words<[]>(() => '不能更改运行中服务器的属性', '以其他设置启动服务器。'),
  reader_stalled: words<[millis: number]>(
    (millis) => `客户端已有 ${millis} 毫秒没有读取流`,
    '流来了就读。用 createServer 创建的服务器可以等更久：limits.stallTimeoutMillis。',
  ),
  replicas_fixed: words<[]>(
    () => '这里没有什么来决定模型有多少副本',
    '用 --replicas auto 启动服务；集群中的模型请问 hadal scale。',
  ),
  request_timeout: words<[]>(() => '请求没有及时到达', '一次发送整个请求。'),
  response_not_stored: words<[id: string]>(
    (id) => `这里没有保存响应 ${JSON.stringify(id)}`,
    '保存 POST /v1/responses 的响应，并把其中的条目作为下一个请求的 input 发送。',
  ),
  route_not_found: words<[method: string, path: string]>(
    (method, path) => `没有 ${method} ${path}`,
    'OpenAI 客户端的 base URL 要以 /v1 结尾。',
  ),
  server_draining: words<[]>(() => '服务器正在关闭', '重新发送请求；其他副本，或重启后的此副本会处理它。'),
  slot_actions_unsupported: words<[action: string | undefined]>(
    (action) => `这里不能${slotActions.get(action ?? '') ?? '更改'}槽位`,
    '去掉它：与先前开头相同的提示会自行找到保留的内容。若不想复用，发送 "cache_prompt": false。',
  ),
  slots_off: words<[]>(() => '此服务器不显示槽位', '启动时不要加 --no-slots。'),
  unknown_parameter: words<[names: readonly string[]]>(
    (names) => `这里不认识：${names.join('、')}`,
    '去掉它，改正拼写，或不用 strictParameters 启动服务。',
  ),
  unsupported_content_encoding: words<[encoding: string]>(
    (encoding) => `不支持内容编码 ${JSON.stringify(encoding)}`,
    '发送未压缩的请求体，不带 Content-Encoding。',
  ),
  unsupported_media_type: words<[type: string]>(
    (type) => `不读取类型为 ${type === '' ? '（无）' : JSON.stringify(type)} 的请求体`,
    "发送头 'Content-Type: application/json'。",
  ),
  unsupported_parameter: words<[param: string, what: string]>(
    (param, what) => `${param}：不支持 ${what}`,
    '去掉该参数。拒绝它是因为忽略它会给出错误的回答。',
  ),
}
