/** Unreadable model files: messages of llama.cpp and for ONNX files. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { unloadedModels } from '../consequences.ts'
import { ggufFormat, llamaCode } from '../sources.ts'

const checkFile = 'ls -lL MODEL; head -c 4 MODEL; sha256sum MODEL'

export const modelFileCauses: readonly Cause[] = [
  {
    id: 'model_file_missing',
    family: 'llama',
    title: 'The model file is not there',
    severity: 'error',
    weight: 5,
    shows: [
      /failed to open GGUF file '(?<file>[^']{1,300})'(?: \((?<reason>[^)]{1,80})\))?/,
      /(?:failed to open|error opening) (?<file>\S{1,300}\.gguf): (?<reason>No such file or directory|Permission denied)/,
      /Load model from (?<file>\S{1,300}) failed: ?Load model .{1,300} failed\. File doesn't exist/,
    ],
    explains: ['file_missing', 'file_permission', ...unloadedModels],
    says: ({ file, reason }) =>
      `The model file${withFigure(file, (name) => ` ${name}`)} cannot be opened${withFigure(reason, (text) => ` (${text})`)}.`,
    fix: advice(
      'Look at the path as the program sees it, in a container too, and at its rights.',
      'ls -lL MODEL; kubectl exec POD -- ls -lL MODEL',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_bad_magic',
    family: 'llama',
    title: 'The file is no GGUF model',
    severity: 'error',
    weight: 5,
    shows: [
      /invalid magic characters:? '(?<magic>[^']{0,16})'/,
      /failed to read magic/,
      /\bbad (?:file )?magic\b|unknown \(magic, version\) combination/,
    ],
    explains: unloadedModels,
    says: ({ magic }) =>
      `The file does not begin with GGUF${withFigure(magic, (text) => ` but with "${text}"`)}: ${magicMeaning(magic)}`,
    fix: advice('Look at the beginning and the size of the file, and fetch it again.', checkFile),
    source: ggufFormat,
  },
  {
    id: 'llama_version_unsupported',
    family: 'llama',
    title: 'The GGUF version is not supported',
    severity: 'error',
    weight: 5,
    shows: [
      /this GGUF file is version (?<version>\d{1,10}) but this software only supports up to version (?<supported>\d{1,4})/,
      /GGUFv1 is no longer supported/,
      /bad GGUF version: (?<version>\d{1,10})/,
      /is there a mismatch between the host and model endianness/,
    ],
    explains: unloadedModels,
    says: ({ version, supported }) =>
      `The file is of GGUF version ${version ?? 'another'}${withFigure(supported, (text) => `, and this llama.cpp knows up to ${text}`)}; a huge number means the other byte order.`,
    fix: advice(
      'Take a newer llama.cpp, or convert the model anew.',
      'llama-cli --version; head -c 8 MODEL | xxd',
    ),
    source: ggufFormat,
  },
  {
    id: 'llama_unknown_architecture',
    family: 'llama',
    title: 'llama.cpp does not know this kind of model',
    severity: 'error',
    weight: 5,
    shows: [
      /unknown model architecture: '(?<architecture>[^']{0,80})'/,
      /unsupported model architecture: '(?<architecture>[^']{0,80})'/,
    ],
    explains: unloadedModels,
    says: ({ architecture }) =>
      `The model is of the kind "${architecture ?? '?'}", which this version of llama.cpp does not know: it is newer than the program.`,
    fix: advice('Take a newer llama.cpp, or another model.', 'llama-cli --version'),
    source: llamaCode,
  },
  {
    id: 'llama_missing_tensor',
    family: 'llama',
    title: 'The model lacks a tensor',
    severity: 'error',
    weight: 5,
    shows: [
      /missing tensor '(?<tensor>[^']{1,120})'/,
      /\btensor '(?<tensor>[^']{1,120})' not found/,
      /(?:check_tensor_dims: )?tensor '(?<tensor>[^']{1,120})' has wrong shape; expected (?<expected>[^;]{1,80}), got/,
    ],
    explains: unloadedModels,
    says: ({ tensor, expected }) =>
      `Tensor ${tensor ?? ''} ${expected === undefined ? 'is missing' : 'has another shape than the model says'}: the file was converted for another version of llama.cpp, or is part of something else, such as an adapter or a draft.`,
    fix: advice(
      'Take a newer llama.cpp, or convert the model anew with the converter of the same version.',
      'llama-cli --version; gguf-dump MODEL | head -n 60',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_tensor_count',
    family: 'llama',
    title: 'The model has another number of tensors than expected',
    severity: 'error',
    weight: 5,
    shows: [
      /wrong number of tensors; expected (?<expected>\d{1,6}), got (?<found>\d{1,6})/,
      /corrupted model: (?<expected>\d{1,6}) tensors expected but (?<found>\d{1,6}) found/,
    ],
    explains: unloadedModels,
    says: ({ expected, found }) =>
      `The file has ${expected ?? '?'} tensors and the program used ${found ?? '?'}: they are of different versions, or a part of a split model is missing.`,
    fix: advice(
      'Take a newer llama.cpp, and see that all parts of the model lie beside each other.',
      'llama-cli --version; ls -l $(dirname MODEL)',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_truncated',
    family: 'llama',
    title: 'The model file is cut off',
    severity: 'error',
    weight: 5,
    shows: [
      /tensor '(?<tensor>[^']{1,120})' data is not within the file bounds, model is corrupted or incomplete/i,
      /\bgguf_init\w{0,40}: failed to read (?<part>key-value pairs|tensor info|tensor data|header|tensor data binary blob)/,
      /\bfailed to read tensor data\b|unexpectedly reached end of file/,
      /found tensors with invalid data/,
    ],
    explains: ['bad_alloc', 'llama_bad_magic', ...unloadedModels],
    says: ({ tensor, part }) =>
      `The file is shorter than what it says it holds${withFigure(tensor, (name) => `: ${name} lies beyond its end`)}${withFigure(part, (name) => ` (${name})`)}. A download ended early, or the disk was full.`,
    fix: advice(
      'Compare the size with that of the source, see that the disk has room, and fetch it again.',
      checkFile,
    ),
    source: ggufFormat,
  },
  {
    id: 'llama_split_missing',
    family: 'llama',
    title: 'Parts of a split model do not fit together',
    severity: 'error',
    weight: 5,
    shows: [
      /illegal split file idx: (?<index>\d{1,5}) \(file: (?<file>[^)]{1,300})\), model must be loaded with the first split/,
      /failed to load GGUF split from (?<file>\S{1,300})/,
      /invalid split (?:file name|file|count|file idx)[:,] ?(?<file>.{1,300})/,
      /missing key \S{1,60} in GGUF split (?<file>\S{1,300})/,
    ],
    explains: ['model_file_missing', 'file_missing', 'llama_tensor_count', ...unloadedModels],
    says: ({ file, index }) =>
      `${index === undefined ? 'A part of the model is missing or of another model' : 'The program was given a later part of the model instead of the first'}${withFigure(file, (name) => `: ${name}`)}.`,
    fix: advice(
      'Put all parts into one folder under their own names, and name the one that ends in 00001-of-N.',
      'ls -l $(dirname MODEL)',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_key_missing',
    family: 'llama',
    title: 'The model file lacks a value',
    severity: 'error',
    weight: 4,
    shows: [
      /key not found in model: (?<key>[\w.]{1,120})/,
      /key (?<key>[\w.]{1,120}) has wrong (?:type|array length)/,
      /error loading model hyperparameters: (?<key>.{1,160})/,
    ],
    explains: unloadedModels,
    says: ({ key }) =>
      `The file does not say ${key ?? 'a value'} as this llama.cpp needs it: the two are of different versions.`,
    fix: advice('Convert the model anew, or take the llama.cpp of its time.', 'gguf-dump MODEL | head -n 60'),
    source: llamaCode,
  },
  {
    id: 'llama_quantisation_unknown',
    family: 'llama',
    title: 'The model uses a type that this llama.cpp does not know',
    severity: 'error',
    weight: 5,
    shows: [
      /tensor '(?<tensor>[^']{1,120})' has invalid ggml type (?<type>\d{1,6})/,
      /\binvalid ggml type \d{1,6}|unknown type (?<type>\w{1,20}) of tensor/,
    ],
    explains: ['llama_truncated', ...unloadedModels],
    says: ({ type }) =>
      `Weights are kept in a type${withFigure(type, (number) => ` (${number})`)} that this version cannot read: it is newer, was removed, or the file is damaged.`,
    fix: advice('Take a newer llama.cpp, or a usual quantisation such as Q4_K_M.', 'llama-cli --version'),
    source: llamaCode,
  },
  {
    id: 'llama_tokenizer',
    family: 'llama',
    title: "The model's tokenizer is not known or missing",
    severity: 'error',
    weight: 5,
    shows: [
      /unknown pre-tokenizer type: '(?<tokenizer>[^']{0,60})'/,
      /unknown tokenizer: '(?<tokenizer>[^']{0,60})'/,
      /error loading model vocabulary: (?<reason>.{1,160})/,
      /cannot find tokenizer (?:merges|vocab) in model file/,
    ],
    explains: unloadedModels,
    says: ({ tokenizer, reason }) =>
      `The tokenizer of the model cannot be used${withFigure(tokenizer ?? reason, (text) => ` (${text})`)}: it is newer than this llama.cpp, or was not converted with the model.`,
    fix: advice(
      'Take a newer llama.cpp, or convert the model anew with its tokenizer files beside it.',
      'llama-cli --version',
    ),
    source: llamaCode,
  },
  {
    id: 'llama_lora',
    family: 'llama',
    title: 'The adapter does not fit the model',
    severity: 'error',
    weight: 5,
    shows: [
      /hint: maybe wrong base model\?/,
      /failed to (?:apply|load) lora adapter(?: file)?:? ?(?:from )?(?<file>.{0,200})/,
      /LoRA tensor '(?<file>[^']{1,120})' (?:data is not within|has unexpected)/,
    ],
    explains: unloadedModels,
    says: plainly('The LoRA adapter was made for another model, or is damaged.'),
    fix: advice('Compare architecture and sizes of adapter and model.', 'gguf-dump ADAPTER | head -n 30'),
    source: llamaCode,
  },
  {
    id: 'llama_load_failed',
    family: 'llama',
    title: 'llama.cpp could not load the model',
    severity: 'error',
    weight: -1,
    shows: [
      /error loading model: (?<reason>.{1,200})/,
      /(?:llama_model_load\w{0,40}|llama_init_from_\w{1,20}|common_init_from_params|llama_load_model\w{0,20}|load_model|srv +load_model): (?:error: )?failed to load model/,
    ],
    explains: ['k8s_container_failed', 'k8s_crash_loop'],
    says: ({ reason }) => `The model was not loaded${withFigure(reason, (text) => `: ${text}`)}.`,
    fix: advice('Look at the lines before it, at the size of the file and at free memory.', checkFile),
    source: llamaCode,
  },
  {
    id: 'onnx_invalid',
    family: 'llama',
    title: 'The ONNX model cannot be read',
    severity: 'error',
    weight: 5,
    shows: [
      /Load model from (?<file>\S{1,300}) failed: ?Protobuf parsing failed/,
      /Unsupported model IR version: (?<version>\d{1,4}), max supported IR version: (?<supported>\d{1,4})/,
      /Opset (?<version>\d{1,4}) is under development and support for this is limited|ONNX Runtime only \*guarantees\* support for models stamped with official released onnx opset versions/,
    ],
    explains: unloadedModels,
    says: ({ version, supported }) =>
      version === undefined
        ? 'The file is no whole ONNX model: a download ended early, or its weights lie in a file beside it that is missing.'
        : `The model is of a newer format (${version}) than this ONNX Runtime reads${withFigure(supported, (text) => ` (${text})`)}.`,
    fix: advice(
      'Fetch the file and what lies beside it again, or export the model for an older opset.',
      'ls -lL MODEL*; npm ls onnxruntime-node',
    ),
    source: {
      title: 'ONNX Runtime: compatibility',
      url: 'https://onnxruntime.ai/docs/reference/compatibility.html',
    },
  },
]

function magicMeaning(magic: string | undefined): string {
  if (magic === undefined || magic === '') return 'it is empty, cut off, or something else.'
  if (/^ver/i.test(magic))
    return 'it is a pointer of Git LFS instead of the file; fetch it with `git lfs pull`.'
  if (/^</.test(magic))
    return 'it is a web page, most likely a message of the server that it was fetched from.'
  if (/^(?:ggjt|ggml|ggmf|tjgg|lmgg|fmgg)/i.test(magic))
    return 'it is of the formats before GGUF, which have to be converted anew.'
  if (/^PK/.test(magic)) return 'it is an archive, such as a PyTorch checkpoint, and has to be converted.'
  return 'it is of another format, damaged, or not a model.'
}
