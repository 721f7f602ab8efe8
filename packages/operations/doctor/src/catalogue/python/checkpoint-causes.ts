/** Checkpoints and models that cannot be read, or that the hub does not give. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { endedJobs } from '../consequences.ts'
import { safetensors, torchSerialization, vllmTroubleshooting } from '../sources.ts'

const hub = {
  title: 'Hugging Face Hub: errors',
  url: 'https://huggingface.co/docs/huggingface_hub/package_reference/utilities',
}

export const checkpointCauses: readonly Cause[] = [
  {
    id: 'torch_state_dict',
    family: 'python',
    title: 'The checkpoint is of another model',
    severity: 'error',
    weight: 5,
    shows: [
      /Error\(s\) in loading state_dict for (?<model>\w{1,80})/,
      /size mismatch for (?<key>[\w.]{1,160}): copying a param with shape/,
    ],
    explains: endedJobs,
    says: ({ model, key }) =>
      `The weights do not fit ${model ?? 'the model'}${withFigure(key, (name) => ` (${name})`)}: other sizes, another vocabulary, or names with a prefix such as "module.".`,
    fix: advice(
      "Build the model from the checkpoint's own configuration; strip the prefix of DDP or torch.compile.",
    ),
    source: torchSerialization,
  },
  {
    id: 'checkpoint_damaged',
    family: 'python',
    title: 'A checkpoint is cut off or no checkpoint',
    severity: 'error',
    weight: 5,
    shows: [
      /PytorchStreamReader failed (?:reading zip archive|reading file|locating file)[^:]{0,40}: (?<reason>.{1,120})/,
      /UnpicklingError: invalid load key, '(?<key>[^']{1,8})'/,
      /\bEOFError: Ran out of input\b/,
      /SafetensorError: (?:Error while deserializing header|Error while deserializing): (?<reason>\w{1,60})/,
      /(?:Metadata|Header)(?:IncompleteBuffer|TooLarge|TooSmall)|InvalidHeaderDeserialization/,
    ],
    explains: endedJobs,
    says: ({ key, reason }) =>
      key === 'v'
        ? 'The file is a pointer of Git LFS instead of the weights.'
        : `The file is damaged or cut off${withFigure(reason ?? key, (text) => ` (${text})`)}: a download or a save ended early, or the disk was full.`,
    fix: advice(
      'Compare its size with that of the source and fetch it again; of a run, take the checkpoint before it.',
      'ls -l CHECKPOINT; head -c 64 CHECKPOINT; git lfs pull',
    ),
    source: safetensors,
  },
  {
    id: 'torch_weights_only',
    family: 'python',
    title: 'PyTorch refuses a checkpoint that holds code',
    severity: 'error',
    weight: 5,
    shows: [/Weights only load failed/, /WeightsUnpickler error: Unsupported (?:global|class|operand)/],
    explains: ['checkpoint_damaged', ...endedJobs],
    says: plainly(
      'Since PyTorch 2.6 torch.load reads only weights; this file holds other objects, which could run code when they are loaded.',
    ),
    fix: advice(
      'If you trust who made it, allow the classes by name (torch.serialization.add_safe_globals); otherwise ask for safetensors.',
      'python3 -m pickletools -a FILE | grep GLOBAL',
    ),
    source: torchSerialization,
  },
  {
    id: 'hub_refused',
    family: 'python',
    title: 'The model hub does not give the model',
    severity: 'error',
    weight: 5,
    shows: [
      /\b(?:GatedRepoError|RepositoryNotFoundError|RevisionNotFoundError|EntryNotFoundError)\b/,
      /(?<model>[\w./-]{1,160}) is not a local folder and is not a valid model identifier/,
      /(?:401|403) Client Error: .{1,60} for url: .{0,40}huggingface/i,
      /Cannot access gated repo for url/,
    ],
    explains: endedJobs,
    says: ({ model }) =>
      `The hub has no such model, or does not let this user have it${withFigure(model, (name) => `: ${name}`)}. Private and gated models need a token and an accepted licence.`,
    fix: advice(
      'Look for a slip in the name, accept the terms on its page, and give the program a token.',
      'hf auth whoami; export HF_TOKEN=TOKEN',
    ),
    source: hub,
  },
  {
    id: 'transformers_architecture',
    family: 'python',
    title: 'Transformers does not know this kind of model',
    severity: 'error',
    weight: 5,
    shows: [
      /model type [`'](?<architecture>[\w-]{1,60})[`'] but Transformers does not recognize this architecture/,
      /Model architectures \['(?<architecture>\w{1,80})'\] (?:are not supported|failed to be inspected)/,
    ],
    explains: endedJobs,
    says: ({ architecture }) =>
      `The model is of the kind ${architecture ?? '?'}, which the installed version does not know.`,
    fix: advice(
      'Take a newer version of transformers or vLLM, or another model.',
      'pip install --upgrade transformers vllm',
    ),
    source: vllmTroubleshooting,
  },
]
