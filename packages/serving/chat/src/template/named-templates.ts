/**
 * llama.cpp's named templates, for models without a template. Their output equals that of `llama_chat_apply_template`. They
 * support neither tools nor reasoning.
 */

/** Text before and after a message. */
type Around = readonly [before: string, after: string]

interface Turns {
  /** Absent if the template rejects system messages. */
  readonly system?: Around
  readonly user: Around
  /** Used instead of `user` directly after a system message. */
  readonly userAfterSystem?: Around
  readonly assistant: Around
  /** Start of the response. */
  readonly prompt?: string
  readonly begin?: string
  /** Trims white space around messages. */
  readonly trim?: true
}

const written = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`

function turns({ system, user, userAfterSystem, assistant, prompt = '', begin = '', trim }: Turns): string {
  const content = trim === true ? 'm.content | trim' : 'm.content'
  const message = ([before, after]: Around): string =>
    `{{ ${written(before)} }}{{ ${content} }}{{ ${written(after)} }}`
  const isFirst = `loop.index0 > 0 and messages[loop.index0 - 1].role == 'system'`
  const ofUser =
    userAfterSystem === undefined
      ? message(user)
      : `{% if ${isFirst} %}${message(userAfterSystem)}{% else %}${message(user)}{% endif %}`
  const ofSystem =
    system === undefined ? `{{ raise_exception('there is no place for a system message') }}` : message(system)
  return (
    `{{ ${written(begin)} }}{% for m in messages %}{% if m.role == 'system' %}${ofSystem}{% elif m.role == 'assistant' %}${message(assistant)}` +
    `{% else %}${ofUser}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ ${written(prompt)} }}{% endif %}`
  )
}

/** A template whose messages all start with the name of their role. */
function named(before: string, between: string, after: string, more: Partial<Turns> = {}): string {
  const around = (role: string): Around => [`${before}${role}${between}`, after]
  return turns({
    system: around('system'),
    user: around('user'),
    assistant: around('assistant'),
    prompt: `${before}assistant${between}`,
    ...more,
  })
}

const llama2: Turns = {
  system: ['[INST] <<SYS>>\n', '\n<</SYS>>\n\n'],
  user: ['[INST] ', ' [/INST]'],
  userAfterSystem: ['', ' [/INST]'],
  assistant: ['', '</s>'],
}

const exaone = turns({
  system: ['[|system|]', '[|endofturn|]\n'],
  user: ['[|user|]', '\n'],
  assistant: ['[|assistant|]', '[|endofturn|]\n'],
  prompt: '[|assistant|]',
  trim: true,
})
const granite = named('<|start_of_role|>', '<|end_of_role|>', '<|end_of_text|>\n')

export const chatMl: string = named('<|im_start|>', '\n', '<|im_end|>\n')

const templates: Readonly<Record<string, string>> = {
  chatml: chatMl,
  llama2: turns({ ...llama2, system: ['[INST] ', '\n'] }),
  'llama2-sys': turns(llama2),
  'llama2-sys-strip': turns({ ...llama2, trim: true }),
  llama3: named('<|start_header_id|>', '<|end_header_id|>\n\n', '<|eot_id|>', { trim: true }),
  llama4: named('<|header_start|>', '<|header_end|>\n\n', '<|eot|>', { trim: true }),
  'mistral-v1': turns({
    system: [' [INST] ', '\n\n'],
    user: [' [INST] ', ' [/INST]'],
    userAfterSystem: ['', ' [/INST]'],
    assistant: [' ', '</s>'],
  }),
  'mistral-v3-tekken': turns({
    system: ['[INST]', '\n\n'],
    user: ['[INST]', '[/INST]'],
    userAfterSystem: ['', '[/INST]'],
    assistant: ['', '</s>'],
  }),
  'mistral-v7': turns({
    system: ['[SYSTEM_PROMPT] ', '[/SYSTEM_PROMPT]'],
    user: ['[INST] ', '[/INST]'],
    assistant: [' ', '</s>'],
  }),
  'mistral-v7-tekken': turns({
    system: ['[SYSTEM_PROMPT]', '[/SYSTEM_PROMPT]'],
    user: ['[INST]', '[/INST]'],
    assistant: ['', '</s>'],
  }),
  phi3: named('<|', '|>\n', '<|end|>\n'),
  phi4: named('<|im_start|>', '<|im_sep|>', '<|im_end|>'),
  falcon3: named('<|', '|>\n', '\n'),
  zephyr: named('<|', '|>\n', '<|endoftext|>\n'),
  gemma: turns({
    user: ['<start_of_turn>user\n', '<end_of_turn>\n'],
    assistant: ['<start_of_turn>model\n', '<end_of_turn>\n'],
    prompt: '<start_of_turn>model\n',
    trim: true,
  }),
  openchat: turns({
    system: ['', '<|end_of_turn|>'],
    user: ['GPT4 Correct User: ', '<|end_of_turn|>'],
    assistant: ['GPT4 Correct Assistant: ', '<|end_of_turn|>'],
    prompt: 'GPT4 Correct Assistant:',
  }),
  vicuna: turns({
    system: ['', '\n\n'],
    user: ['USER: ', '\n'],
    assistant: ['ASSISTANT: ', '</s>\n'],
    prompt: 'ASSISTANT:',
  }),
  'vicuna-orca': turns({
    system: ['SYSTEM: ', '\n'],
    user: ['USER: ', '\n'],
    assistant: ['ASSISTANT: ', '</s>\n'],
    prompt: 'ASSISTANT:',
  }),
  deepseek: turns({
    system: ['', ''],
    user: ['### Instruction:\n', '\n'],
    assistant: ['### Response:\n', '\n<|EOT|>\n'],
    prompt: '### Response:\n',
  }),
  deepseek2: turns({
    system: ['', '\n\n'],
    user: ['User: ', '\n\n'],
    assistant: ['Assistant: ', '<｜end▁of▁sentence｜>'],
    prompt: 'Assistant:',
  }),
  deepseek3: turns({
    system: ['', '\n\n'],
    user: ['<｜User｜>', ''],
    assistant: ['<｜Assistant｜>', '<｜end▁of▁sentence｜>'],
    prompt: '<｜Assistant｜>',
  }),
  'command-r': turns({
    system: ['<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>', '<|END_OF_TURN_TOKEN|>'],
    user: ['<|START_OF_TURN_TOKEN|><|USER_TOKEN|>', '<|END_OF_TURN_TOKEN|>'],
    assistant: ['<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>', '<|END_OF_TURN_TOKEN|>'],
    prompt: '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>',
    trim: true,
  }),
  chatglm4: named('<|', '|>\n', '', { begin: '[gMASK]<sop>' }),
  glmedge: named('<|', '|>\n', '', { prompt: '<|assistant|>' }),
  'exaone-moe': named('<|', '|>\n', '<|endofturn|>\n', { trim: true }),
  exaone3: exaone,
  exaone4: exaone,
  granite,
  'granite-4.0': granite,
  'granite-4.1': granite,
  megrez: named('<|role_start|>', '<|role_end|>', '<|turn_end|>'),
  smolvlm: turns({
    begin: '<|im_start|>',
    system: ['', '\n\n'],
    user: ['User: ', '<end_of_utterance>\n'],
    assistant: ['Assistant: ', '<end_of_utterance>\n'],
    prompt: 'Assistant:',
  }),
  'gpt-oss': named('<|start|>', '<|message|>', '<|end|>', {
    assistant: ['<|start|>assistant<|message|>', '<|return|>'],
    prompt: '<|start|>assistant',
  }),
  'kimi-k2': turns({
    system: ['<|im_system|>system<|im_middle|>', '<|im_end|>'],
    user: ['<|im_user|>user<|im_middle|>', '<|im_end|>'],
    assistant: ['<|im_assistant|>assistant<|im_middle|>', '<|im_end|>'],
    prompt: '<|im_assistant|>assistant<|im_middle|>',
  }),
  'solar-open': named('<|begin|>', '<|content|>', '<|end|>', { prompt: '<|begin|>assistant' }),
}

/** The source of a named template, such as `chatml` or `llama3`; undefined if the name is unknown. */
export function namedTemplate(name: string): string | undefined {
  return Object.hasOwn(templates, name) ? templates[name] : undefined
}

export const templateNames: readonly string[] = Object.keys(templates)
