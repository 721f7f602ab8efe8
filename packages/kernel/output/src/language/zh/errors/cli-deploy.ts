/** Errors in Chinese. */

import { type ErrorWords, words } from '../../words.ts'

export const cliDeployErrors: Readonly<Record<string, ErrorWords>> = {
  cluster_busy: words<[server: string, why: string]>(
    (server, why) => `位于 ${server} 的 API server 出错：${why}`,
    '稍等再试；它的日志里有更多信息。',
  ),
  cluster_certificate: words<[server: string, why: string]>(
    (server, why) => `${server} 的证书不受信任：${why}`,
    '重新获取此集群的 kubeconfig：certificate-authority-data 与 server 必须配套。中间的设备可能出示了自己的证书。',
  ),
  cluster_config_invalid: words<[why: string]>(
    (why) => `没有已知的集群：${why}`,
    '用 --kubeconfig 或 KUBECONFIG 指定文件，用 --context 指定其中的一个 context。',
  ),
  cluster_conflict: words<[what: string, fields: readonly string[]]>(
    (what, fields) => `${what} 有由他方管理的字段：${fields.join('；')}`,
    '从清单中去掉该字段，或用 --force 接管。',
  ),
  cluster_credentials: words<[server: string, why: string]>(
    (server, why) => `无法按 kubeconfig 取得 ${server} 的凭据：${why}`,
    '`kubectl get namespaces` 会做同样的尝试；kubeconfig 指定的程序可能在等待登录。',
  ),
  cluster_forbidden: words<[verb: string, resource: string, where: string, why: string]>(
    (verb, resource, where, why) => `不能对 ${resource}（${where}）执行 ${verb}${why}`,
    (verb, resource) =>
      `需要有权限的人授权：一个允许对 ${resource} 执行 ${verb} 的 Role，以及一个 RoleBinding。`,
  ),
  cluster_namespace_missing: words<[namespace: string]>(
    (namespace) => `没有命名空间 ${namespace}`,
    (namespace) => `创建它：kubectl create namespace ${namespace}。`,
  ),
  cluster_refused: words<[what: string, why: string]>(
    (what, why) => `API server 拒绝 ${what}：${why}`,
    (_what, why) =>
      /exceeded quota/.test(why)
        ? '提高配额，或少申请一些。'
        : /webhook|admission|denied|terminated/.test(why)
          ? '这是此集群的规则：按消息所说修改，或询问集群管理者。'
          : '`hadal deploy lint` 会指出位置和该怎么写。',
  ),
  cluster_timeout: words<[server: string, request: string, seconds: number]>(
    (server, request, seconds) => `位于 ${server} 的 API server 没有在 ${seconds} 秒内回答 ${request}`,
    '请重试；连接较慢时给它更多时间：--request-timeout 60s。',
  ),
  cluster_unauthorized: words<[server: string]>(
    (server) => `位于 ${server} 的 API server 不接受 kubeconfig 中的凭据`,
    '重新登录：令牌或证书可能已过期。',
  ),
  cluster_unreachable: words<[server: string, why: string]>(
    (server, why) => `无法连接位于 ${server} 的 API server：${why}`,
    '`kubectl config current-context` 说明是哪个集群；确认它在运行，且本机能访问到它（VPN、代理）。',
  ),
  deploy_cold_start_unreadable: words<[path: string, why: string]>(
    (path, why) => `${path} 不是冷启动报告：${why}`,
    '`hadal bench coldstart --json FILE` 会写出这样的报告。',
  ),
  deploy_file_changed: words<[paths: readonly string[]]>(
    (paths) => `渲染之后被改动，或根本不是渲染的：${paths.join('、')}`,
    '把改动写进配置文件，或写进以渲染结果为基础的自己的 kustomization；然后删除上述文件，或用 --force 渲染。',
  ),
  deploy_folder_taken: words<[folder: string]>(
    (folder) => `${folder} 中有不是渲染出来的文件`,
    (folder) => `用 --out 指定其他目录，或自行清空 ${folder}。`,
  ),
  deploy_folder_unwritable: words<[folder: string, why: string]>(
    (folder, why) => `无法写入 ${folder}：${why}`,
    '用 --out 指定可写的目录，或用 - 输出到终端。',
  ),
  lint_nothing: words<[places: readonly string[]]>(
    (places) => `${places.join('、')} 中没有清单`,
    '清单是以 .yaml、.yml 或 .json 结尾、写有 apiVersion 和 kind 的文件。',
  ),
  lint_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '指定清单文件或目录，或用 - 读取标准输入：kustomize build . | hadal deploy lint -',
  ),
  rollout_failed: words<[why: readonly string[], after: string]>(
    (why, after) => [`发布失败${after}`, ...why.map((each) => `  ${each}`)].join('\n'),
    '`hadal deploy status` 显示当前运行的内容。改正上面指出的问题后重新 apply。',
  ),
  rollout_manifests_unreadable: words<[path: string, why: string]>(
    (path, why) => `${path}：${why}`,
    '指定 YAML 或 JSON 文件或目录；`hadal deploy lint` 会指出其中的问题。',
  ),
  rollout_not_found: words<[what: string, namespace: string]>(
    (what, namespace) => `命名空间 ${namespace} 中没有 ${what} 的任何对象`,
    '`hadal deploy apply` 会把它部署上去；用 -n 和 --context 可指定其他位置。',
  ),
  rollout_overtaken: words<[names: readonly string[]]>(
    (names) => `期间有别人进行了发布：${names.join('、')}；不作回退`,
    '`hadal deploy status` 显示当前运行的内容。等没有别人发布时再 apply。',
  ),
  rollout_timeout: words<[time: string, why: readonly string[], after: string]>(
    (time, why, after) => [`${time} 后仍未就绪${after}`, ...why.map((each) => `  ${each}`)].join('\n'),
    '模型加载较慢时用 --timeout 给更多时间；否则改正上面指出的问题。',
  ),
}
