/** Errors in Chinese. */

import { formatBytes } from '@hadal/base'
import { type ErrorWords, words } from '../../words.ts'
import { indented } from './lists.ts'

export const engineModelsErrors: Readonly<Record<string, ErrorWords>> = {
  cache_not_writable: words<[folder: string, why: string]>(
    (folder, why) => `无法写入 ${folder}：${why}`,
    '用 --cache-dir 或 HADAL_CACHE_DIR 把缓存放到别处。',
  ),
  checkpoint_index_invalid: words<[ref: string, why: string]>(
    (ref, why) => `${ref}：model.safetensors.index.json ${why}`,
    '问题出在仓库或中间的镜像：换一个修订，并告知其所有者。',
  ),
  checkpoint_is_pickle: words<[ref: string, files: readonly string[]]>(
    (ref, files) =>
      `${ref} 的权重只有 pickle 格式（${files.slice(0, 3).join('、')}${files.length > 3 ? '……' : ''}），读取它可能执行任意代码`,
    '看看仓库的 pull request 中有没有转成 safetensors 的版本，并指定其修订，如 hf:owner/repo@refs/pr/1:safetensors；或在不会造成损害的地方用 transformers 的 save_pretrained 转换。',
  ),
  checkpoint_not_found: words<[ref: string, missing: string]>(
    (ref, missing) => `${ref} 没有检查点：缺少 ${missing}`,
    '检查点是 config.json 加上旁边的 model.safetensors，或其索引和分片。适配器和子目录中的文件不算：请找基础模型的仓库。',
  ),
  checkpoint_not_servable: words<[ref: string]>(
    (ref) => `${ref} 是用于训练的检查点；只提供 GGUF 模型和 CLIP 目录`,
    '指定 GGUF 文件、量化类型或名称以 -GGUF 结尾的仓库；或把检查点导出为 GGUF。',
  ),
  checksum_mismatch: words<[file: string, algorithm: 'SHA-256' | 'git SHA-1', expected: string, got: string]>(
    (file, algorithm, expected, got) => `${file} 的 ${algorithm} 是 ${got}，应为 ${expected}`,
    '请再试：可能刚发布了新版本。如果一直如此，则是中间的镜像或代理改动了文件，或给出的校验和有误。',
  ),
  disk_full: words<[folder: string, neededBytes: number | undefined, freeBytes: number]>(
    (folder, neededBytes, freeBytes) =>
      neededBytes === undefined
        ? `${folder} 剩余 ${formatBytes(freeBytes)}`
        : `${folder} 剩余 ${formatBytes(freeBytes)}，需要 ${formatBytes(neededBytes)}，还差 ${formatBytes(neededBytes - freeBytes)}`,
    '腾出空间，选更小的量化，或用 --cache-dir 把缓存放到别处。已下载的部分会保留。',
  ),
  download_failed: words<[url: string, why: string, receivedBytes: number]>(
    (url, why, receivedBytes) => `${url}：${why}（已接收 ${formatBytes(receivedBytes)}）`,
    '再次运行同一条命令：会从中断处继续。',
  ),
  download_incomplete: words<[url: string, why: string, receivedBytes: number]>(
    (url, why, receivedBytes) => `${url}：收到的 ${formatBytes(receivedBytes)} 不是完整的模型：${why}`,
    '请再试。如果确知文件完整，在网址后加 #sha256= 和校验和。',
  ),
  download_refused: words<[url: string, status: number]>(
    (url, status) => `${url}：状态码 ${status}`,
    (_url, status) =>
      status === 404 || status === 410
        ? '检查网址。'
        : '网址可能已过期，或需要账号：用其他方式下载文件，再按路径提供。',
  ),
  download_size_mismatch: words<[url: string, expected: number, offered: number]>(
    (url, expected, offered) => `${url}：声明 ${expected} 字节，实为 ${offered} 字节`,
    '文件可能刚被替换：请再试。如果一直如此，问题在于中间的镜像或代理。',
  ),
  hub_access_denied: words<[repo: string, status: number, hasToken: boolean]>(
    (repo, status, _hasToken) => `Hub 拒绝了 ${repo}（${status}）`,
    (repo, _status, hasToken) =>
      hasToken
        ? `打开 ${repo} 的页面，用 HF_TOKEN 所属账号接受其条款，或更新令牌。`
        : `把 HF_TOKEN 设为已接受 ${repo} 条款的账号的访问令牌。`,
  ),
  hub_failed: words<[endpoint: string, why: string]>(
    (endpoint, why) => `${endpoint} ${why}`,
    '稍后再试；如果 HF_ENDPOINT 指定了镜像，检查它是否支持 Hub 的 API。',
  ),
  hub_repo_not_found: words<[repo: string, hasToken: boolean]>(
    (repo, _hasToken) => `Hub 上没有 ${repo}`,
    (_repo, hasToken) =>
      hasToken ? '检查拼写和修订，以及 HF_TOKEN 是否有权读取。' : '检查拼写和修订。私有仓库需要 HF_TOKEN。',
  ),
  hub_unreachable: words<[endpoint: string, why: string]>(
    (endpoint, why) => `无法连接 ${endpoint}：${why}`,
    '检查网络。HF_ENDPOINT 可指定镜像；本机已有的模型可按路径提供。',
  ),
  insecure_redirect: words<[url: string, target: string]>(
    (url, target) => `${url} 重定向到 ${target}，是未加密的 http`,
    '使用全程 https 的来源，或在网址后加 #sha256= 和校验和。',
  ),
  model_ambiguous: words<[ref: string, candidates: readonly string[]]>(
    (ref, candidates) => `${ref} 对应 ${candidates.length} 个模型`,
    (_ref, candidates) => `指定其中之一：${indented(candidates)}`,
  ),
  model_file_not_found: words<[path: string, meant: string | undefined]>(
    (path, _meant) => `没有文件 ${path}`,
    (_path, meant) =>
      meant === undefined
        ? '检查路径。Hugging Face 上的模型写成 hf:owner/repo:quant。'
        : `是否想写 ${meant}？`,
  ),
  model_not_cached: words<[ref: string]>(
    (ref) => `${ref} 不在缓存中，且已设置为离线`,
    (ref) => `联网时运行 \`hadal models pull ${ref}\`。`,
  ),
  model_not_gguf: words<[path: string, found: string]>(
    (path, found) => `${path} 不是 GGUF 文件：它以 ${found} 开头`,
    '只能提供 GGUF 模型。请找名称中带 GGUF 的仓库或文件。',
  ),
  model_quant_not_found: words<[ref: string, wanted: string, available: readonly string[]]>(
    (ref, wanted, _available) => `${ref}：没有符合 ${wanted} 的 GGUF 文件`,
    (_ref, _wanted, available) =>
      available.length === 0
        ? '完全没有 GGUF 文件；请找名称以 -GGUF 结尾的仓库。'
        : `现有：${indented(available)}`,
  ),
  model_ref_invalid: words<[ref: string, why: string]>(
    (ref, why) => `${JSON.stringify(ref)} 不是模型：${why}`,
    '使用 GGUF 文件路径、hf:owner/repo:quant、hf:owner/repo/file.gguf 或 https 网址；hf:owner/repo:safetensors 是用于训练的检查点。',
  ),
  model_shard_missing: words<[path: string]>(
    (path) => `缺少模型的一部分 ${path}`,
    '把所有部分放在同一目录，并保持发布时的文件名。',
  ),
  model_unreadable: words<[path: string, why: string]>(
    (path, why) => `无法读取 ${path}：${why}`,
    '检查谁可以读取该文件及其所在目录，以及磁盘是否正常。',
  ),
}
