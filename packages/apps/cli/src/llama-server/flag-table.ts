/** The table of llama-server's flags. */

import { messageOf } from '@hadal/base'
import { usage } from '@hadal/output'
import { alone, type FlagReader, instead, only, type Row, row, to, unless } from './flag-row.ts'

const inRequests = 'send it with each request, under the name that POST /completion has for it'

const meant: readonly Row[] = [
  row('-c --ctx-size', true, (value, gathered) => {
    gathered.context = value
    return []
  }),
  row('-np --parallel', true, (value, gathered) => {
    if (value !== '-1' && value !== 'auto') gathered.parallel = value
    return []
  }),
  row('-kvu --kv-unified', false, (_, gathered) => {
    gathered.unified = true
    return []
  }),
  row('-no-kvu --no-kv-unified', false, (_, gathered) => {
    gathered.unified = false
    return []
  }),
  row('-b --batch-size', true, (value) => ['--max-batch-tokens', Number(value) > 2048 ? '2048' : value]),
  row('-t --threads', true, unless(['-1', '0'], '--threads')),
  row('-ngl --gpu-layers --n-gpu-layers', true, unless(['-1', '-2', 'auto', 'all'], '--gpu-layers')),
  row('-cram --cache-ram', true, (value) =>
    // MiB; -1 is no limit.
    value === '-1' ? [] : ['--host-cache', value === '0' ? '0' : `${value}MiB`],
  ),
  row('--mlock', false, alone('--lock-memory')),
  row('--mmap', false, () => ['--map-memory', 'true']),
  row('--no-mmap', false, () => ['--map-memory', 'false']),
  row('--warmup', false, () => ['--preload', 'true']),
  row('--no-warmup', false, () => ['--preload', 'false']),
  row('-mu --model-url', true, to('--model')),
  row('-hf -hfr --hf-repo', true, (value, gathered) => {
    gathered.repository = value
    return []
  }),
  row('-hff --hf-file', true, (value, gathered) => {
    gathered.file = value
    return []
  }),
  row('-a --alias', true, (value) => {
    // Sorted as in llama-server: the first one is used in responses.
    const names = [...new Set(value.split(',').map((name) => name.trim()))].filter(Boolean).sort()
    const [first] = names
    if (first === undefined) return []
    return ['--model-id', first, ...(names.length > 1 ? ['--model-aliases', names.join(',')] : [])]
  }),
  row('--tags', true, to('--model-tags')),
  row('--api-key', true, (value, { keys }) => {
    keys.push(...value.split(','))
    return []
  }),
  row('--api-key-file', true, (value, { keys }, { readFile }) => {
    const lines = keyFile(value, readFile).split('\n')
    keys.push(...lines.map((line) => line.trim()).filter(Boolean))
    return []
  }),
  row('--ssl-key-file', true, to('--tls-key')),
  row('--ssl-cert-file', true, to('--tls-cert')),
  row('--embedding --embeddings', false, alone('--embeddings')),
  row('--rerank --reranking', false, alone('--reranking')),
  row('--pooling', true, (value) => (value === 'rank' ? ['--reranking'] : ['--pooling', value])),
  row('--lora', true, (value, { adapters }) => {
    adapters.push(...value.split(','))
    return []
  }),
  row('--lora-scaled', true, (value, { adapters }) => {
    // FILE:SCALE in llama-server; file names may contain colons.
    adapters.push(...value.split(',').map((item) => item.replace(/:([^:]*)$/, '=$1')))
    return []
  }),
  row('--lora-init-without-apply', false, (_, gathered) => {
    gathered.adaptersApply = false
    return []
  }),
  row('--chat-template --chat-template-file', true, to('--chat-template')),
  row('--slots', 'maybe', alone('--slots', 'true')),
  row('--no-slots', false, alone('--slots', 'false')),
  row('--temp', true, to('--temperature')),
  row('-s --seed', true, unless(['-1'], '--seed')),
  row('-n --predict --n-predict', true, unless(['-1', '-2'], '--max-tokens')),
  row('-md --model-draft --spec-draft-model', true, to('--draft-model')),
  row('-hfd -hfrd --hf-repo-draft --spec-draft-hf', true, (value) => ['--draft-model', `hf:${value}`]),
  row('--draft --draft-n --draft-max --spec-draft-n-max', true, to('--draft-tokens')),
  row('--spec-type', true, (value) => ['--speculation', value === 'none' ? 'off' : 'on']),
  row('--spec-default', false, alone('--speculation', 'on')),
  row('-rea --reasoning', true, (value) =>
    value === 'auto' ? [] : ['--thinking', value === 'on' ? 'true' : value === 'off' ? 'false' : value],
  ),
  row('--reasoning-budget', true, unless(['-1'], '--thinking-budget')),
  row('-v --verbose --log-verbose', false, alone('--log-level', 'debug', '--verbose-answers')),
  row('-lv --verbosity --log-verbosity', true, (value) => [
    '--log-level',
    Number(value) >= 4 ? 'debug' : Number(value) >= 3 ? 'info' : Number(value) >= 2 ? 'warn' : 'error',
  ]),
  row('--log-disable', false, alone('--log-level', 'error')),
]

const refused: readonly Row[] = [
  row(
    '-hft --hf-token',
    true,
    instead('put the token into the variable HF_TOKEN, where no list of processes shows it'),
  ),
  row('--context-shift', false, instead('an answer ends when its context is full; serve with a longer one')),
  row('--keep', true, only(['0'], 'nothing is cut from a prompt, so there is nothing to keep; leave it out')),
  row(
    '--rope-scaling --rope-scale --rope-freq-base --rope-freq-scale --yarn-orig-ctx --yarn-ext-factor --yarn-attn-factor --yarn-beta-slow --yarn-beta-fast --override-kv',
    true,
    instead('a model is served as its file describes it'),
  ),
  row(
    '--control-vector --control-vector-scaled --control-vector-layer-range',
    true,
    instead('control vectors are not served; train an adapter'),
  ),
  row('-mm --mmproj -mmu --mmproj-url', true, instead('pictures and sound are not served; leave it out')),
  row('--media-path', true, instead('pictures and sound are not served; leave it out')),
  row('--path', true, instead('put a web server in front for files of your own')),
  row('--api-prefix', true, only([''], 'put a proxy in front that strips the prefix')),
  row('--grammar --grammar-file -j --json-schema -jf --json-schema-file', true, instead(inRequests)),
  row(
    '--samplers --sampler-seq --sampling-seq -l --logit-bias -r --reverse-prompt',
    true,
    instead(inRequests),
  ),
  row(
    '--top-nsigma --top-n-sigma --xtc-probability --xtc-threshold --typical --typical-p --repeat-last-n --dry-multiplier --dry-base --dry-allowed-length --dry-penalty-last-n --dry-sequence-breaker --dynatemp-range --dynatemp-exp --mirostat --mirostat-lr --mirostat-ent',
    true,
    instead(inRequests),
  ),
  row('--adaptive-target --adaptive-decay', true, instead('adaptive-p sampling is not served; leave it out')),
  row('--ignore-eos', false, instead(inRequests)),
  row('--chat-template-kwargs', true, only(['', '{}'], 'send chat_template_kwargs with each request')),
  row(
    '--reasoning-format',
    true,
    only(['auto', 'deepseek'], 'reasoning is always told apart, as reasoning_content'),
  ),
  row('--reasoning-budget-message', true, instead('leave it out')),
  row(
    '--spm-infill',
    false,
    instead('a prefix stands before its suffix, as models are trained; leave it out'),
  ),
  row('-sp --special', false, instead('control tokens are not output; ask for return_tokens')),
  row(
    '-dev --device -sm --split-mode -ts --tensor-split -mg --main-gpu --rpc -ot --override-tensor',
    true,
    instead('set CUDA_VISIBLE_DEVICES, and --gpu-layers'),
  ),
  row('--models-dir --models-preset', true, instead('start one server for each model')),
  row(
    '--tools --tools-runtime --mcp-servers-config --mcp-servers-json',
    true,
    instead('the server runs no tools; the client does'),
  ),
  row(
    '-ag --agent --ui-mcp-proxy --webui-mcp-proxy',
    false,
    instead('the server runs no tools; the client does'),
  ),
  row('--sleep-idle-seconds', true, only(['-1'], 'a model stays loaded until the server stops')),
  row('--no-cache-prompt', false, instead('send "cache_prompt": false with each request')),
  row('--skip-chat-parsing', false, instead('ask POST /completion, which reads nothing into a text')),
  row('--list-devices --cache-list', false, instead('`hadal models list` says what models there are')),
]

/** Flags that only affect speed, logs or appearance, or request the default. */
const leftOut: readonly Row[] = [
  row('-fa --flash-attn', 'maybe'),
  row(
    '--jinja --no-jinja --metrics --props -cb --cont-batching -nocb --no-cont-batching --webui --no-webui --ui --no-ui --no-ui-mcp-proxy --no-webui-mcp-proxy -no-ag --no-agent',
    false,
  ),
  row('-dio --direct-io -ndio --no-direct-io --check-tensors', false),
  row(
    '-nr --no-repack --repack --no-host --op-offload --no-op-offload -kvo --kv-offload -nkvo --no-kv-offload -cmoe --cpu-moe',
    false,
  ),
  row(
    '--swa-full --no-context-shift --cache-prompt --cache-idle-slots --no-cache-idle-slots --perf --no-perf -e --escape --no-escape',
    false,
  ),
  row(
    '--no-mmproj --no-mmproj-auto --mmproj-auto --mmproj-offload --no-mmproj-offload --models-autoload --no-models-autoload',
    false,
  ),
  row(
    '--log-prefix --no-log-prefix --log-timestamps --no-log-timestamps --log-colors --reuse-port -bs --backend-sampling --backend_sampling',
    'maybe',
  ),
  row(
    '--prefill-assistant --no-prefill-assistant --no-skip-chat-parsing --reasoning-preserve --no-reasoning-preserve',
    false,
  ),
  row('--cors-credentials --no-cors-credentials', false),
  row(
    '-ub --ubatch-size -tb --threads-batch -C --cpu-mask -Cr --cpu-range --cpu-strict --prio --poll -Cb --cpu-mask-batch -Crb --cpu-range-batch --cpu-strict-batch --prio-batch --poll-batch --numa',
    true,
  ),
  row(
    '-ctk --cache-type-k -ctv --cache-type-v -dt --defrag-thold -lm --load-mode -lzm --lazy-mode -fit --fit -fitt --fit-target -fitc --fit-ctx',
    true,
  ),
  row(
    '-ncmoe --n-cpu-moe -ncffn --n-cpu-ffn -ctxcp --ctx-checkpoints --swa-checkpoints -cms --checkpoint-min-step --kv-unified-per-slot',
    true,
  ),
  row(
    '-to --timeout --sse-ping-interval --threads-http --cache-reuse --slot-save-path -sps --slot-prompt-similarity --models-max --embd-normalize',
    true,
  ),
  row(
    '--cors-methods --cors-headers --ui-config --webui-config --ui-config-file --webui-config-file --log-file --log-prompts-dir',
    true,
  ),
  row('-lcs --lookup-cache-static -lcd --lookup-cache-dynamic -mmdev --mmproj-device', true),
  row(
    '--draft-min --draft-n-min --spec-draft-n-min --draft-p-min --spec-draft-p-min --draft-p-split --spec-draft-p-split',
    true,
  ),
  row(
    '-td --threads-draft --spec-draft-threads -tbd --threads-batch-draft --spec-draft-threads-batch -ngld --gpu-layers-draft --n-gpu-layers-draft --spec-draft-ngl -devd --device-draft --spec-draft-device -cd --ctx-size-draft',
    true,
  ),
  row('-ctkd --cache-type-k-draft --spec-draft-type-k -ctvd --cache-type-v-draft --spec-draft-type-v', true),
]

export const flagTable: readonly Row[] = [...meant, ...refused, ...leftOut]

function keyFile(path: string, readFile: FlagReader['readFile']): string {
  try {
    return readFile(path)
  } catch (thrown) {
    throw usage(`--api-key-file ${path}: ${messageOf(thrown)}`, 'hadal serve')
  }
}
