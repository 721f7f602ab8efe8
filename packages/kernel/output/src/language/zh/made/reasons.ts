/** What is wrong with settings and values, as errors quote it, in Chinese. */

import type { Texts } from '../../words.ts'

export const reasonTexts: Texts = {
  '{0} is not {1}': '{0} 不是{1}',
  '{0}: there is no setting {1}; did you mean {2}?': '{0}: 没有设置 {1}；是否想写 {2}？',
  '{0}: there is no setting {1}': '{0}: 没有设置 {1}',
  '{0}: there is no such variable; did you mean {1}?': '{0}: 没有这个变量；是否想写 {1}？',
  '{0}: there is no such variable': '{0}: 没有这个变量',
  '{0}: there is no such flag; did you mean {1}?': '{0}: 没有这个选项；是否想写 {1}？',
  '{0}: there is no such flag': '{0}: 没有这个选项',
  '{0}: unexpected argument': '{0}: 这里不应有内容',
  'a non-empty string': '至少一个字符的文本',
  'true or false': ' true 或 false',
  'a list of strings, separated by commas': '用逗号分隔的文本列表',
  'a whole number from {0} to {1}, or auto': '从 {0} 到 {1} 的整数，也不是 auto',
  'a whole number from {0} to {1}': '从 {0} 到 {1} 的整数',
  'a whole number from {0} on': '不小于 {0} 的整数',
  'a whole number of at least {0}': '不小于 {0} 的整数',
  'a whole number': '整数',
  'a number from {0} to below {1}': '从 {0} 到小于 {1} 的数',
  'a number from {0} to {1}': '从 {0} 到 {1} 的数',
  'a number above {0}': '大于 {0} 的数',
  'a number of at least {0}': '不小于 {0} 的数',
  'a list of numbers from {0} to {1}, separated by commas': '用逗号分隔的从 {0} 到 {1} 的数',
  'one of {0}': '以下之一：{0}',
  'a size such as 64MiB, or a number of bytes': '如 64MiB 的大小，也不是字节数',
  'a size from {0} to {1}': '从 {0} 到 {1} 的大小',
  'a duration such as 30s and at most 24.8d, or a number of milliseconds':
    '如 30s、不超过 24.8d 的时长，也不是毫秒数',
  'a duration such as 2ms and at most 10s, or a whole number of microseconds':
    '如 2ms、不超过 10s 的时长，也不是微秒整数',
  '{0}, or none': '{0}，也不是 none',
  '{0} is not valid JSON': '{0} 不是有效的 JSON',
  'an amount of money such as 20 or 12.50': '如 20 或 12.50 的金额',
  'a list of names': '名称列表',
  'a number': '数',
  'a date such as 2027-06-30 or a duration such as 30d': '如 2027-06-30 的日期，也不是如 30d 的时长',
  'it is empty': '它是空的',
  'after hf: an owner, a slash and a repository are expected': 'hf: 之后应为所有者、斜杠和仓库名',
  'its owner or repository has an impossible name': '所有者或仓库的名称不可能存在',
  'a revision, or a file in a repository, has no .. in its path': '修订或仓库中文件的路径不能含 ..',
  'the URL is malformed': '网址格式有误',
  'the only fragment understood is #sha256= with 64 hexadecimal digits':
    '只认识 #sha256= 加 64 位十六进制数的片段',
  'over plain http a checksum is needed: add #sha256= and the digits':
    '用普通 http 时需要校验和：加上 #sha256= 和数字',
  'there is no kubeconfig (--kubeconfig, KUBECONFIG, ~/.kube/config)':
    '没有 kubeconfig（--kubeconfig、KUBECONFIG、~/.kube/config）',
  'the kubeconfig has no current context': 'kubeconfig 没有当前的 context',
  '{0} is no address of a server': '{0} 不是服务器地址',
  '{0} is missing': '缺少 {0}',
  'a size': '大小',
  'a duration': '时长',
}
