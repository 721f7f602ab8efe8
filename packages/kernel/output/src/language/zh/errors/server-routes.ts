/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'
import { type ErrorWords, words } from '../../words.ts'

export const serverRoutesErrors: Readonly<Record<string, ErrorWords>> = {
  admin_key_needed: words<[route: string, areThere: boolean]>(
    (route, areThere) => `${route} 供管理员使用${areThere ? '' : '，而这里没有管理员密钥：只有本机可以请求'}`,
    (_, areThere) =>
      areThere
        ? "发送头 'Authorization: Bearer KEY'，KEY 为服务器 adminKeys 之一。"
        : '以 adminKeys 启动服务并以 Authorization: Bearer 发送其中一个，或从服务所在机器请求。',
  ),
  feed_full: words<[readers: number]>(
    (readers) => `已有 ${readers} 个读者在读取实时数据`,
    '关闭其中一个；或在路由支持时，不带 `accept: text/event-stream` 只问一次。',
  ),
  guard_audit_off: words<[]>(
    () => '这里不保存结论',
    '防护策略要指定文件：`audit: { file: "guard.sqlite" }`。',
  ),
  guard_blocked: words<[]>(
    () => '按此服务的策略，该请求没有放行',
    '换一种说法。运行此服务的人可以在防护的审计中按请求 ID 找到它。',
  ),
  guard_failed: words<[requestId: string]>(
    (requestId) => `无法检查请求 ${requestId}`,
    '重新发送。若由你运行此服务：GET /hadal/guard/verdicts 说明哪项检查失败及原因。',
  ),
  guard_output_unreadable: words<[path: string, model: string]>(
    (path, model) => `${model} 对 ${path} 的回答无法在途中检查`,
    '使用 /v1/chat/completions 或 /v1/completions，或在防护策略中以 `output: { holdBackTokens: 0 }` 启动服务。',
  ),
  guard_tokens_unreadable: words<[]>(() => '由 token 组成的提示在这里无法检查', '以文本发送提示。'),
  host_not_allowed: words<[host: string]>(
    (host) => `此服务器不叫 ${JSON.stringify(host.slice(0, 200))}`,
    '用 localhost 或 127.0.0.1 访问，把该名字加入 hostNames，或在 trustProxy 中指定前面的代理。',
  ),
  keyless_listen: words<[host: string, what: 'apiKeys' | 'adminKeys']>(
    (host, what) => `${host} 可以从其他机器访问，而没有设置 ${what}`,
    (_, what) =>
      what === 'adminKeys'
        ? '设置 adminKeys（HADAL_ADMIN_KEYS），或监听 127.0.0.1。'
        : '设置密钥（HADAL_API_KEYS、--api-keys），监听 127.0.0.1，或在任何能访问端口的人都可使用模型时写 --allow-keyless（HADAL_ALLOW_KEYLESS=true）。',
  ),
  model_version_unknown: words<[model: string, version: string, known: string]>(
    (model, version, _known) => `${model} 没有版本 ${JSON.stringify(version)}`,
    (_model, _version, known) => `请求版本 ${known}，或从路径中去掉 /versions。`,
  ),
  not_ready: words<[what: string, next?: string]>(
    (what) => `${what} 尚未就绪`,
    (_what, next = '一秒后再问。') => next,
  ),
  origin_not_allowed: words<[origin: string]>(
    (origin) => `来自 ${JSON.stringify(origin.slice(0, 200))} 的页面不能请求此内容`,
    '把该来源加入 corsOrigins，或设置 adminKeys。',
  ),
  profile_busy: words<[recordings: number]>(
    (recordings) => `已有 ${recordings} 个性能剖析在记录`,
    '等其中一个结束：最多一分钟。',
  ),
  tls_unusable: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '给出两个 PEM 文件：证书及其到根之间的证书，以及不带密码的私钥。',
  ),
  too_many_bodies: words<[limitBytes: number]>(
    (limitBytes) => `所有请求体合计超过 ${formatBytes(limitBytes)}`,
    '在给定的秒数后重试，或以更大的 bodyMemoryBytes 启动服务。',
  ),
  too_many_connections: words<[max: number]>(
    (max) => `全部 ${max} 个连接都在使用`,
    '在给定的秒数后重试，或以更大的 maxConnections 启动服务。',
  ),
  too_many_headers: words<[count: number, most: number]>(
    (count, most) => `请求至少有 ${count} 个头，最多允许 ${most} 个`,
    '少发一些头，或以更大的 maxHeaders 启动服务。',
  ),
}
