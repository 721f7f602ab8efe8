/**
 * llama.cpp's C functions as typed TypeScript functions, one to one. `void *` accepts anything, so pointers are branded types
 * here, and callers must check every number: most functions crash on an invalid one.
 */

import koffi, { type LibraryHandle } from 'koffi'
import { type ContextParams, declareTypes, type ModelParams, type NativeBatch } from './structs.ts'

declare const brand: unique symbol
type Pointer<Name extends string> = bigint & { readonly [brand]: Name }
export type ModelPointer = Pointer<'model'>
export type ContextPointer = Pointer<'context'>
export type VocabPointer = Pointer<'vocab'>
export type SamplerPointer = Pointer<'sampler'>
export type MemoryPointer = Pointer<'memory'>
export type AdapterPointer = Pointer<'adapter'>
export type ThreadPoolPointer = Pointer<'threadpool'>
type Registry = Pointer<'registry'>
type Device = Pointer<'device'>

/** Signatures as in llama.h; `u8 *` where C says `char *`, because JavaScript passes bytes with a length. */
const prototypes = {
  llama: {
    version: 'str llama_version()',
    backendInit: 'void llama_backend_init()',
    logSet: 'void llama_log_set(void *callback, void *data)',
    modelDefaultParams: 'llama_model_params llama_model_default_params()',
    contextDefaultParams: 'llama_context_params llama_context_default_params()',
    modelLoadFromFile: 'llama_model *llama_model_load_from_file(str path, llama_model_params params)',
    initFromModel: 'llama_context *llama_init_from_model(llama_model *model, llama_context_params params)',
    attachThreadpool:
      'void llama_attach_threadpool(llama_context *ctx, ggml_threadpool *pool, ggml_threadpool *batch_pool)',
    setNThreads: 'void llama_set_n_threads(llama_context *ctx, int32_t n_threads, int32_t n_threads_batch)',
    modelGetVocab: 'llama_vocab *llama_model_get_vocab(llama_model *model)',
    modelNParams: 'uint64_t llama_model_n_params(llama_model *model)',
    modelNCtxTrain: 'int32_t llama_model_n_ctx_train(llama_model *model)',
    modelNLayer: 'int32_t llama_model_n_layer(llama_model *model)',
    modelNHead: 'int32_t llama_model_n_head(llama_model *model)',
    modelNHeadKv: 'int32_t llama_model_n_head_kv(llama_model *model)',
    modelNEmbd: 'int32_t llama_model_n_embd(llama_model *model)',
    modelNEmbdOut: 'int32_t llama_model_n_embd_out(llama_model *model)',
    modelMetaValStr:
      'int32_t llama_model_meta_val_str(llama_model *model, str key, uint8_t *buf, size_t size)',
    modelChatTemplate: 'str llama_model_chat_template(llama_model *model, str name)',
    modelHasEncoder: 'bool llama_model_has_encoder(llama_model *model)',
    modelHasDecoder: 'bool llama_model_has_decoder(llama_model *model)',
    modelIsRecurrent: 'bool llama_model_is_recurrent(llama_model *model)',
    modelIsHybrid: 'bool llama_model_is_hybrid(llama_model *model)',
    nCtx: 'uint32_t llama_n_ctx(llama_context *ctx)',
    nCtxSeq: 'uint32_t llama_n_ctx_seq(llama_context *ctx)',
    nBatch: 'uint32_t llama_n_batch(llama_context *ctx)',
    nSeqMax: 'uint32_t llama_n_seq_max(llama_context *ctx)',
    getMemory: 'llama_memory *llama_get_memory(llama_context *ctx)',
    vocabType: 'int32_t llama_vocab_type(llama_vocab *vocab)',
    vocabNTokens: 'int32_t llama_vocab_n_tokens(llama_vocab *vocab)',
    vocabBos: 'int32_t llama_vocab_bos(llama_vocab *vocab)',
    vocabEos: 'int32_t llama_vocab_eos(llama_vocab *vocab)',
    vocabGetAddBos: 'bool llama_vocab_get_add_bos(llama_vocab *vocab)',
    vocabGetAddEos: 'bool llama_vocab_get_add_eos(llama_vocab *vocab)',
    vocabGetAddSep: 'bool llama_vocab_get_add_sep(llama_vocab *vocab)',
    vocabSep: 'int32_t llama_vocab_sep(llama_vocab *vocab)',
    vocabFimPre: 'int32_t llama_vocab_fim_pre(llama_vocab *vocab)',
    vocabFimSuf: 'int32_t llama_vocab_fim_suf(llama_vocab *vocab)',
    vocabFimMid: 'int32_t llama_vocab_fim_mid(llama_vocab *vocab)',
    vocabFimPad: 'int32_t llama_vocab_fim_pad(llama_vocab *vocab)',
    vocabFimRep: 'int32_t llama_vocab_fim_rep(llama_vocab *vocab)',
    vocabFimSep: 'int32_t llama_vocab_fim_sep(llama_vocab *vocab)',
    vocabGetText: 'str llama_vocab_get_text(llama_vocab *vocab, int32_t token)',
    vocabGetAttr: 'int32_t llama_vocab_get_attr(llama_vocab *vocab, int32_t token)',
    vocabIsControl: 'bool llama_vocab_is_control(llama_vocab *vocab, int32_t token)',
    vocabIsEog: 'bool llama_vocab_is_eog(llama_vocab *vocab, int32_t token)',
    tokenize:
      'int32_t llama_tokenize(llama_vocab *vocab, uint8_t *text, int32_t text_len, int32_t *tokens, int32_t n_max, bool add_special, bool parse_special)',
    tokenToPiece:
      'int32_t llama_token_to_piece(llama_vocab *vocab, int32_t token, uint8_t *buf, int32_t length, int32_t lstrip, bool special)',
    memoryClear: 'void llama_memory_clear(llama_memory *mem, bool data)',
    memorySeqRm: 'bool llama_memory_seq_rm(llama_memory *mem, int32_t seq, int32_t p0, int32_t p1)',
    memorySeqCp:
      'void llama_memory_seq_cp(llama_memory *mem, int32_t src, int32_t dst, int32_t p0, int32_t p1)',
    memorySeqPosMin: 'int32_t llama_memory_seq_pos_min(llama_memory *mem, int32_t seq)',
    memorySeqPosMax: 'int32_t llama_memory_seq_pos_max(llama_memory *mem, int32_t seq)',
    stateSeqGetSize: 'size_t llama_state_seq_get_size(llama_context *ctx, int32_t seq)',
    stateSeqGetData:
      'size_t llama_state_seq_get_data(llama_context *ctx, uint8_t *dst, size_t size, int32_t seq)',
    stateSeqSetData:
      'size_t llama_state_seq_set_data(llama_context *ctx, uint8_t *src, size_t size, int32_t seq)',
    adapterLoraInit: 'llama_adapter_lora *llama_adapter_lora_init(llama_model *model, str path)',
    adapterLoraFree: 'void llama_adapter_lora_free(llama_adapter_lora *adapter)',
    setAdaptersLora:
      'int32_t llama_set_adapters_lora(llama_context *ctx, uint64_t *adapters, size_t n, float *scales)',
    decode: 'int32_t llama_decode(llama_context *ctx, llama_batch batch)',
    encode: 'int32_t llama_encode(llama_context *ctx, llama_batch batch)',
    getEmbeddings: 'void *llama_get_embeddings(llama_context *ctx)',
    getEmbeddingsSeq: 'void *llama_get_embeddings_seq(llama_context *ctx, int32_t seq)',
    getLogitsIth: 'void *llama_get_logits_ith(llama_context *ctx, int32_t i)',
    samplerChainInit: 'llama_sampler *llama_sampler_chain_init(llama_sampler_chain_params params)',
    samplerChainAdd: 'void llama_sampler_chain_add(llama_sampler *chain, llama_sampler *sampler)',
    samplerFree: 'void llama_sampler_free(llama_sampler *sampler)',
    samplerClone: 'llama_sampler *llama_sampler_clone(llama_sampler *sampler)',
    samplerApply: 'void llama_sampler_apply(llama_sampler *sampler, int64_t *candidates)',
    samplerAccept: 'void llama_sampler_accept(llama_sampler *sampler, int32_t token)',
    samplerSample: 'int32_t llama_sampler_sample(llama_sampler *sampler, llama_context *ctx, int32_t i)',
    samplerInitGreedy: 'llama_sampler *llama_sampler_init_greedy()',
    samplerInitDist: 'llama_sampler *llama_sampler_init_dist(uint32_t seed)',
    samplerInitTopK: 'llama_sampler *llama_sampler_init_top_k(int32_t k)',
    samplerInitTopP: 'llama_sampler *llama_sampler_init_top_p(float p, size_t min_keep)',
    samplerInitMinP: 'llama_sampler *llama_sampler_init_min_p(float p, size_t min_keep)',
    samplerInitTypical: 'llama_sampler *llama_sampler_init_typical(float p, size_t min_keep)',
    samplerInitTopNSigma: 'llama_sampler *llama_sampler_init_top_n_sigma(float n)',
    samplerInitXtc: 'llama_sampler *llama_sampler_init_xtc(float p, float t, size_t min_keep, uint32_t seed)',
    samplerInitTemp: 'llama_sampler *llama_sampler_init_temp(float t)',
    samplerInitTempExt: 'llama_sampler *llama_sampler_init_temp_ext(float t, float delta, float exponent)',
    samplerInitMirostat:
      'llama_sampler *llama_sampler_init_mirostat(int32_t n_vocab, uint32_t seed, float tau, float eta, int32_t m)',
    samplerInitMirostatV2:
      'llama_sampler *llama_sampler_init_mirostat_v2(uint32_t seed, float tau, float eta)',
    samplerInitDry:
      'llama_sampler *llama_sampler_init_dry(llama_vocab *vocab, float multiplier, float base, int32_t allowed_length, int32_t last_n, const char **breakers, size_t n_breakers)',
    samplerInitPenalties:
      'llama_sampler *llama_sampler_init_penalties(int32_t n_vocab, int32_t last_n, float repeat, float freq, float present)',
    samplerInitLogitBias:
      'llama_sampler *llama_sampler_init_logit_bias(int32_t n_vocab, int32_t n, uint8_t *biases)',
  },
  ggml: {
    backendLoadAllFromPath: 'void ggml_backend_load_all_from_path(str path)',
    backendRegByName: 'ggml_backend_reg *ggml_backend_reg_by_name(str name)',
    backendDevCount: 'size_t ggml_backend_dev_count()',
    backendDevGet: 'ggml_backend_dev *ggml_backend_dev_get(size_t index)',
  },
  base: {
    backendRegGetProcAddress: 'void *ggml_backend_reg_get_proc_address(ggml_backend_reg *reg, str name)',
    backendDevName: 'str ggml_backend_dev_name(ggml_backend_dev *device)',
    backendDevDescription: 'str ggml_backend_dev_description(ggml_backend_dev *device)',
    backendDevMemory: 'void ggml_backend_dev_memory(ggml_backend_dev *device, size_t *free, size_t *total)',
    threadpoolParamsDefault: 'ggml_threadpool_params ggml_threadpool_params_default(int n)',
  },
} as const

interface Llama {
  version(): string
  backendInit(): void
  logSet(callback: bigint, data: null): void
  modelDefaultParams(): ModelParams
  contextDefaultParams(): ContextParams
  modelLoadFromFile(path: string, params: ModelParams): ModelPointer | null
  initFromModel(model: ModelPointer, params: ContextParams): ContextPointer | null
  attachThreadpool(ctx: ContextPointer, pool: ThreadPoolPointer, batchPool: ThreadPoolPointer): void
  setNThreads(ctx: ContextPointer, threads: number, batchThreads: number): void
  modelGetVocab(model: ModelPointer): VocabPointer
  modelNParams(model: ModelPointer): number | bigint
  modelNCtxTrain(model: ModelPointer): number
  modelNLayer(model: ModelPointer): number
  modelNHead(model: ModelPointer): number
  modelNHeadKv(model: ModelPointer): number
  modelNEmbd(model: ModelPointer): number
  modelNEmbdOut(model: ModelPointer): number
  modelMetaValStr(model: ModelPointer, key: string, buffer: Uint8Array, size: number): number
  modelChatTemplate(model: ModelPointer, name: string | null): string | null
  modelHasEncoder(model: ModelPointer): boolean
  modelHasDecoder(model: ModelPointer): boolean
  modelIsRecurrent(model: ModelPointer): boolean
  modelIsHybrid(model: ModelPointer): boolean
  nCtx(ctx: ContextPointer): number
  nCtxSeq(ctx: ContextPointer): number
  nBatch(ctx: ContextPointer): number
  nSeqMax(ctx: ContextPointer): number
  getMemory(ctx: ContextPointer): MemoryPointer
  vocabType(vocab: VocabPointer): number
  vocabNTokens(vocab: VocabPointer): number
  vocabBos(vocab: VocabPointer): number
  vocabEos(vocab: VocabPointer): number
  vocabGetAddBos(vocab: VocabPointer): boolean
  vocabGetAddEos(vocab: VocabPointer): boolean
  vocabGetAddSep(vocab: VocabPointer): boolean
  vocabSep(vocab: VocabPointer): number
  /** Fill-in-the-middle tokens; -1 if there is none. */
  vocabFimPre(vocab: VocabPointer): number
  vocabFimSuf(vocab: VocabPointer): number
  vocabFimMid(vocab: VocabPointer): number
  vocabFimPad(vocab: VocabPointer): number
  vocabFimRep(vocab: VocabPointer): number
  vocabFimSep(vocab: VocabPointer): number
  vocabGetText(vocab: VocabPointer, token: number): string
  vocabGetAttr(vocab: VocabPointer, token: number): number
  vocabIsControl(vocab: VocabPointer, token: number): boolean
  vocabIsEog(vocab: VocabPointer, token: number): boolean
  tokenize: TokenizeFunction
  tokenToPiece(
    vocab: VocabPointer,
    token: number,
    buffer: Uint8Array,
    length: number,
    lstrip: number,
    special: boolean,
  ): number
  /** Clears all sequences; with `data`, also the contents of the cells. */
  memoryClear(memory: MemoryPointer, data: boolean): void
  memorySeqRm(memory: MemoryPointer, sequence: number, from: number, to: number): boolean
  /** Without a common cell pool, only whole sequences (-1 to -1) can be copied; copying a part aborts the process. */
  memorySeqCp(memory: MemoryPointer, source: number, target: number, from: number, to: number): void
  memorySeqPosMin(memory: MemoryPointer, sequence: number): number
  memorySeqPosMax(memory: MemoryPointer, sequence: number): number
  stateSeqGetSize(ctx: ContextPointer, sequence: number): number
  /** Returns the number of bytes written; 0 if there was no space. */
  stateSeqGetData(ctx: ContextPointer, target: Uint8Array, size: number, sequence: number): number
  /** Returns the number of bytes read; 0 if there are no cells for it. Bytes that are not such a state abort the process. */
  stateSeqSetData(ctx: ContextPointer, source: Uint8Array, size: number, sequence: number): number
  /** Null if it cannot be used; files that `check-adapter.ts` rejects may abort the process. */
  adapterLoraInit(model: ModelPointer, path: string): AdapterPointer | null
  /** Must not be in use by a context. */
  adapterLoraFree(adapter: AdapterPointer): void
  /** `adapters`: their addresses. Replaces the previous set. */
  setAdaptersLora(ctx: ContextPointer, adapters: BigUint64Array, count: number, scales: Float32Array): number
  decode(ctx: ContextPointer, batch: NativeBatch): number
  encode(ctx: ContextPointer, batch: NativeBatch): number
  /** One row per token of the batch. */
  getEmbeddings(ctx: ContextPointer): bigint | null
  getEmbeddingsSeq(ctx: ContextPointer, sequence: number): bigint | null
  getLogitsIth(ctx: ContextPointer, row: number): bigint | null
  samplerChainInit(params: { no_perf: boolean }): SamplerPointer
  samplerChainAdd(chain: SamplerPointer, sampler: SamplerPointer): void
  samplerFree(sampler: SamplerPointer): void
  /** Includes its state. */
  samplerClone(sampler: SamplerPointer): SamplerPointer
  /** `candidates`: a `llama_token_data_array`; an empty one, or a chain that selects nothing, aborts the process. */
  samplerApply(sampler: SamplerPointer, candidates: BigInt64Array): void
  samplerAccept(sampler: SamplerPointer, token: number): void
  samplerSample(sampler: SamplerPointer, ctx: ContextPointer, row: number): number
  samplerInitGreedy(): SamplerPointer
  samplerInitDist(seed: number): SamplerPointer
  samplerInitTopK(k: number): SamplerPointer
  samplerInitTopP(p: number, minKeep: number): SamplerPointer
  samplerInitMinP(p: number, minKeep: number): SamplerPointer
  samplerInitTypical(p: number, minKeep: number): SamplerPointer
  samplerInitTopNSigma(n: number): SamplerPointer
  samplerInitXtc(p: number, threshold: number, minKeep: number, seed: number): SamplerPointer
  samplerInitTemp(t: number): SamplerPointer
  samplerInitTempExt(t: number, range: number, exponent: number): SamplerPointer
  samplerInitMirostat(
    vocabularySize: number,
    seed: number,
    tau: number,
    eta: number,
    candidates: number,
  ): SamplerPointer
  samplerInitMirostatV2(seed: number, tau: number, eta: number): SamplerPointer
  /** Searches the whole vocabulary for each breaker. */
  samplerInitDry: InitDryFunction
  samplerInitPenalties(
    vocabularySize: number,
    lastN: number,
    repeat: number,
    frequency: number,
    presence: number,
  ): SamplerPointer
  /** `biases`: pairs of int32 token and float32 bias. */
  samplerInitLogitBias(vocabularySize: number, count: number, biases: Uint8Array): SamplerPointer
}

type TokenizeArguments = [
  vocab: VocabPointer,
  text: Uint8Array,
  textLength: number,
  tokens: Int32Array,
  maxTokens: number,
  addSpecial: boolean,
  parseSpecial: boolean,
]
type TokenizeFunction = ((...args: TokenizeArguments) => number) & {
  async(...args: [...TokenizeArguments, (error: Error | null, count: number) => void]): void
}

type InitDryArguments = [
  vocab: VocabPointer,
  multiplier: number,
  base: number,
  allowedLength: number,
  lastN: number,
  breakers: readonly string[],
  breakerCount: number,
]
type InitDryFunction = ((...args: InitDryArguments) => SamplerPointer) & {
  async(...args: [...InitDryArguments, (error: Error | null, sampler: SamplerPointer) => void]): void
}

interface Ggml {
  backendLoadAllFromPath(path: string): void
  backendRegByName(name: string): Registry | null
  backendDevCount(): number
  backendDevGet(index: number): Device
}

interface Base {
  backendRegGetProcAddress(registry: Registry, name: string): bigint | null
  backendDevName(device: Device): string
  backendDevDescription(device: Device): string
  backendDevMemory(device: Device, free: BigUint64Array, total: BigUint64Array): void
  threadpoolParamsDefault(threads: number): object
}

export interface Native {
  readonly llama: Llama
  readonly ggml: Ggml
  readonly base: Base
  /** A function for `logSet`; undo with `logSet(silence, null)`. */
  logCallback(write: (level: number, text: string) => void): bigint
  /** A C function that is harmless whatever its arguments. */
  readonly silence: bigint
  /** Threads for the lifetime of the process; null if the CPU backend has none. */
  newThreadpool(threads: number): ThreadPoolPointer | null
}

/** Concurrent calls on koffi's worker threads; koffi throws beyond this. */
export const maxAsyncCalls = 8

/** Loads and binds the three libraries. Once per process. */
export function bindNative(paths: { llama: string; ggml: string; base: string }): Native {
  // Tokenisation runs on koffi's worker threads, and some tokenizers recurse deeply.
  koffi.config({
    async_stack_size: 8 * 1024 * 1024,
    max_async_calls: 2 * maxAsyncCalls,
    resident_async_pools: 1,
  })
  const base = koffi.load(paths.base)
  const ggml = koffi.load(paths.ggml)
  const llama = koffi.load(paths.llama)
  declareTypes()
  const bind = <T>(library: LibraryHandle, table: Readonly<Record<string, string>>): T =>
    Object.fromEntries(Object.entries(table).map(([name, text]) => [name, library.func(text)])) as T
  const baseFunctions = bind<Base>(base, prototypes.base)
  const ggmlFunctions = bind<Ggml>(ggml, prototypes.ggml)
  const logProto = koffi.proto('void ggml_log_callback(int level, str text, void *data)')
  const newProto = koffi.proto('ggml_threadpool *ggml_threadpool_new(ggml_threadpool_params *params)')
  return {
    llama: bind<Llama>(llama, prototypes.llama),
    ggml: ggmlFunctions,
    base: baseFunctions,
    logCallback: (write) => koffi.register(write, koffi.pointer(logProto)),
    silence: llama.symbol('llama_time_us') as bigint,
    newThreadpool(threads) {
      const cpu = ggmlFunctions.backendRegByName('CPU')
      const create = cpu && baseFunctions.backendRegGetProcAddress(cpu, 'ggml_threadpool_new')
      if (create === null) return null
      return koffi.call(create, newProto, baseFunctions.threadpoolParamsDefault(threads))
    },
  }
}
