/** llama.cpp's own tokenizer over a GGUF file without weights, called directly. For comparing ours with it. */

import koffi from 'koffi'
import { loadLibrary } from './llama-libraries.ts'

export type Tokenize = (text: string, options?: { parseSpecial?: boolean }) => number[]

/** llama_model_params of the pinned version. The engine checks this layout at start; here only one flag matters. */
const modelParams = {
  devices: 'void *',
  tensor_buft_overrides: 'void *',
  integers: koffi.array('int32_t', 5),
  tensor_split: 'void *',
  progress_callback: 'void *',
  progress_callback_user_data: 'void *',
  kv_overrides: 'void *',
  vocab_only: 'bool',
  flags: koffi.array('bool', 5),
}

/** Throws when llama.cpp refuses the file. */
export function openVocabulary(path: string): Tokenize {
  const library = loadLibrary('llama')
  const params = koffi.struct(modelParams)
  const defaults = library.func('llama_model_default_params', params, [])
  const loadModel = library.func('llama_model_load_from_file', 'void *', ['str', params])
  const vocabOf = library.func('llama_model_get_vocab', 'void *', ['void *'])
  const tokenizeTypes = ['void *', 'void *', 'int', 'void *', 'int', 'bool', 'bool']
  const tokenize = library.func('llama_tokenize', 'int', tokenizeTypes)
  const silence = library.symbol('llama_time_us')
  library.func('llama_log_set', 'void', ['void *', 'void *'])(silence, null)

  const model: unknown = loadModel(path, { ...defaults(), vocab_only: true })
  if (model === null) throw new Error(`llama.cpp refuses ${path}`)
  const vocab: unknown = vocabOf(model)
  return (text, { parseSpecial = false } = {}) => {
    const bytes = Buffer.from(text, 'utf8')
    const tokens = new Int32Array(bytes.length + 1)
    const count: number = tokenize(vocab, bytes, bytes.length, tokens, tokens.length, false, parseSpecial)
    return [...tokens.subarray(0, count)]
  }
}
