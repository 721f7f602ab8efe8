/**
 * llama-server's flags as those of `hadal serve`: one table of what becomes of each. A flag means what it means there, is
 * left out because nothing here depends on it, or is refused with what to do instead. Flags that are Hadal's own pass
 * through. Knows nothing of the settings' values.
 */

import { messageOf } from '@hadal/base'
import { usage } from './errors.ts'

export interface TranslatedFlags {
  readonly args: readonly string[]
  /** What was left out or is understood in a particular way; a line each. */
  readonly notes: readonly string[]
}

/** What of the world it takes. */
export interface FlagReader {
  readonly readFile: (path: string) => string
}

/** Several flags may say one thing together. */
interface Gathered {
  context?: string
  parallel?: string
  unified?: boolean
  repository?: string
  file?: string
  keys: string[]
  adapters: string[]
  adaptersApply?: boolean
}

type Become = (value: string, gathered: Gathered, reader: FlagReader) => readonly string[] | Refusal
class Refusal {
  readonly instead: string
  constructor(instead: string) {
    this.instead = instead
  }
}

interface Row {
  readonly names: readonly string[]
  /** Whether a value follows; `maybe`: only one of the words that it knows. */
  readonly value: boolean | 'maybe'
  /** Absent: left out. */
  readonly become?: Become
}

const words = (names: string): string[] => names.split(' ')
const row = (names: string, value: Row['value'], become?: Become): Row => ({
  names: words(names),
  value,
  ...(become !== undefined && { become }),
})

const to =
  (flag: string): Become =>
  (value) => [flag, value]
const alone =
  (...args: string[]): Become =>
  () =>
    args
/** -1 stands for what happens without the flag. */
const unless =
  (nothing: readonly string[], flag: string): Become =>
  (value) =>
    nothing.includes(value) ? [] : [flag, value]
const instead =
  (what: string): Become =>
  () =>
    new Refusal(what)
/** Values that change nothing here pass; others are refused. */
const only =
  (harmless: readonly string[], what: string): Become =>
  (value) =>
    harmless.includes(value) ? [] : new Refusal(what)

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
    // As llama-server sorts them: the first one is what answers say.
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
  row('--embedding --embeddings', false, alone('--embeddings')),
  row('--rerank --reranking', false, alone('--reranking')),
  row('--pooling', true, (value) => (value === 'rank' ? ['--reranking'] : ['--pooling', value])),
  row('--lora', true, (value, { adapters }) => {
    adapters.push(...value.split(','))
    return []
  }),
  row('--lora-scaled', true, (value, { adapters }) => {
    // FILE:SCALE there; a file may have colons of its own.
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
  row('-v --verbose --log-verbose', false, alone('--log-level', 'debug')),
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
  row('--ssl-key-file --ssl-cert-file', true, instead('put a proxy that speaks TLS in front')),
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
  row('-rea --reasoning', true, only(['auto'], 'send "thinking" or chat_template_kwargs with each request')),
  row('--reasoning-effort', true, instead('send reasoning_effort with each request')),
  row(
    '--reasoning-format',
    true,
    only(['auto', 'deepseek'], 'reasoning is always told apart, as reasoning_content'),
  ),
  row('--reasoning-budget', true, only(['-1'], 'send a thinking budget with each request')),
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

/** They change speed, logs or looks, or ask for what is so anyway. */
const leftOut: readonly Row[] = [
  row('-fa --flash-attn', 'maybe'),
  row(
    '--jinja --no-jinja --metrics --props -cb --cont-batching -nocb --no-cont-batching --webui --no-webui --ui --no-ui --no-ui-mcp-proxy --no-webui-mcp-proxy -no-ag --no-agent',
    false,
  ),
  row(
    '--mlock --mmap --no-mmap -dio --direct-io -ndio --no-direct-io --warmup --no-warmup --check-tensors',
    false,
  ),
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
    '-ncmoe --n-cpu-moe -ncffn --n-cpu-ffn -ctxcp --ctx-checkpoints --swa-checkpoints -cms --checkpoint-min-step -cram --cache-ram --kv-unified-per-slot',
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

const rows = new Map(
  [...meant, ...refused, ...leftOut].flatMap((each) => each.names.map((name) => [name, each])),
)

/** `serve`'s own arguments. Throws `usage` for a flag that is refused, or has no value. */
export function translateLlamaServerFlags(given: readonly string[], reader: FlagReader): TranslatedFlags {
  const args: string[] = []
  const ignored: string[] = []
  const gathered: Gathered = { keys: [], adapters: [] }
  for (let at = 0; at < given.length; at += 1) {
    const [name, inline] = splitInline(given[at]!)
    const known = rows.get(name)
    if (known === undefined) {
      args.push(given[at]!)
      continue
    }
    const next = inline ?? given[at + 1]
    const takes = known.value === true || (known.value === 'maybe' && isWord(next))
    if (takes && inline === undefined) at += 1
    if (takes && next === undefined) throw usage(`${name} needs a value`, 'hadal serve')
    if (known.become === undefined) {
      ignored.push(name)
      continue
    }
    const became = known.become(takes ? next! : '', gathered, reader)
    if (became instanceof Refusal)
      throw usage(`${name} is llama-server's, and not for hadal: ${became.instead}`, 'hadal serve')
    args.push(...(known.value === 'maybe' && takes ? [became[0]!, truth(next!)] : became))
  }
  const { together, notes } = gatheredArgs(gathered)
  if (ignored.length > 0)
    notes.push(`left out, for nothing here depends on it: ${[...new Set(ignored)].join(', ')}`)
  return { args: [...args, ...together], notes }
}

function gatheredArgs(gathered: Gathered): { together: string[]; notes: string[] } {
  const {
    context,
    parallel,
    unified = parallel === undefined,
    repository,
    file,
    keys,
    adapters,
    adaptersApply = true,
  } = gathered
  const together: string[] = []
  const notes: string[] = []
  if (parallel !== undefined) together.push('--max-batch-size', parallel)
  if (context !== undefined && context !== '0') {
    const [all, slots] = [Number(context), Number(parallel)]
    const isShared = !unified && slots > 1 && Number.isInteger(all)
    const each = isShared ? String(Math.floor(all / slots)) : context
    together.push('--context-length', each)
    if (isShared)
      notes.push(
        `-c ${context} is shared by ${parallel} sequences, as llama-server does: ${each} tokens each; --context-length is of one`,
      )
  }
  if (repository !== undefined) together.push('--model', hubReference(repository, file))
  if (keys.length > 0) together.push('--api-keys', keys.join(','))
  if (adapters.length > 0)
    together.push(
      '--lora',
      adapters.map((each) => (adaptersApply ? each : `${each.replace(/=[^=]*$/, '')}=0`)).join(','),
    )
  return { together, notes }
}

/** `owner/repo[:quant]`, or a file of it. */
function hubReference(repository: string, file: string | undefined): string {
  const [repo] = repository.split(':')
  return file === undefined ? `hf:${repository}` : `hf:${repo}/${file}`
}

function keyFile(path: string, readFile: FlagReader['readFile']): string {
  try {
    return readFile(path)
  } catch (thrown) {
    throw usage(`--api-key-file ${path}: ${messageOf(thrown)}`, 'hadal serve')
  }
}

/** `--seed=1`. */
function splitInline(argument: string): [name: string, value?: string] {
  const at = argument.indexOf('=')
  return argument.startsWith('--') && at > 0 ? [argument.slice(0, at), argument.slice(at + 1)] : [argument]
}

const yes = ['on', 'true', '1', 'enabled']
const no = ['off', 'false', '0', 'disabled']
const isWord = (value: string | undefined): boolean =>
  value !== undefined && [...yes, ...no, 'auto'].includes(value)
const truth = (value: string): string => String(!no.includes(value))
