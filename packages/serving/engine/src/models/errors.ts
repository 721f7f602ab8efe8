/** All user-facing errors of finding and downloading models. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

const list = (names: readonly string[]): string => names.map((name) => `\n  ${name}`).join('')

export const modelRefInvalid: ErrorMaker<[ref: string, why: string]> = defineError({
  code: 'model_ref_invalid',
  status: 400,
  when: 'The model reference has none of the accepted forms.',
  message: (ref, why) => `${JSON.stringify(ref)} is not a model reference: ${why}`,
  help: 'Use a path to a GGUF file, hf:owner/repo:quant, hf:owner/repo/file.gguf, or an https URL. hf:owner/repo:safetensors names a checkpoint for training.',
})

export const modelFileNotFound: ErrorMaker<[path: string, meant: string | undefined]> = defineError({
  code: 'model_file_not_found',
  status: 404,
  when: 'The path of a model does not exist.',
  message: (path, _meant) => `the file ${path} does not exist`,
  help: (_path, meant) =>
    meant === undefined
      ? 'Check the path. A model on Hugging Face is named hf:owner/repo:quant.'
      : `Did you mean ${meant}?`,
  docsHelp: 'Check the path. A model on Hugging Face is named hf:owner/repo:quant.',
})

export const modelUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'model_unreadable',
  status: 400,
  when: 'A model file exists but cannot be read.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Check the permissions of the file and its folders, and that the disk is healthy.',
})

export const modelNotGguf: ErrorMaker<[path: string, found: string]> = defineError({
  code: 'model_not_gguf',
  status: 400,
  when: 'The file does not start with a GGUF header.',
  message: (path, found) => `${path} is not a GGUF file: it starts with ${found}`,
  help: 'Use a GGUF model: look for a repository or a file with GGUF in its name.',
})

export const modelShardMissing: ErrorMaker<[path: string]> = defineError({
  code: 'model_shard_missing',
  status: 404,
  when: 'A model is split into several files, and one of them is missing.',
  message: (path) => `the model part ${path} is missing`,
  help: 'Put all parts into one folder under their published names.',
})

export const checkpointNotServable: ErrorMaker<[ref: string]> = defineError({
  code: 'checkpoint_not_servable',
  status: 400,
  when: 'A training checkpoint was given where a model to serve is required.',
  message: (ref) => `${ref} is a training checkpoint; only GGUF models and CLIP folders can be served`,
  help: 'Use a GGUF file, a quantization, or a repository whose name ends in -GGUF; or export the checkpoint to GGUF.',
})

export const checkpointNotFound: ErrorMaker<[ref: string, missing: string]> = defineError({
  code: 'checkpoint_not_found',
  status: 404,
  when: 'A repository has no checkpoint in its root folder, or one of its files is missing.',
  message: (ref, missing) => `${ref} has no complete checkpoint; missing: ${missing}`,
  help: 'Use a repository with config.json next to model.safetensors, or next to an index and its shards. For an adapter, use the repository of its base model.',
})

export const checkpointIsPickle: ErrorMaker<[ref: string, files: readonly string[]]> = defineError({
  code: 'checkpoint_is_pickle',
  status: 400,
  when: 'A repository has its weights only in pickle format, which can run arbitrary code when it is loaded. Pickle files are never downloaded.',
  message: (ref, files) =>
    `${ref} has its weights only as pickle (${files.slice(0, 3).join(', ')}${files.length > 3 ? ', ...' : ''}), which can run arbitrary code when it is loaded`,
  help: 'Look for a safetensors conversion in the pull requests of the repository and use its revision, such as hf:owner/repo@refs/pr/1:safetensors. Or convert it in a sandbox with save_pretrained of transformers.',
})

export const checkpointIndexInvalid: ErrorMaker<[ref: string, why: string]> = defineError({
  code: 'checkpoint_index_invalid',
  status: 502,
  when: 'The index of a checkpoint lists no shards, or lists invalid ones.',
  message: (ref, why) => `${ref}: model.safetensors.index.json ${why}`,
  help: 'Try another revision or another mirror, and report the problem to the owner of the repository.',
})

export const modelNotCached: ErrorMaker<[ref: string]> = defineError({
  code: 'model_not_cached',
  status: 503,
  when: 'Offline mode is set, and the model was not downloaded before.',
  message: (ref) => `${ref} is not in the cache, and offline mode is set`,
  help: (ref) => `Run \`hadal models pull ${ref}\` while online.`,
})

export const modelQuantNotFound: ErrorMaker<[ref: string, wanted: string, available: readonly string[]]> =
  defineError({
    code: 'model_quant_not_found',
    status: 404,
    when: 'The repository has no GGUF file with the requested quantization or name.',
    message: (ref, wanted, _available) => `${ref} has no GGUF file for ${wanted}`,
    help: (_ref, _wanted, available) =>
      available.length === 0
        ? 'The repository has no GGUF files; look for one whose name ends in -GGUF.'
        : `Available:${list(available)}`,
    docsHelp:
      'Use one of the files that the error lists. If the repository has no GGUF files, look for one whose name ends in -GGUF.',
  })

export const modelAmbiguous: ErrorMaker<[ref: string, candidates: readonly string[]]> = defineError({
  code: 'model_ambiguous',
  status: 400,
  when: 'The model reference matches several models.',
  message: (ref, candidates) => `${ref} matches ${candidates.length} models`,
  help: (_ref, candidates) => `Use one of these:${list(candidates)}`,
  docsHelp: 'Use one of the references that the error lists.',
})

export const hubRepoNotFound: ErrorMaker<[repo: string, hasToken: boolean]> = defineError({
  code: 'hub_repo_not_found',
  status: 404,
  when: 'The hub has no such repository, revision or file, or the access token may not see it.',
  message: (repo, _hasToken) => `${repo} was not found on the hub`,
  help: (_repo, hasToken) =>
    hasToken
      ? 'Check the spelling and the revision, and that HF_TOKEN has read access.'
      : 'Check the spelling and the revision. A private repository needs HF_TOKEN.',
  docsHelp: 'Check the spelling and the revision. A private repository needs an HF_TOKEN with read access.',
})

export const hubAccessDenied: ErrorMaker<[repo: string, status: number, hasToken: boolean]> = defineError({
  code: 'hub_access_denied',
  status: 403,
  when: 'The hub denies access to a repository or file.',
  message: (repo, status, _hasToken) => `the hub denied access to ${repo} (${status})`,
  help: (repo, _status, hasToken) =>
    hasToken
      ? `Open the page of ${repo} and accept its terms with the account of HF_TOKEN, or renew the token.`
      : `Set HF_TOKEN to an access token of an account that accepted the terms of ${repo}.`,
  docsHelp:
    'Accept the terms on the page of the repository, and set HF_TOKEN to an access token of that account.',
})

export const hubUnreachable: ErrorMaker<[endpoint: string, why: string]> = defineError({
  code: 'hub_unreachable',
  status: 503,
  when: 'The hub cannot be reached: the network is down, the host name does not resolve, or connections are refused.',
  message: (endpoint, why) => `cannot reach ${endpoint}: ${why}`,
  help: 'Check the network. Set HF_ENDPOINT to use a mirror, or serve a local model by its path.',
})

export const hubFailed: ErrorMaker<[endpoint: string, why: string]> = defineError({
  code: 'hub_failed',
  status: 502,
  when: 'The hub returned an error, or a response that is not a file list.',
  message: (endpoint, why) => `${endpoint} ${why}`,
  help: 'Try again later. If HF_ENDPOINT names a mirror, check that it implements the hub API.',
})

export const downloadFailed: ErrorMaker<[url: string, why: string, receivedBytes: number]> = defineError({
  code: 'download_failed',
  status: 502,
  when: 'A download failed repeatedly, or the server rejected it.',
  message: (url, why, receivedBytes) => `${url}: ${why} (${formatBytes(receivedBytes)} received)`,
  help: 'Run the same command again: the download resumes where it stopped.',
})

export const downloadRefused: ErrorMaker<[url: string, status: number]> = defineError({
  code: 'download_refused',
  status: 502,
  when: 'The server does not provide the file at the URL.',
  message: (url, status) => `${url}: status ${status}`,
  help: (_url, status) =>
    status === 404 || status === 410
      ? 'Check the URL.'
      : 'The URL may have expired or may need an account: download the file in another way and serve it by its path.',
  docsHelp:
    'Check the URL. If it has expired or needs an account, download the file in another way and serve it by its path.',
})

export const downloadSizeMismatch: ErrorMaker<[url: string, expected: number, offered: number]> = defineError(
  {
    code: 'download_size_mismatch',
    status: 502,
    when: 'The server offers or sends a different number of bytes than announced.',
    message: (url, expected, offered) => `${url}: got ${offered} bytes, expected ${expected}`,
    help: 'Try again: the file may have just been replaced. If the error persists, a mirror or proxy alters the file.',
  },
)

export const insecureRedirect: ErrorMaker<[url: string, target: string]> = defineError({
  code: 'insecure_redirect',
  status: 502,
  when: 'An https URL redirects to plain http, and no checksum was given to detect tampering.',
  message: (url, target) => `${url} redirects to ${target}, over plain http`,
  help: 'Use a source that stays on https, or add #sha256= and the checksum to the URL.',
})

export const downloadIncomplete: ErrorMaker<[url: string, why: string, receivedBytes: number]> = defineError({
  code: 'download_incomplete',
  status: 502,
  when: 'The server reports no file size, no checksum was given, and the received file is not a complete model.',
  message: (url, why, receivedBytes) =>
    `${url}: the ${formatBytes(receivedBytes)} received are not a complete model: ${why}`,
  help: 'Try again. If the file is known to be complete, add #sha256= and its checksum to the URL.',
})

export const checksumMismatch: ErrorMaker<
  [file: string, algorithm: 'SHA-256' | 'git SHA-1', expected: string, got: string]
> = defineError({
  code: 'checksum_mismatch',
  status: 502,
  when: 'A downloaded file has a different checksum than announced, also on the second attempt. The file was deleted.',
  message: (file, algorithm, expected, got) => `${file} has ${algorithm} ${got}, expected ${expected}`,
  help: 'Try again: a new version may have just been published. If the error persists, the given checksum is wrong, or a mirror or proxy alters the file.',
})

export const diskFull: ErrorMaker<[folder: string, neededBytes: number | undefined, freeBytes: number]> =
  defineError({
    code: 'disk_full',
    status: 507,
    when: 'The disk has too little free space for a download.',
    message: (folder, neededBytes, freeBytes) =>
      neededBytes === undefined
        ? `${folder} has only ${formatBytes(freeBytes)} free`
        : `${folder} has ${formatBytes(freeBytes)} free and ${formatBytes(neededBytes)} are needed; ${formatBytes(neededBytes - freeBytes)} are missing`,
    help: 'Free some space, choose a smaller quantization, or move the cache with --cache-dir. The partial download is kept.',
  })

export const cacheNotWritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'cache_not_writable',
  status: 500,
  when: 'The cache folder cannot be created or written to.',
  message: (folder, why) => `cannot write to ${folder}: ${why}`,
  help: 'Use another cache folder with --cache-dir or HADAL_CACHE_DIR.',
})
