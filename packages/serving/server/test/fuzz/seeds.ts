/** Valid bodies by schema. */

const schema = { type: 'object', properties: { city: { type: 'string', maxLength: 9 } }, required: ['city'] }
const user = { role: 'user', content: 'What is the weather in Paris?' }
const functionTool = { name: 'weather', description: 'The weather', parameters: schema }
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }

const text = { name: 'text', shape: [2, 1], datatype: 'BYTES', data: ['a', 'ü'] }

export const seedBodies: Readonly<Record<string, readonly unknown[]>> = {
  InferRequest: [
    {
      id: '42',
      inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP32', data: [1, 2.5, -3e-7, 4] }, text],
    },
    {
      model_name: 'fake',
      inputs: [
        text,
        {
          name: 'x',
          shape: [2, 2],
          datatype: 'FP32',
          parameters: {},
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
      outputs: [
        { name: 'scores', parameters: { classification: 2, binary_data: false } },
        { name: 'ids', parameters: { binary_data: true } },
      ],
      parameters: { priority: 3, timeout: 5_000_000, binary_data_output: true, mine: 'yes' },
    },
  ],
  RepositoryIndexRequest: [{}, { ready: true }],
  ChatRequest: [
    { model: 'fake', messages: [user], max_tokens: 4 },
    {
      messages: [{ role: 'system', content: 'Be brief.' }, user],
      stream: true,
      stream_options: { include_usage: true },
      n: 2,
      temperature: 0.7,
      top_p: 0.9,
      logprobs: true,
      top_logprobs: 2,
      logit_bias: { '50': -100 },
      stop: ['\n', 'END'],
      seed: 7,
      user: 'u',
    },
    {
      messages: [
        user,
        { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: '21 degrees' },
      ],
      tools: [{ type: 'function', function: { ...functionTool, strict: true } }],
      tool_choice: 'auto',
      parallel_tool_calls: false,
    },
    {
      messages: [{ role: 'user', content: [{ type: 'text', text: 'JSON, please' }] }],
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } },
      thinking: { type: 'enabled' },
      reasoning_effort: 'low',
    },
    { messages: [user, { role: 'assistant', content: 'It is', prefix: true }] },
    { messages: [user], grammar: 'root ::= [a-z]+', max_tokens: 3 },
    { messages: [user], guided_choice: ['yes', 'no'], samplers: 'kpmt', lora: [], cache_prompt: false },
  ],
  CompletionRequest: [
    { model: 'fake', prompt: 'Once upon a time', max_tokens: 4 },
    { prompt: ['a', 'b'], n: 2, stream: true, logprobs: 3, echo: true },
    { prompt: [72, 105], best_of: 3, n: 1, suffix: ' end', stop: '.' },
    { prompt: [[1, 2], [3]], temperature: 0, seed: -1, stop_token_ids: [5], min_tokens: 1 },
  ],
  ResponseRequest: [
    { model: 'fake', input: 'Hi', max_output_tokens: 4 },
    {
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
        { type: 'function_call', call_id: 'c', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'sunny' },
      ],
      instructions: 'Be brief.',
      tools: [{ type: 'function', ...functionTool }],
      tool_choice: 'required',
      stream: true,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'x', schema } },
      include: ['message.output_text.logprobs'],
      store: false,
    },
  ],
  ResponseCountRequest: [{ model: 'fake', input: 'Hi', instructions: 'Be brief.' }],
  AnthropicRequest: [
    { model: 'fake', max_tokens: 4, messages: [{ role: 'user', content: 'Hi' }] },
    {
      model: 'fake',
      max_tokens: 8,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      stream: true,
      temperature: 1,
      top_k: 5,
      stop_sequences: ['\n'],
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [{ name: 'weather', description: 'The weather', input_schema: schema }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      metadata: { user_id: 'u' },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: '' },
            { type: 'tool_use', id: 't', name: 'weather', input: { city: 'Paris' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'sunny' }] },
      ],
    },
  ],
  AnthropicCountRequest: [
    { model: 'fake', messages: [{ role: 'user', content: 'Hi' }], system: 'Be brief.' },
  ],
  EmbeddingRequest: [
    { model: 'fake', input: 'a text' },
    { model: 'fake', input: ['a', 'b'], encoding_format: 'base64', dimensions: 1 },
    { input: [[1, 2], [3]], user: 'u' },
    { content: 'a text', embd_normalize: -1 },
    { model: 'fake', input: [{ text: 'a text' }, { image: 'iVBORw0KGgo=' }, { type: 'text', text: 'b' }] },
    { input: { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } } },
  ],
  RerankRequest: [
    { model: 'fake', query: 'panda', documents: ['a panda', 'a bear'], top_n: 1 },
    { query: 'panda', documents: [{ text: 'a panda' }], return_documents: true, max_tokens_per_doc: 5 },
  ],
  TeiRerankRequest: [{ query: 'panda', texts: ['a panda', 'a bear'], raw_scores: true, return_text: true }],
  NativeCompletionRequest: [
    { prompt: 'Once upon a time', n_predict: 4 },
    {
      prompt: ['a', [98, 'c'], { prompt_string: 'd' }],
      stream: true,
      n_probs: 3,
      return_tokens: true,
      n_cmpl: 2,
    },
    {
      prompt: [72, 105],
      json_schema: schema,
      samplers: ['dry', 'top_k', 'temperature'],
      logit_bias: [
        [50, false],
        ['a', 1.5],
      ],
      ignore_eos: true,
      n_predict: 3,
      post_sampling_probs: true,
      n_probs: 1,
    },
    {
      prompt: 'x',
      grammar: 'root ::= "a" [b-c]* (d | "e")\nd ::= "f"?',
      lora: [],
      response_fields: ['content', 'timings/prompt_n'],
      t_max_predict_ms: 50,
      timings_per_token: true,
      cache_prompt: false,
      stop: ['x', ''],
      id_slot: 0,
      n_keep: 5,
    },
  ],
  InfillRequest: [
    { input_prefix: 'def f(', input_suffix: ')', n_predict: 3 },
    {
      input_prefix: ['a', 98],
      input_suffix: '',
      prompt: '  return ',
      input_extra: [{ filename: 'a.py', text: 'x = 1' }, { text: 'y' }],
      stream: true,
    },
  ],
  TokenizeRequest: [
    { content: 'Hello é🤗', add_special: true, with_pieces: true },
    { content: ['a', 98], parse_special: false },
  ],
  DetokenizeRequest: [{ tokens: [72, 105] }, { tokens: [] }],
  AdapterScales: [[], [{ id: 0, scale: 0.5 }], [{ id: 'a', scale: 1 }]],
  LoadAdapterRequest: [{ lora_name: 'a', lora_path: 'a.gguf', scale: 1 }],
  UnloadAdapterRequest: [{ lora_name: 'a' }],
  ModelControl: [{ model: 'fake' }],
  ProfileRequest: [{ seconds: 0.01 }, { seconds: 0.02, model: 'fake' }, {}],
  GuardUnlock: [{ caller: 'somebody' }],
  GuardCheck: [{ text: 'hello' }, { text: 'hello', role: 'tool', key: 'a', preset: 'strict' }],
  GuardReview: [
    { isAttack: true, text: 'hello', role: 'user', note: 'n' },
    { isAttack: false, record: 1 },
  ],
  JobRequest: [{ kind: 'doctor' }, { kind: 'tune', options: { rate: 2 } }],
  TuneApply: [{ knobs: { threads: 1, speculation: 'off' }, revision: 'r', dryRun: true }],
  KeyCreate: [{ name: 'a' }, { name: 'a', requestsPerMinute: 1, models: ['fake'] }],
  LintRequest: [{ files: [{ path: 'a.yaml', text: 'kind: Pod' }] }],
  ExplainRequest: [{ texts: [{ name: 'a.log', text: 'CUDA out of memory' }] }],
  RunReport: [{ path: 'report.html' }],
}
